/* The processes below this one. From /proc where it is there; else by asking about each number. */
#include "supervisor.h"

enum { MOST_PROCESSES = 16384, LEAST_NUMBERS = 32768 };

struct process {
    pid_t pid, parent;
    unsigned long long started;
    char state;
};

static struct process processes[MOST_PROCESSES];
static int process_count;

static size_t read_small(const char *path, char *to, size_t size)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t got = file < 0 ? -1 : read(file, to, size - 1);
    if (file >= 0)
        close(file);
    to[got < 0 ? 0 : got] = 0;
    return got < 0 ? 0 : (size_t)got;
}

/* "12 (a name) S 1 ...": the name may hold anything, so fields count from its last bracket. */
static int read_process(pid_t pid, struct process *to)
{
    char path[64], text[1024], *at = 0;
    unsigned long long field;
    format(path, sizeof path, "/proc/%d/stat", pid);
    if (!read_small(path, text, sizeof text))
        return 0;
    for (char *each = text; *each; each++)
        if (*each == ')')
            at = each;
    if (!at || at[1] != ' ' || !at[2])
        return 0;
    to->pid = pid;
    to->state = at[2];
    at += 3;
    for (int number = 4; number <= 22 && *at == ' '; number++) {
        char *end = ++at;
        while (*end && *end != ' ')
            end++;
        char after = *end;
        *end = 0;
        if (number == 4)
            to->parent = to_number(at, 10, 1 << 30, &field) ? (pid_t)field : 0;
        if (number == 22)
            to->started = to_number(at, 10, ~0ULL, &field) ? field : 0;
        *end = after;
        at = end;
    }
    return 1;
}

/* The /proc of another namespace of processes would name strangers. */
static int has_proc(void)
{
    char link[32];
    unsigned long long pid;
    ssize_t size = readlinkat(AT_FDCWD, "/proc/self", link, sizeof link - 1);
    if (size <= 0)
        return 0;
    link[size] = 0;
    return to_number(link, 10, 1 << 30, &pid) && (pid_t)pid == getpid();
}

static void list_from_proc(void)
{
    char buffer[8192] __attribute__((aligned(8)));
    unsigned long long pid;
    long size;
    int folder = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (folder >= 0 && (size = read_directory(folder, buffer, sizeof buffer)) > 0)
        for (long at = 0; at < size; at += ((struct entry *)(buffer + at))->size)
            if (to_number(((struct entry *)(buffer + at))->name, 10, 1 << 30, &pid) && process_count < MOST_PROCESSES &&
                read_process((pid_t)pid, &processes[process_count]))
                process_count++;
    if (folder >= 0)
        close(folder);
}

