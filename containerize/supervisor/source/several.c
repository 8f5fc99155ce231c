/* Several services in one container. Each has a keeper: a process with its own children, so that what one service leaves
 * behind is never taken for another's.
 */
#include "supervisor.h"

enum { ORPHANS = 5000 };

static struct {
    pid_t pid;
    int ended;
} keepers[MOST_SERVICES];
static int started, over, result;

static void take_end(pid_t pid, int status)
{
    int last = -1;
    for (int at = 0; at < started; at++) {
        if (keepers[at].pid == pid && !keepers[at].ended) {
            const struct service *service = &spec.services[at];
            keepers[at].ended = 1;
            if (!over && (exit_status(status) || service->kind != ONESHOT)) {
                over = 1;
                result = exit_status(status);
            }
        }
        last = keepers[at].ended ? last : at;
    }
    main_process = last < 0 ? 0 : keepers[last].pid;
}

static _Noreturn void keep(struct service *service, int ready)
{
    prctl(PR_SET_PDEATHSIG, (unsigned long)SIGTERM, 0UL);
    prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL);
    forget_system_log();
    prepare_events(service);
    _exit(run_service(service, ready));
}

/* Until the service has started, has ended, or a stop is requested. */
static void start_keeper(int at)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        give_up(STATUS_CANNOT_RUN, "cannot open a pipe: %s", error_text(errno));
    pid_t pid = fork();
    if (pid == 0)
        keep(&spec.services[at], ends[1]);
    if (pid < 0) {
        report("%s: cannot start a process: %s", spec.services[at].name, error_text(errno));
        over = 1;
        result = STATUS_CANNOT_RUN;
    } else {
        close(ends[1]);
        keepers[at].pid = main_process = pid;
        keepers[at].ended = 0;
        started = at + 1;
        struct awaited awaited = {ends[0], 0};
        while (!awaited.ready && !over && !stop_requested)
            step(-1, &awaited, 1);
        /* A pipe that closed says that the keeper has ended; its status follows. */
        char byte;
        while (awaited.ready && read(ends[0], &byte, 1) == 0 && !keepers[at].ended && !over && !stop_requested)
            step(-1, 0, 0);
    }
    close(ends[0]);
}

/* What a keeper that was killed has left, so that nothing stays behind unwatched below another process 1. */
static void end_orphans(void)
{
    long long limit = now() + ORPHANS;
    signal_descendants(SIGTERM);
    while (has_children() && now() < limit)
        step(limit, 0, 0);
    limit = now() + ORPHANS;
    while (has_children() && now() < limit) {
        signal_descendants(SIGKILL);
        step(now() + 50, 0, 0);
    }
}

/* Return the status of the first service that ended. */
int run_several(void)
{
    prepare_events(0);
    on_child_end = take_end;
    for (int at = 0; at < spec.count && !over && !stop_requested; at++)
        start_keeper(at);
    while (!over && !stop_requested && main_process)
        step(-1, 0, 0);
    for (int at = started - 1; at >= 0; at--) {
        if (!keepers[at].ended)
            kill(keepers[at].pid, SIGTERM);
        while (!keepers[at].ended)
            step(-1, 0, 0);
    }
    if (has_children())
        end_orphans();
    return result;
}
