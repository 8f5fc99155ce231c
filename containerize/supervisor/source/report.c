/* Sentences for the container's log. */
#include "supervisor.h"

static int output = 2;

/* A descriptor apart: 2 may be a connection where a child has something to report. */
void open_report(void)
{
    int copy = fcntl(2, F_DUPFD_CLOEXEC, 250L);
    if (copy >= 0)
        output = copy;
}

static void write_line(const char *form, va_list values)
{
    char line[2048] = "brownfield: ";
    size_t size = strlen(line);
    size += format_list(line + size, sizeof line - size - 1, form, values);
    for (size_t at = 0; at < size; at++)
        if ((unsigned char)line[at] < ' ' || line[at] == 127)
            line[at] = '?';
    line[size++] = '\n';
    if (write(output, line, size) < 0)
        return; /* there is nowhere else to report it */
}

void report(const char *form, ...)
{
    va_list values;
    va_start(values, form);
    write_line(form, values);
    va_end(values);
}

void give_up(int status, const char *form, ...)
{
    va_list values;
    va_start(values, form);
    write_line(form, values);
    va_end(values);
    _exit(status);
}

/* Milliseconds of the clock that no one sets. */
long long now(void)
{
    struct timespec time = {0, 0};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

/* The status of a shell: 128 and the signal for a process that was killed. */
int exit_status(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* "slapd ended with status 1 after 0.4 s; it last logged: ..." */
void report_end(const char *name, int status, long long since)
{
    static const char *const names[] = {
        [SIGHUP] = "SIGHUP", [SIGINT] = "SIGINT", [SIGQUIT] = "SIGQUIT", [SIGILL] = "SIGILL", [SIGABRT] = "SIGABRT",
        [SIGBUS] = "SIGBUS", [SIGFPE] = "SIGFPE", [SIGKILL] = "SIGKILL", [SIGUSR1] = "SIGUSR1", [SIGSEGV] = "SIGSEGV",
        [SIGUSR2] = "SIGUSR2", [SIGPIPE] = "SIGPIPE", [SIGALRM] = "SIGALRM", [SIGTERM] = "SIGTERM", [SIGSYS] = "SIGSYS",
        [SIGXCPU] = "SIGXCPU", [SIGXFSZ] = "SIGXFSZ",
    };
    int tenths = (int)((now() - since + 50) / 100);
    const char *logged = status ? last_logged() : "";
    const char *quote = *logged ? "; it last logged: " : "";
    unsigned number = (unsigned)WTERMSIG(status);
    if (!WIFSIGNALED(status))
        report("%s ended with status %d after %f s%s%s", name, WEXITSTATUS(status), tenths, quote, logged);
    else if (number < sizeof names / sizeof *names && names[number])
        report("%s was ended by %s after %f s%s%s", name, names[number], tenths, quote, logged);
    else
        report("%s was ended by signal %d after %f s%s%s", name, (int)number, tenths, quote, logged);
}
