/* Directories and files by paths that others may have prepared.
 *
 * A path is walked component by component from the root. A symbolic link is followed only where none but root (or the
 * account of the supervisor) can have made it; so a service cannot lead its next start to a directory of others.
 */
#include "supervisor.h"

enum { MOST_LINKS = 40, DEEPEST = 32 };

static int is_trusted(int parent, const char *name)
{
    struct stat link, folder;
    if (fstatat(parent, name, &link, AT_SYMLINK_NOFOLLOW) < 0 || fstatat(parent, "", &folder, AT_EMPTY_PATH) < 0)
        return 0;
    int ours = link.st_uid == 0 || link.st_uid == geteuid();
    return ours && ((folder.st_mode & 022) == 0 || (folder.st_mode & S_ISVTX));
}

static int enter_component(int at, const char *name, int make)
{
    int next = openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (next >= 0 || errno != ENOENT || !make)
        return next;
    if (mkdirat(at, name, 0755) < 0 && errno != EEXIST)
        return -1;
    return openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* A descriptor (O_PATH) of the directory, or -1 with errno. With `make`, missing components are made: root's, 0755. */
int enter_directory(const char *path, int make)
{
    char rest[8192], link[4096], name[256];
    int links = 0;
    size_t at = 0;
    int folder = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    format(rest, sizeof rest, "%s", path);
    while (folder >= 0 && rest[at]) {
        size_t size = 0;
        while (rest[at] == '/')
            at++;
        for (; rest[at] && rest[at] != '/'; at++) {
            if (size == sizeof name - 1) {
                close(folder);
                errno = ENAMETOOLONG;
                return -1;
            }
            name[size++] = rest[at];
        }
        name[size] = 0;
        if (!size || !strcmp(name, "."))
            continue;
        int next = enter_component(folder, name, make);
        if (next < 0 && (errno == ENOTDIR || errno == ELOOP)) {
            int cause = errno;
            ssize_t length = readlinkat(folder, name, link, sizeof link - 1);
            if (length > 0 && (links++ >= MOST_LINKS || !is_trusted(folder, name)))
                cause = ELOOP;
            else if (length > 0 && (size_t)length + strlen(rest + at) < sizeof link) {
                link[length] = 0;
                char after[sizeof rest];
                format(after, sizeof after, "%s%s", link, rest + at);
                memcpy(rest, after, sizeof rest);
                at = 0;
                next = *link == '/' ? open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)
                                    : fcntl(folder, F_DUPFD_CLOEXEC, 0L);
            }
            if (next < 0)
                errno = cause;
        }
        int cause = errno;
        close(folder);
        errno = cause;
        folder = next;
    }
    return folder;
}

/* The directory that a file is in; `last` becomes the file's name. */
int enter_parent(const char *path, const char **last)
{
    char folder[4096];
    const char *slash = path;
    for (const char *at = path; *at; at++)
        if (*at == '/')
            slash = at;
    *last = slash + 1;
    if (!**last || !strcmp(*last, ".") || !strcmp(*last, "..") || (size_t)(slash - path) >= sizeof folder) {
        errno = EINVAL;
        return -1;
    }
    memcpy(folder, path, (size_t)(slash - path));
    folder[slash - path] = 0;
    return enter_directory(folder, 0);
}

/* Remove the file if it is of this kind (S_IFREG, S_IFSOCK); others stay, for their owner to complain. */
void remove_file(const char *path, mode_t kind)
{
    struct stat facts;
    const char *name;
    int folder = enter_parent(path, &name);
    if (folder < 0)
        return;
    if (fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 && (facts.st_mode & S_IFMT) == kind &&
        unlinkat(folder, name, 0) < 0)
        report("cannot remove %s of an earlier run: %s", path, error_text(errno));
    close(folder);
}


/* Remove what is in the directory. Links are removed, not followed; other file systems are left alone. */
static void empty(int folder, dev_t device, int depth)
{
    char buffer[4096] __attribute__((aligned(8)));
    long size;
    while (depth < DEEPEST && (size = read_directory(folder, buffer, sizeof buffer)) > 0) {
        for (long at = 0; at < size;) {
            struct entry *entry = (struct entry *)(buffer + at);
            at += entry->size;
            if (!strcmp(entry->name, ".") || !strcmp(entry->name, ".."))
                continue;
            if (unlinkat(folder, entry->name, 0) == 0 || (errno != EISDIR && errno != EPERM))
                continue;
            int below = openat(folder, entry->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            struct stat facts;
            if (below < 0)
                continue;
            if (fstat(below, &facts) == 0 && facts.st_dev == device)
                empty(below, device, depth + 1);
            close(below);
            unlinkat(folder, entry->name, AT_REMOVEDIR);
        }
    }
}

static void empty_directory(int folder, const struct stat *facts)
{
    struct stat above;
    int opened = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* A mount point is a volume, which may be shared: what is in it is not of an earlier run only. */
    if (opened >= 0 && fstatat(folder, "..", &above, 0) == 0 && above.st_dev == facts->st_dev)
        empty(opened, facts->st_dev, 0);
    if (opened >= 0)
        close(opened);
}

void make_directory(const struct service *service, const struct directory *wanted)
{
    const char *problem = 0;
    struct stat facts;
    int folder = enter_directory(wanted->path, 1);
    if (folder < 0 || fstatat(folder, "", &facts, AT_EMPTY_PATH) < 0) {
        report("%s: cannot make the directory %s: %s", service->name, wanted->path, error_text(errno));
        return;
    }
    if (wanted->emptied)
        empty_directory(folder, &facts);
    /* The mode first, while the directory is certainly ours; again if the change of owner has cleared bits. */
    if ((facts.st_mode & 07777) != wanted->mode && fchmodat(folder, ".", wanted->mode, 0) < 0)
        problem = error_text(errno);
    if ((facts.st_uid != wanted->uid || facts.st_gid != wanted->gid) &&
        fchownat(folder, "", wanted->uid, wanted->gid, AT_EMPTY_PATH) < 0)
        problem = error_text(errno);
    if (!problem && fstatat(folder, "", &facts, AT_EMPTY_PATH) == 0 && (facts.st_mode & 07777) != wanted->mode)
        fchmodat(folder, ".", wanted->mode, 0);
    if (problem)
        report("%s: cannot give the directory %s its owner or mode: %s", service->name, wanted->path, problem);
    close(folder);
}
