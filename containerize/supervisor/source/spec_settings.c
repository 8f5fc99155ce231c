/* The settings of the file of services: a table of their names, with the number of values and the function for each. */
#include "supervisor.h"

struct spec spec;
static struct service *current;
static int line_number;

static unsigned number(const char *word, unsigned long long most)
{
    unsigned long long value;
    if (!to_number(word, 10, most, &value))
        bad_line(line_number, "not a number in the range that is possible here", word);
    return (unsigned)value;
}

static unsigned octal(const char *word)
{
    unsigned long long value;
    if (!to_number(word, 8, 07777, &value))
        bad_line(line_number, "not a mode", word);
    return (unsigned)value;
}

static unsigned account(const char *word) { return number(word, 0xfffffffeULL); }

static char *absolute(char *word)
{
    if (*word != '/')
        bad_line(line_number, "not an absolute path", word);
    if (strlen(word) >= 4096)
        bad_line(line_number, "the path is too long", "");
    return word;
}

static int choice(const char *word, const char *const *names)
{
    for (int at = 0; names[at]; at++)
        if (!strcmp(word, names[at]))
            return at;
    bad_line(line_number, "unknown word", word);
}

static const char *const kinds[] = {"simple", "notify", "forking", "oneshot", 0};
static const char *const kill_modes[] = {"control-group", "mixed", "process", "none", 0};
static const char *const protocols[] = {"tcp", "udp", "unix-stream", "unix-dgram", "unix-seqpacket", 0};
static const char *const styles[] = {"listen-fds", "accept-fds", "inetd-wait", "inetd-nowait", 0};
static const char *const resources[] = {"cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile", "memlock", "as",
    "locks", "sigpending", "msgqueue", "nice", "rtprio", "rttime", 0};
static const char *const signals[] = {"", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE",
    "SIGKILL", "SIGUSR1", "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP",
    "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR",
    "SIGSYS", 0};

static void set_kind(int count, char **words) { (void)count, current->kind = (enum kind)choice(words[1], kinds); }
static void set_remain(int count, char **words) { (void)count, (void)words, current->remain_after_exit = 1; }
static void set_pid_file(int count, char **words) { (void)count, current->pid_file = absolute(words[1]); }
static void set_executable(int count, char **words) { (void)count, current->executable = absolute(words[1]); }
static void set_umask(int count, char **words) { (void)count, current->umask = octal(words[1]) & 0777; }
static void set_folder(int count, char **words) { (void)count, current->working_directory = absolute(words[1]); }
static void set_sigpipe(int count, char **words) { (void)count, (void)words, current->ignore_sigpipe = 1; }

static void set_kill_mode(int count, char **words)
{
    (void)count;
    current->kill_mode = (enum kill_mode)choice(words[1], kill_modes);
}

static void set_account(int count, char **words)
{
    current->uid = account(words[1]);
    current->gid = account(words[2]);
    if (count - 3 > MOST_GROUPS)
        bad_line(line_number, "too many groups", "");
    current->group_count = (unsigned)(count - 3);
    for (int at = 3; at < count; at++)
        current->groups[at - 3] = account(words[at]);
}

static void add_variable(struct variable **list, char *name, char *value)
{
    if (!*name || strchr(name, '='))
        bad_line(line_number, "not the name of a variable", name);
    struct variable *added = allocate(sizeof *added);
    *added = (struct variable){*list, name, value};
    *list = added;
}

static void add_environment(int count, char **words) { (void)count, add_variable(&current->environment, words[1], words[2]); }
static void add_secret(int count, char **words) { (void)count, add_variable(&current->secrets, words[1], 0); }
static void add_unset(int count, char **words) { (void)count, add_variable(&current->unset, words[1], 0); }

static rlim_t amount(const char *word)
{
    unsigned long long value;
    if (!strcmp(word, "infinity"))
        return RLIM_INFINITY;
    if (!to_number(word, 10, ~0ULL >> 1, &value))
        bad_line(line_number, "not a limit", word);
    return value;
}

