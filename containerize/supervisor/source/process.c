/* The start of one process: what it inherits, its limits, its account, and the program. */
#include "supervisor.h"
#include <linux/capability.h>

enum { PARKED = 300 };

static const char *value_of(char **variables, const char *name)
{
    size_t size = strlen(name);
    for (; *variables; variables++)
        if (!strncmp(*variables, name, size) && (*variables)[size] == '=')
            return *variables + size + 1;
    return 0;
}

static int is_named(const struct variable *list, const char *variable)
{
    for (; list; list = list->next) {
        size_t size = strlen(list->name);
        if (!strncmp(variable, list->name, size) && variable[size] == '=')
            return 1;
    }
    return 0;
}

/* A secret is for the services that name it; the others of this container do not get it. */
static int is_for(const struct service *service, const char *variable)
{
    if (is_named(service->unset, variable) || is_named(service->environment, variable))
        return 0;
    if (is_named(service->secrets, variable))
        return 1;
    for (int at = 0; at < spec.count; at++)
        if (is_named(spec.services[at].secrets, variable))
            return 0;
    return 1;
}

static char **environment_of(const struct service *service, const struct passing *passing)
{
    size_t count = 8;
    char digits[24], **made, **next;
    for (char **each = environ; *each; each++)
        count++;
    for (const struct variable *each = service->environment; each; each = each->next)
        count++;
    made = next = allocate(count * sizeof *made);
    for (char **each = environ; *each; each++)
        if (is_for(service, *each))
            *next++ = *each;
    for (const struct variable *each = service->environment; each; each = each->next) {
        *next = 0;
        if (!value_of(made, each->name))
            *next++ = join(each->name, "=", each->value);
    }
    if (passing->count) {
        format(digits, sizeof digits, "%d", passing->count);
        *next++ = join("LISTEN_FDS=", digits, "");
        format(digits, sizeof digits, "%d", getpid());
        *next++ = join("LISTEN_PID=", digits, "");
        *next++ = join("LISTEN_FDNAMES=", passing->names, "");
    }
    if (service->kind == NOTIFY)
        *next++ = join("NOTIFY_SOCKET=", notify_address(), "");
    if (passing->main > 0) {
        format(digits, sizeof digits, "%d", passing->main);
        *next++ = join("MAINPID=", digits, "");
    }
    if (passing->remote_address) {
        *next++ = join("REMOTE_ADDR=", passing->remote_address, "");
        *next++ = join("REMOTE_PORT=", passing->remote_port, "");
    }
    *next = 0;
    return made;
}

/* $MAINPID as a word, ${MAINPID} anywhere. */
static char *with_main(char *word, pid_t main)
{
    char digits[24];
    format(digits, sizeof digits, "%d", main);
    if (!strcmp(word, "$MAINPID"))
        return join(digits, "", "");
    for (char *at = word; *at; at++)
        if (!strncmp(at, "${MAINPID}", 10)) {
            char *before = join(word, "", "");
            before[at - word] = 0;
            return join(before, digits, with_main(at + 10, main));
        }
    return word;
}

static void set_limits(const struct service *service, int quiet)
{
    for (const struct limit *each = service->limits; each; each = each->next) {
        struct rlimit present, wanted = each->values;
        if (setrlimit(each->resource, &wanted) == 0 || getrlimit(each->resource, &present) < 0)
            continue;
        if (wanted.rlim_max > present.rlim_max)
            wanted.rlim_max = present.rlim_max;
        if (wanted.rlim_cur > wanted.rlim_max)
            wanted.rlim_cur = wanted.rlim_max;
        char asked[24] = "no limit", given[24];
        if (each->values.rlim_cur != RLIM_INFINITY)
            format_number(asked, each->values.rlim_cur);
        format_number(given, wanted.rlim_cur);
        if (setrlimit(each->resource, &wanted) < 0 && !quiet)
            report("%s: cannot set the limit %s to %s", service->name, each->name, asked);
        else if (wanted.rlim_cur != each->values.rlim_cur && !quiet)
            report("%s: the limit %s is %s and not %s: the container may not raise it", service->name, each->name, given,
                   asked);
    }
    if (service->nice && set_priority(service->nice) < 0 && !quiet)
        report("%s: cannot set the priority %d: %s", service->name, service->nice, error_text(errno));
}

struct sets {
    struct __user_cap_header_struct header;
    struct __user_cap_data_struct data[2];
};

static void drop_bounding(const struct service *service, int quiet)
{
    int failed = 0;
    for (unsigned long capability = 0; capability < 64 && service->has_bounding; capability++) {
        int held = prctl(PR_CAPBSET_READ, capability, 0UL);
        if (held < 0)
            break; /* the kernel knows no more */
        if (!(service->bounding >> capability & 1) && held && prctl(PR_CAPBSET_DROP, capability, 0UL) < 0)
            failed = 1;
    }
    if (failed && !quiet)
        report("%s: cannot drop capabilities that the service did not have (needs SETPCAP)", service->name);
}

