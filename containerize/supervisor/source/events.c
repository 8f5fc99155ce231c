/* One place that waits: for signals, ended children, notices, messages and traffic. */
#include "supervisor.h"

int stop_requested, main_ended, main_status, last_orphan_status;
pid_t main_process;
void (*on_child_end)(pid_t pid, int status);

static pid_t command_process;
static int command_ended, command_status;
static int signals = -1, main_fd = -1, main_is_polled;
static const struct service *watched_service;

/* Once in each process: a descriptor for signals reads those of the process that opened it. */
void prepare_events(const struct service *service)
{
    watched_service = service;
    stop_requested = main_ended = 0;
    main_process = 0;
    on_child_end = 0;
    if (signals >= 0)
        close(signals);
    signals = open_signals(~0ULL);
    if (signals < 0)
        give_up(STATUS_CANNOT_RUN, "cannot wait for signals: %s", error_text(errno));
}

/* Make this the main process: its end is the service's end, and it gets the signals of the container. */
void follow(pid_t pid)
{
    siginfo_t about;
    if (main_fd >= 0)
        close(main_fd);
    main_fd = -1;
    main_process = pid;
    main_ended = main_status = main_is_polled = 0;
    if (pid > 0 && waitid(P_PID, (id_t)pid, &about, WEXITED | WNOHANG | WNOWAIT) < 0) {
        main_fd = open_process(pid); /* the child of a child: its parent learns its status, not we */
        main_is_polled = main_fd < 0;
    }
}

static void reap(void)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        if (pid == command_process) {
            command_ended = 1;
            command_status = status;
        }
        if (on_child_end) {
            on_child_end(pid, status);
        } else if (pid == main_process) {
            main_ended = 1;
            main_status = status;
        } else if (pid != command_process) {
            last_orphan_status = status;
        }
    }
}

static void take_signals(void)
{
    struct signalfd_siginfo taken[16];
    ssize_t size = read(signals, taken, sizeof taken);
    for (ssize_t at = 0; at < size / (ssize_t)sizeof *taken; at++) {
        int signal = (int)taken[at].ssi_signo;
        if (signal == SIGTERM || signal == SIGINT)
            stop_requested = 1;
        else if (signal == SIGHUP || signal == SIGUSR1 || signal == SIGUSR2 || signal == SIGQUIT || signal == SIGWINCH)
            if (main_process > 0 && !main_ended)
                kill(main_process, signal);
    }
}

/* Wait for one event or until `deadline` (milliseconds of now(); below 0 is none). Marks which descriptors are ready. */
void step(long long deadline, struct awaited *awaited, int count)
{
    struct pollfd polled[4 + MOST_SOCKETS + MOST_SERVICES];
    long long left = deadline < 0 ? -1 : deadline - now();
    unsigned size = 4;
    polled[0] = (struct pollfd){signals, POLLIN, 0};
    polled[1] = (struct pollfd){notify_socket(), POLLIN, 0};
    polled[2] = (struct pollfd){system_log(), POLLIN, 0};
    polled[3] = (struct pollfd){main_ended ? -1 : main_fd, POLLIN, 0};
    for (int at = 0; at < count; at++)
        polled[size++] = (struct pollfd){awaited[at].fd, POLLIN, 0};
    if (deadline >= 0 && left < 0)
        left = 0;
    if (main_is_polled && !main_ended && (left < 0 || left > 500))
        left = 500;
    if (wait_for_events(polled, size, (long)left) < 0)
        for (unsigned at = 0; at < size; at++)
            polled[at].revents = 0;
    if (polled[1].revents)
        read_notify(watched_service->uid);
    if (polled[2].revents)
        read_system_log();
    if (polled[0].revents)
        take_signals();
    reap();
    if (!main_ended && main_process > 0 && (polled[3].revents || (main_is_polled && !is_alive(main_process))))
        main_ended = 1; /* with an unknown status, which counts as 0 */
    if (notified_main > 0 && notified_main != main_process && is_alive(notified_main))
        follow(notified_main);
    notified_main = 0;
    for (int at = 0; at < count; at++)
        awaited[at].ready = polled[4 + at].revents != 0;
}

/* The group first, since a command may be a script with children. */
static void end_command(pid_t pid)
{
    kill(-pid, SIGTERM);
    kill(-pid, SIGCONT);
    for (long long limit = now() + 3000; !command_ended && now() < limit;)
        step(limit, 0, 0);
    if (!command_ended)
        kill(-pid, SIGKILL);
    for (long long limit = now() + 3000; !command_ended && now() < limit;)
        step(limit, 0, 0);
}

/* Start the command and wait for its end. RAN_OUT or INTERRUPTED leave it running; else the status of a shell. */
int await_command(const struct command *command, const struct passing *passing, long seconds, int until_stop, pid_t *pid)
{
    long long deadline = seconds ? now() + seconds * 1000LL : -1;
    command_ended = 0;
    *pid = command_process = start_process(watched_service, command, passing);
    if (command_process < 0)
        return STATUS_CANNOT_RUN;
    while (!command_ended && !(until_stop && stop_requested) && (deadline < 0 || now() < deadline))
        step(deadline, 0, 0);
    if (command_ended) {
        command_process = 0;
        return exit_status(command_status);
    }
    return until_stop && stop_requested ? INTERRUPTED : RAN_OUT;
}

/* Run a command to its end, which is forced after `seconds` (0 is no limit) and, with `until_stop`, by a request to stop.
 * Return the status of a shell; a failure that does not matter to the caller is 0.
 */
int run_command(const struct command *command, const char *when, long seconds, int until_stop)
{
    pid_t pid;
    const struct passing passing = {.standard = -1, .main = main_ended ? 0 : main_process};
    int status = await_command(command, &passing, seconds, until_stop, &pid);
    if (status == RAN_OUT)
        report("%s: the command %s %s did not end within %d s; it is ended", watched_service->name, command->program, when,
               (int)seconds);
    if (status == RAN_OUT || status == INTERRUPTED) {
        end_command(pid);
        status = status == RAN_OUT ? 124 : 128 + SIGTERM;
    } else if (status) {
        report("%s: the command %s %s ended with status %d%s", watched_service->name, command->program, when, status,
               command->ignore_failure ? ", which is ignored" : "");
    }
    command_process = 0;
    return command->ignore_failure ? 0 : status;
}