static void add_limit(int count, char **words)
{
    (void)count;
    struct limit *added = allocate(sizeof *added);
    *added = (struct limit){current->limits, choice(words[1], resources), words[1], {amount(words[2]), amount(words[3])}};
    if (added->values.rlim_cur > added->values.rlim_max)
        bad_line(line_number, "the soft limit is above the hard limit", words[1]);
    current->limits = added;
}

static void set_nice(int count, char **words)
{
    (void)count;
    int negative = words[1][0] == '-';
    int value = (int)number(words[1] + negative, 20);
    current->nice = negative ? -value : value;
}

static void add_directory(int count, char **words)
{
    (void)count;
    struct directory *added = allocate(sizeof *added), **end = &current->directories;
    *added = (struct directory){0, absolute(words[1]), account(words[2]), account(words[3]), octal(words[4]),
                                *words[0] == 'e'};
    while (*end)
        end = &(*end)->next;
    *end = added;
}

static void add_socket(int count, char **words)
{
    struct passed_socket *added = allocate(sizeof *added), **end = &current->sockets;
    int before = 0;
    memset(added, 0, sizeof *added);
    added->fd = -1;
    added->protocol = (enum protocol)choice(words[1], protocols);
    if (count != (added->protocol <= UDP ? 6 : 7))
        bad_line(line_number, "a socket has other values", "");
    added->name = words[count - 1];
    if (added->protocol <= UDP) {
        added->address = words[2];
        added->port = number(words[3], 65535);
        added->ipv6_only = (int)number(words[4], 1);
    } else {
        added->path = *words[2] == '@' && words[2][1] ? words[2] : absolute(words[2]);
        if (strlen(added->path) >= sizeof((struct sockaddr_un *)0)->sun_path)
            bad_line(line_number, "the socket's path is too long", added->path);
        added->mode = octal(words[3]);
        added->uid = account(words[4]);
        added->gid = account(words[5]);
    }
    for (; *end; end = &(*end)->next)
        before++;
    if (before == MOST_SOCKETS)
        bad_line(line_number, "too many sockets", "");
    *end = added;
}

static void set_passing(int count, char **words)
{
    (void)count;
    current->style = (enum style)choice(words[1], styles);
    current->instances = number(words[2], MOST_INSTANCES);
    current->instances_per_second = number(words[3], 1000000);
    if (!current->instances || !current->instances_per_second)
        bad_line(line_number, "no instance could ever start", "");
}

static unsigned long long capabilities(int count, char **words)
{
    unsigned long long set = 0;
    for (int at = 1; at < count; at++)
        set |= 1ULL << number(words[at], 63);
    return set;
}

static void set_ambient(int count, char **words) { current->ambient = capabilities(count, words); }

static void set_bounding(int count, char **words)
{
    current->has_bounding = 1;
    current->bounding = capabilities(count, words);
}

static void set_stop_signal(int count, char **words)
{
    (void)count;
    if (strncmp(words[1], "SIGRTMIN+", 9)) {
        current->stop_signal = choice(words[1], signals);
        if (current->stop_signal == 0)
            bad_line(line_number, "unknown signal", "");
    } else {
        current->stop_signal = 34 + (int)number(words[1] + 9, 30); /* as the GNU C library counts */
    }
}

static void set_seconds(int count, char **words)
{
    (void)count;
    current->start_seconds = number(words[1], 1000000);
    current->stop_seconds = number(words[2], 1000000);
}

static void add_command(int count, char **words)
{
    struct command *added = allocate(sizeof *added), **end;
    int at = 1;
    *added = (struct command){0, 0, 0, 0, 0};
    for (; at < count && strcmp(words[at], "run"); at++) {
        if (!strcmp(words[at], "ignore-failure"))
            added->ignore_failure = 1;
        else if (!strcmp(words[at], "as-root"))
            added->as_root = 1;
        else
            bad_line(line_number, "unknown word", words[at]);
    }
    if (count - at < 3)
        bad_line(line_number, "a command needs the word run, a program and its name", "");
    added->program = absolute(words[at + 1]);
    added->arguments = allocate(sizeof(char *) * (size_t)(count - at - 1));
    memcpy(added->arguments, words + at + 2, sizeof(char *) * (size_t)(count - at - 1)); /* with the null at the end */
    if (!strcmp(words[0], "pre"))
        end = &current->pre;
    else if (!strcmp(words[0], "start"))
        end = &current->start;
    else if (!strcmp(words[0], "post"))
        end = &current->post;
    else
        end = strcmp(words[0], "stop") ? &current->post_stop : &current->stop;
    while (*end)
        end = &(*end)->next;
    *end = added;
}

