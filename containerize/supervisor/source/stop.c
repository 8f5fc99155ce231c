/* The end of one service: its stop commands, the signal, and after the limit SIGKILL. */
#include "supervisor.h"

enum { AFTER_KILL = 5000, AGAIN = 500 };

static int is_main_alive(void) { return main_process > 0 && !main_ended; }

static int is_gone(const struct service *service)
{
    return service->kill_mode == KILL_GROUP ? !has_children() : !is_main_alive();
}

static void signal_service(const struct service *service, int signal)
{
    int all = 1;
    if (service->kill_mode == KILL_GROUP)
        all = signal_descendants(signal);
    else if (is_main_alive()) {
        all = kill(main_process, signal) == 0 || errno != EPERM;
        kill(main_process, SIGCONT);
    }
    if (!all)
        report("%s: cannot signal all of its processes (needs KILL)", service->name);
}

/* `started` says whether the start was complete: else stop commands do not run, as with systemd. */
void stop_service(const struct service *service, int started)
{
    for (const struct command *each = service->stop; started && each; each = each->next)
        run_command(each, "of the stop", service->stop_seconds, 0);
    long long deadline = service->stop_seconds ? now() + service->stop_seconds * 1000LL : -1;
    if (service->kill_mode != KILL_NONE && !is_gone(service)) {
        signal_service(service, service->stop_signal);
        while (!is_gone(service) && (deadline < 0 || now() < deadline)) {
            long long next = now() + AGAIN;
            step(deadline >= 0 && deadline < next ? deadline : next, 0, 0);
            if (service->kill_mode == KILL_GROUP && !is_gone(service))
                signal_descendants(service->stop_signal); /* those that were forked meanwhile */
        }
        if (!is_gone(service))
            report("%s did not end within %d s of %s; it is killed", service->name, (int)service->stop_seconds, "its stop");
    }
    if (service->kill_mode == KILL_PROCESS && is_main_alive())
        kill(main_process, SIGKILL);
    /* New processes may appear while the others are killed. */
    long long last = now() + AFTER_KILL;
    while (service->kill_mode <= KILL_MIXED && has_children() && now() < last) {
        signal_descendants(SIGKILL);
        step(now() + 50, 0, 0);
    }
    while (service->kill_mode == KILL_PROCESS && is_main_alive() && now() < last)
        step(last, 0, 0);
    if (service->pid_file)
        remove_file(service->pid_file, S_IFREG);
    for (const struct command *each = service->post_stop; each; each = each->next)
        run_command(each, "after the stop", service->stop_seconds, 0);
}
