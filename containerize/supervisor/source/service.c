/* The life of one service: what it needs, its start, and its end. */
#include "supervisor.h"

enum { TAKE_OVER = 1000, SETTLING = 3000, MOST_QUICK = 5 };

static int is_following(void) { return main_process > 0 && !main_ended; }

/* The oldest process that is left, when one is. A list of processes is no moment's picture: one that forked meanwhile can
 * be seen as a zombie whose child is not in the list yet.
 */
static int follow_what_is_left(const struct service *service)
{
    for (long long limit = now() + SETTLING; !stop_requested; step(now() + 10, 0, 0)) {
        pid_t pid = oldest_child(service->executable);
        if (pid > 0)
            follow(pid);
        if (pid > 0 || !has_children() || now() >= limit)
            return pid > 0;
    }
    return 0;
}

/* All sockets of the service, for its start command. */
static struct passing sockets_of(const struct service *service)
{
    static int fds[MOST_SOCKETS];
    static char names[2048];
    int count = 0;
    size_t size = 0;
    for (const struct passed_socket *each = service->sockets; each; each = each->next) {
        fds[count++] = each->fd;
        size += format(names + size, sizeof names - size, "%s%s", size ? ":" : "", each->name);
    }
    return (struct passing){.fds = fds, .count = count, .standard = -1, .names = names};
}

static int start_forking(const struct service *service)
{
    pid_t pid;
    const struct passing passing = sockets_of(service);
    int status = await_command(service->start, &passing, service->start_seconds, 1, &pid);
    long wait = service->start_seconds ? service->start_seconds : 90;
    long long deadline = now() + wait * 1000LL;
    if (status == INTERRUPTED)
        return 0;
    if (status == RAN_OUT) {
        report("%s: the start command did not end within %d s; it is taken for the main process", service->name,
               (int)service->start_seconds);
        follow(pid);
        return 0;
    }
    if (status) {
        report("%s: the start command ended with status %d", service->name, status);
        return service->start->ignore_failure ? 0 : status;
    }
    for (long pause = 10; service->pid_file && has_children() && !stop_requested; pause = pause < 200 ? pause * 2 : pause) {
        if ((pid = read_pid_file(service->pid_file)) > 0) {
            follow(pid);
            return 0;
        }
        if (now() >= deadline) {
            report("%s: %s named no process of the service within %d s; the oldest one is followed", service->name,
                   service->pid_file, (int)wait);
            break;
        }
        step(now() + pause, 0, 0);
    }
    if (stop_requested || follow_what_is_left(service))
        return 0;
    status = exit_status(last_orphan_status);
    report("%s: the start command ended with status 0 and left no process running%s", service->name,
           status ? "; the one that it had started failed" : "");
    return status ? status : 1;
}

static int start_notifying(const struct service *service)
{
    long long deadline = service->start_seconds ? now() + service->start_seconds * 1000LL : -1;
    while (!notified_ready && !stop_requested && (deadline < 0 || now() < deadline)) {
        if (main_ended && (exit_status(main_status) || !follow_what_is_left(service))) {
            report("%s: the main process ended before it was ready", service->name);
            return exit_status(main_status) ? exit_status(main_status) : 1;
        }
        step(deadline, 0, 0);
    }
    if (!notified_ready && !stop_requested)
        report("%s: not ready within %d s; it is watched all the same", service->name, (int)service->start_seconds);
    return 0;
}

static int start_main(const struct service *service)
{
    const struct passing passing = sockets_of(service);
    notified_ready = 0;
    pid_t pid = start_process(service, service->start, &passing);
    if (pid < 0)
        return STATUS_CANNOT_RUN;
    follow(pid);
    return service->kind == NOTIFY ? start_notifying(service) : 0;
}

static int run_commands(const struct command *first, const char *when, long seconds)
{
    int status = 0;
    for (; first && !status && !stop_requested; first = first->next)
        status = run_command(first, when, seconds, 1);
    return status;
}

/* Return 0 when the service runs (or a stop was requested), or the status to end with. */
static int start_service(const struct service *service)
{
    int status = run_commands(service->pre, "before the start", service->start_seconds);
    last_orphan_status = 0;
    if (status || stop_requested)
        return status;
    if (service->kind == FORKING)
        status = start_forking(service);
    else if (service->kind == ONESHOT)
        status = run_commands(service->start, "of the start", service->start_seconds);
    else
        status = start_main(service);
    if (!status && service->kind == ONESHOT && service->remain_after_exit)
        follow_what_is_left(service);
    return status ? status : run_commands(service->post, "after the start", service->start_seconds);
}

/* A process that takes over may be a moment late to write its number. */
static int follow_pid_file(const struct service *service)
{
    for (long long limit = now() + TAKE_OVER; !stop_requested; step(now() + 100, 0, 0)) {
        pid_t pid = read_pid_file(service->pid_file);
        if (pid > 0)
            follow(pid);
        if (pid > 0 || now() >= limit || !has_children())
            return pid > 0;
    }
    return 0;
}

/* Until a stop is requested or the main process has ended and no other took its place. */
static void watch_service(const struct service *service)
{
    for (;;) {
        if (service->kind == ONESHOT && !main_process && !service->remain_after_exit)
            return;
        while (!stop_requested && (is_following() || !main_process))
            step(-1, 0, 0);
        if (stop_requested)
            return;
        if (service->pid_file ? !follow_pid_file(service)
                              : service->kind == SIMPLE || exit_status(main_status) || !follow_what_is_left(service))
            return;
    }
}

static void await_traffic(const struct service *service)
{
    struct awaited awaited[MOST_SOCKETS];
    int count = 0, ready = 0;
    for (const struct passed_socket *each = service->sockets; each; each = each->next)
        awaited[count++] = (struct awaited){each->fd, 0};
    while (!stop_requested && !ready) {
        step(-1, awaited, count);
        for (int at = 0; at < count; at++)
            ready |= awaited[at].ready;
    }
}

/* Once, or with sockets as often as traffic comes after the service has ended with status 0. */
static int live(const struct service *service, int ready)
{
    long long since = now();
    for (int quick = 0;;) {
        main_process = main_status = 0;
        int status = start_service(service), started = !status && !stop_requested;
        if (started && ready >= 0 && write(ready, "r", 1) > 0)
            ready = -1;
        if (started)
            watch_service(service);
        int stopped = stop_requested;
        stop_service(service, started);
        if (!status && main_process)
            status = main_status;
        else
            status <<= 8; /* as waitpid returns it */
        if (stopped || stop_requested || status || !service->sockets) {
            if (main_process || status)
                report_end(service->name, status, since);
            return exit_status(status);
        }
        quick = now() - since < 1000 ? quick + 1 : 0;
        if (quick == MOST_QUICK) {
            report("%s ended five times within a second of its start, although traffic waits for it", service->name);
            return 1;
        }
        await_traffic(service);
        since = now();
    }
}

/* Return the status of the container. `ready` is a descriptor to write to once the service runs, or -1. */
int run_service(struct service *service, int ready)
{
    for (const struct directory *each = service->directories; each; each = each->next)
        make_directory(service, each);
    if (service->pid_file)
        remove_file(service->pid_file, S_IFREG);
    open_sockets(service);
    if (service->kind == NOTIFY)
        open_notify();
    if (!service->sockets || service->style == LISTEN_FDS)
        return live(service, ready);
    int status = run_commands(service->pre, "before the start", service->start_seconds);
    if (status)
        return status;
    if (ready >= 0 && write(ready, "r", 1) < 0)
        report("%s: cannot tell that it has started", service->name);
    serve_connections(service);
    stop_service(service, 1);
    return 0;
}
