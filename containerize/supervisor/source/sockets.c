/* The sockets that services are given, opened before their first command. */
#include "supervisor.h"

static _Noreturn void cannot_open(const struct service *service, const struct passed_socket *wanted)
{
    const char *error = error_text(errno);
    if (wanted->protocol <= UDP)
        give_up(STATUS_CANNOT_RUN, "%s: cannot open port %d of the address %s: %s", service->name, (int)wanted->port,
                wanted->address, error);
    give_up(STATUS_CANNOT_RUN, "%s: cannot open the socket %s: %s", service->name, wanted->path, error);
}

static void set_option(int fd, int level, int name, int value) { setsockopt(fd, level, name, &value, sizeof value); }

static int is_ipv4(const char *text, unsigned char *to)
{
    for (int part = 0; part < 4; part++) {
        unsigned value = 0;
        int digits = 0;
        for (; *text >= '0' && *text <= '9' && digits < 3; text++, digits++)
            value = value * 10 + (unsigned)(*text - '0');
        if (!digits || value > 255 || (part < 3 ? *text++ != '.' : *text))
            return 0;
        to[part] = (unsigned char)value;
    }
    return 1;
}

/* Eight groups of hexadecimal digits, with at most one "::"; no zone, no IPv4 tail. */
static int is_ipv6(const char *text, unsigned char *to)
{
    unsigned short groups[8];
    int count = 0, gap = -1;
    if (text[0] == ':' && text[1] == ':')
        gap = 0, text += 2;
    while (*text) {
        unsigned value = 0;
        int digits = 0;
        for (; digits < 4; text++, digits++) {
            char letter = (char)(*text >= 'A' && *text <= 'F' ? *text + 32 : *text);
            if (letter >= '0' && letter <= '9')
                value = value * 16 + (unsigned)(letter - '0');
            else if (letter >= 'a' && letter <= 'f')
                value = value * 16 + (unsigned)(letter - 'a' + 10);
            else
                break;
        }
        if (!digits || count == 8)
            return 0;
        groups[count++] = (unsigned short)value;
        if (!*text)
            break;
        if (*text++ != ':')
            return 0;
        if (*text == ':') {
            if (gap >= 0)
                return 0;
            gap = count, text++;
        } else if (!*text) {
            return 0;
        }
    }
    if (gap < 0 ? count != 8 : count > 7)
        return 0;
    memset(to, 0, 16);
    for (int at = 0; at < count; at++) {
        int place = gap >= 0 && at >= gap ? 8 - count + at : at;
        to[place * 2] = (unsigned char)(groups[at] >> 8);
        to[place * 2 + 1] = (unsigned char)groups[at];
    }
    return 1;
}

static void open_internet(const struct service *service, struct passed_socket *wanted)
{
    int type = (wanted->protocol == TCP ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC;
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons((unsigned short)wanted->port)};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((unsigned short)wanted->port)};
    int fd = -1;
    if (is_ipv6(wanted->address, (unsigned char *)&six.sin6_addr)) {
        fd = socket(AF_INET6, type, 0);
        if (fd >= 0) {
            set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, wanted->ipv6_only);
            set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
            if (bind(fd, (struct sockaddr *)&six, sizeof six) < 0) {
                int cause = errno;
                close(fd);
                fd = -1;
                errno = cause;
            }
        }
        /* "::" stands for all addresses; a container without IPv6 has only the others. */
        if (fd >= 0 || strcmp(wanted->address, "::") || wanted->ipv6_only ||
            (errno != EAFNOSUPPORT && errno != EADDRNOTAVAIL)) {
            wanted->fd = fd;
            return;
        }
    } else if (!is_ipv4(wanted->address, (unsigned char *)&four.sin_addr)) {
        give_up(STATUS_BROKEN_SPEC, "%s: %s is not an address", service->name, wanted->address);
    }
    fd = socket(AF_INET, type, 0);
    set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&four, sizeof four) < 0) {
        int cause = errno;
        close(fd);
        fd = -1;
        errno = cause;
    }
    wanted->fd = fd;
}

/* Bound by its name in its directory, so that no link of others leads elsewhere; its mode is right from the first moment. */
static void open_unix(const struct service *service, struct passed_socket *wanted)
{
    static const int types[] = {[UNIX_STREAM] = SOCK_STREAM, [UNIX_DGRAM] = SOCK_DGRAM, [UNIX_SEQPACKET] = SOCK_SEQPACKET};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *name = wanted->path;
    int fd = socket(AF_UNIX, types[wanted->protocol] | SOCK_CLOEXEC, 0);
    int folder = -1;
    if (*wanted->path == '@') {
        memcpy(address.sun_path + 1, name + 1, strlen(name) - 1);
    } else {
        remove_file(wanted->path, S_IFSOCK);
        folder = enter_parent(wanted->path, &name);
        if (folder < 0 || fchdir(folder) < 0)
            cannot_open(service, wanted);
        memcpy(address.sun_path, name, strlen(name));
    }
    umask(~wanted->mode & 0777);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))) < 0)
        cannot_open(service, wanted);
    umask(0);
    if (folder >= 0) {
        if ((wanted->uid != geteuid() || wanted->gid != getegid()) &&
            fchownat(folder, name, wanted->uid, wanted->gid, AT_SYMLINK_NOFOLLOW) < 0)
            report("%s: cannot give the socket %s its owner: %s", service->name, wanted->path, error_text(errno));
        close(folder);
        if (chdir("/") < 0)
            cannot_open(service, wanted);
    }
    wanted->fd = fd;
}

void open_sockets(struct service *service)
{
    for (struct passed_socket *each = service->sockets; each; each = each->next) {
        if (each->protocol <= UDP)
            open_internet(service, each);
        else
            open_unix(service, each);
        int listens = each->protocol != UDP && each->protocol != UNIX_DGRAM;
        if (each->fd < 0 || (listens && listen(each->fd, 4096) < 0))
            cannot_open(service, each);
        /* Another process may take a connection between the event and accept4. */
        if (service->style == ACCEPT_FDS || service->style == INETD_NOWAIT)
            fcntl(each->fd, F_SETFL, (long)O_NONBLOCK);
    }
}