/* A child that has ended is a child until it is waited for. */
static int is_child(pid_t pid)
{
    siginfo_t about;
    return pid > 1 && waitid(P_PID, (id_t)pid, &about, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* Children only: those below them come to us when their parents end. The kernel counts numbers up. */
static void list_by_number(void)
{
    pid_t newest = fork();
    if (newest == 0)
        _exit(0);
    if (newest > 0)
        waitpid(newest, 0, 0);
    for (pid_t pid = 2; pid <= (newest > LEAST_NUMBERS ? newest : LEAST_NUMBERS); pid++)
        if (pid != newest && is_child(pid) && process_count < MOST_PROCESSES)
            processes[process_count++] =
                (struct process){pid, getpid(), (unsigned long long)pid, is_alive(pid) ? 'S' : 'Z'};
}

static void list_processes(void)
{
    process_count = 0;
    if (has_proc())
        list_from_proc();
    else
        list_by_number();
}

/* Both lists are in the order of the numbers. */
static struct process *find(pid_t pid)
{
    int low = 0, high = process_count;
    while (low < high) {
        int middle = (low + high) / 2;
        if (processes[middle].pid < pid)
            low = middle + 1;
        else
            high = middle;
    }
    return low < process_count && processes[low].pid == pid ? &processes[low] : 0;
}

static int is_below(const struct process *process)
{
    pid_t self = getpid();
    for (int depth = 0; process && depth < 1024; depth++) {
        if (process->parent == self)
            return 1;
        process = find(process->parent);
    }
    return 0;
}

int is_descendant(pid_t pid)
{
    struct process one = {.parent = pid};
    for (int depth = 0; depth < 1024 && one.parent > 1; depth++) {
        if (is_child(one.parent))
            return 1;
        if (!has_proc() || !read_process(one.parent, &one))
            return 0;
    }
    return 0;
}

/* A zombie does not live, and a stranger's process with this number is not ours. */
int is_alive(pid_t pid)
{
    siginfo_t about;
    struct process one;
    memset(&about, 0, sizeof about);
    if (waitid(P_PID, (id_t)pid, &about, WEXITED | WNOHANG | WNOWAIT) == 0)
        return about.si_pid == 0;
    if (kill(pid, 0) < 0 && errno == ESRCH)
        return 0;
    return !has_proc() || (read_process(pid, &one) && one.state != 'Z' && one.state != 'X');
}

int has_children(void)
{
    siginfo_t about;
    return waitid(P_ALL, 0, &about, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static int runs(pid_t pid, const char *executable)
{
    char path[64], link[4096];
    format(path, sizeof path, "/proc/%d/exe", pid);
    ssize_t size = readlinkat(AT_FDCWD, path, link, sizeof link - 1);
    link[size < 0 ? 0 : size] = 0;
    return !strcmp(link, executable);
}

/* The oldest living child, of this executable if one is; 0 when there is none. */
pid_t oldest_child(const char *executable)
{
    const struct process *best = 0;
    int best_runs = 0;
    list_processes();
    for (int at = 0; at < process_count; at++) {
        const struct process *each = &processes[at];
        if (each->parent != getpid() || each->state == 'Z' || each->state == 'X')
            continue;
        int each_runs = executable && runs(each->pid, executable);
        if (!best || each_runs > best_runs ||
            (each_runs == best_runs &&
             (each->started < best->started || (each->started == best->started && each->pid < best->pid)))) {
            best = each;
            best_runs = each_runs;
        }
    }
    return best ? best->pid : 0;
}

/* Whether a process of this number and start was signalled before; remembers it. */
static int was_told(const struct process *process)
{
    static struct process told[MOST_PROCESSES];
    static int count;
    for (int at = 0; at < count; at++)
        if (told[at].pid == process->pid && told[at].started == process->started)
            return 1;
    if (count < MOST_PROCESSES)
        told[count++] = *process;
    return 0;
}

/* Each process gets a signal other than SIGKILL once, however often this is called: some end at once with the second.
 * SIGCONT follows, since a stopped process would not see the signal. Return 0 when one could not be signalled.
 */
int signal_descendants(int signal)
{
    int all = 1;
    list_processes();
    for (int at = 0; at < process_count; at++) {
        const struct process *each = &processes[at];
        if (each->state == 'Z' || !is_below(each) || (signal != SIGKILL && was_told(each)))
            continue;
        if (kill(each->pid, signal) < 0 && errno == EPERM)
            all = 0;
        else if (signal != SIGKILL)
            kill(each->pid, SIGCONT);
    }
    return all;
}

/* The number in the file if it is that of a living process below us; else 0. */
pid_t read_pid_file(const char *path)
{
    char text[64];
    struct stat facts;
    unsigned long long pid;
    char *start = text, *end;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    ssize_t got = file >= 0 && fstat(file, &facts) == 0 && S_ISREG(facts.st_mode) ? read(file, text, sizeof text - 1) : -1;
    if (file >= 0)
        close(file);
    text[got < 0 ? 0 : got] = 0;
    while (*start == ' ' || *start == '\t')
        start++;
    for (end = start; *end >= '0' && *end <= '9'; end++)
        ;
    *end = 0;
    if (!to_number(start, 10, 1 << 30, &pid) || pid < 2 || !is_descendant((pid_t)pid) || !is_alive((pid_t)pid))
        return 0;
    return (pid_t)pid;
}