static void raise_ambient(const struct service *service, int quiet)
{
    struct sets sets = {.header = {_LINUX_CAPABILITY_VERSION_3, 0}};
    if (!service->ambient || get_capabilities(&sets.header, sets.data) < 0)
        return;
    for (unsigned capability = 0; capability < 64; capability++) {
        unsigned word = capability / 32, bit = 1U << capability % 32;
        if (!(service->ambient >> capability & 1))
            continue;
        int permitted = (sets.data[word].permitted & bit) != 0;
        sets.data[word].effective |= permitted ? bit : 0;
        sets.data[word].inheritable |= permitted ? bit : 0;
        if (!permitted || set_capabilities(&sets.header, sets.data) < 0 ||
            prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, (unsigned long)capability) < 0) {
            sets.data[word].inheritable &= ~bit;
            if (!quiet)
                report("%s: cannot give the service capability %d, which this container lacks", service->name, (int)capability);
        }
    }
}

/* Never run as root what had another account. A supervisor that is not root stays who it is: the engine chose. */
static void apply_account(const struct service *service, int quiet)
{
    drop_bounding(service, quiet);
    if (geteuid() != 0) {
        if ((service->uid != geteuid() || service->gid != getegid()) && !quiet)
            report("%s: runs as %d:%d, as which the container was started, not as %d:%d", service->name, (int)geteuid(),
                   (int)getegid(), (int)service->uid, (int)service->gid);
    } else {
        int keeps = service->uid != 0 && service->ambient;
        /* What runs as root loses nothing by root's groups; others must not have them. */
        int needed = service->group_count || (service->uid != 0 && getgroups(0, 0) > 0);
        if (setgroups(service->group_count, service->groups) < 0 && needed)
            give_up(STATUS_BROKEN_SPEC, "%s: cannot set its groups: %s (needs SETGID)", service->name, error_text(errno));
        if ((getegid() != service->gid || service->gid) && setresgid(service->gid, service->gid, service->gid) < 0)
            give_up(STATUS_BROKEN_SPEC, "%s: cannot change to group %d: %s (needs SETGID)", service->name,
                    (int)service->gid, error_text(errno));
        if (keeps)
            prctl(PR_SET_KEEPCAPS, 1UL, 0UL);
        if (service->uid != 0 && setresuid(service->uid, service->uid, service->uid) < 0)
            give_up(STATUS_BROKEN_SPEC, "%s: cannot change to user %d: %s (needs SETUID)", service->name,
                    (int)service->uid, error_text(errno));
    }
    raise_ambient(service, quiet);
}

/* Descriptors 0 to 2 and those passed; all others close by themselves. */
static void place_descriptors(const struct passing *passing)
{
    int parked[MOST_SOCKETS];
    int input = passing->standard >= 0 ? passing->standard : open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int at = 0; at < passing->count; at++)
        parked[at] = fcntl(passing->fds[at], F_DUPFD_CLOEXEC, (long)PARKED);
    if (input > 0)
        dup3(input, 0, 0);
    if (passing->standard >= 0 && passing->both_ways) {
        dup3(0, 1, 0);
        dup3(0, 2, 0);
    }
    for (int at = 0; at < passing->count; at++)
        dup3(parked[at], FIRST_PASSED + at, 0);
}

static void reset_signals(const struct service *service)
{
    for (int signal = 1; signal <= 64; signal++)
        set_disposition(signal, signal == SIGPIPE && service->ignore_sigpipe);
    block_signals(0);
}

static _Noreturn void become(const struct service *service, const struct command *command, const struct passing *passing)
{
    char **arguments = command->arguments;
    setsid();
    place_descriptors(passing);
    umask(service->umask);
    set_limits(service, passing->quiet);
    char **variables = environment_of(service, passing);
    for (const struct variable *each = service->secrets; each; each = each->next)
        if (!value_of(variables, each->name))
            give_up(STATUS_BROKEN_SPEC, "%s needs the variable %s, which the container was not given", service->name,
                    each->name);
    if (passing->main > 0) {
        size_t count = 0;
        while (arguments[count])
            count++;
        char **filled = allocate((count + 1) * sizeof *filled);
        for (size_t at = 0; at < count; at++)
            filled[at] = with_main(arguments[at], passing->main);
        filled[count] = 0;
        arguments = filled;
    }
    if (!command->as_root)
        apply_account(service, passing->quiet);
    if (chdir(service->working_directory) < 0)
        give_up(STATUS_CANNOT_RUN, "%s: cannot enter the working directory %s: %s", service->name,
                service->working_directory, error_text(errno));
    reset_signals(service);
    execve(command->program, arguments, variables);
    int cause = errno;
    struct stat facts;
    const char *error = cause == ENOENT && fstatat(AT_FDCWD, command->program, &facts, 0) == 0
                            ? "the loader or interpreter that it names is not in the image"
                            : error_text(cause);
    give_up(cause == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN, "%s: cannot run %s: %s", service->name, command->program,
            error);
}

pid_t start_process(const struct service *service, const struct command *command, const struct passing *passing)
{
    pid_t pid = fork();
    if (pid == 0)
        become(service, command, passing);
    if (pid < 0)
        report("%s: cannot start a process: %s", service->name, error_text(errno));
    return pid;
}