static void begin_service(int count, char **words)
{
    (void)count;
    if (spec.count == MOST_SERVICES)
        bad_line(line_number, "too many services", words[1]);
    current = &spec.services[spec.count++];
    current->name = words[1];
    current->working_directory = "/";
    current->umask = 022;
    current->stop_signal = SIGTERM;
    current->start_seconds = current->stop_seconds = 90;
    current->instances = 64;
    current->instances_per_second = 200;
}

static void set_system_log(int count, char **words) { (void)count, (void)words, spec.system_log = 1; }

static const struct {
    const char *name;
    int least, most; /* values */
    void (*apply)(int count, char **words);
} settings[] = {
    {"system-log", 0, 0, set_system_log},
    {"service", 1, 1, begin_service},
    {"kind", 1, 1, set_kind},
    {"remain-after-exit", 0, 0, set_remain},
    {"pid-file", 1, 1, set_pid_file},
    {"executable", 1, 1, set_executable},
    {"account", 2, MOST_WORDS, set_account},
    {"umask", 1, 1, set_umask},
    {"working-directory", 1, 1, set_folder},
    {"environment", 2, 2, add_environment},
    {"secret", 1, 1, add_secret},
    {"unset", 1, 1, add_unset},
    {"limit", 3, 3, add_limit},
    {"nice", 1, 1, set_nice},
    {"ignore-sigpipe", 0, 0, set_sigpipe},
    {"directory", 4, 4, add_directory},
    {"emptied-directory", 4, 4, add_directory},
    {"socket", 5, 6, add_socket},
    {"pass", 3, 3, set_passing},
    {"ambient", 1, 64, set_ambient},
    {"bounding", 0, 64, set_bounding},
    {"stop-signal", 1, 1, set_stop_signal},
    {"kill-mode", 1, 1, set_kill_mode},
    {"seconds", 2, 2, set_seconds},
    {"pre", 3, MOST_WORDS, add_command},
    {"start", 3, MOST_WORDS, add_command},
    {"post", 3, MOST_WORDS, add_command},
    {"stop", 3, MOST_WORDS, add_command},
    {"post-stop", 3, MOST_WORDS, add_command},
};

void apply_setting(int line, int count, char **words)
{
    line_number = line;
    for (size_t at = 0; at < sizeof settings / sizeof *settings; at++) {
        if (strcmp(words[0], settings[at].name))
            continue;
        if (count - 1 < settings[at].least || count - 1 > settings[at].most)
            bad_line(line, "wrong number of values for", words[0]);
        if (at > 1 && !current)
            bad_line(line, "a setting before the first service", words[0]);
        settings[at].apply(count, words);
        return;
    }
    bad_line(line, "unknown setting", words[0]);
}

void check_services(void)
{
    if (!spec.count)
        give_up(STATUS_BROKEN_SPEC, "the file of services names no service");
    for (int at = 0; at < spec.count; at++) {
        const struct service *service = &spec.services[at];
        if (!service->start || (service->start->next && service->kind != ONESHOT))
            give_up(STATUS_BROKEN_SPEC, "%s needs one start command in the file of services", service->name);
        if (service->style != LISTEN_FDS && !service->sockets)
            give_up(STATUS_BROKEN_SPEC, "%s has no socket in the file of services", service->name);
        for (const struct passed_socket *each = service->sockets; each; each = each->next)
            if ((service->style == ACCEPT_FDS || service->style == INETD_NOWAIT) &&
                (each->protocol == UDP || each->protocol == UNIX_DGRAM))
                give_up(STATUS_BROKEN_SPEC, "%s cannot accept connections from datagrams", service->name);
    }
}
