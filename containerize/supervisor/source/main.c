/* The supervisor of the services of one container: `init FILE`, as process 1 or below another.
 *
 * It ends with the status of the service, 128 and the signal when that was killed, and 78 when the file is not right.
 */
#include "supervisor.h"

enum { LAST_INHERITED = 65536 };

static void close_inherited(void)
{
    if (close_on_exec_from(3) == 0)
        return;
    for (int fd = 3; fd < LAST_INHERITED; fd++)
        fcntl(fd, F_SETFD, (long)FD_CLOEXEC);
}

int main(int count, char **words)
{
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD, 0L) < 0)
            open("/dev/null", O_RDWR);
    open_report();
    close_inherited();
    if (count != 2)
        give_up(STATUS_BROKEN_SPEC, "needs one argument, the file of services; got %d", count - 1);
    block_signals(~0ULL);
    set_disposition(SIGCHLD, 0);
    umask(0);
    read_spec(words[1]);
    if (chdir("/") < 0 || (prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL) < 0 && getpid() != 1))
        report("cannot adopt the processes that services leave behind: %s", error_text(errno));
    if (spec.system_log)
        open_system_log();
    if (spec.count > 1)
        return run_several();
    prepare_events(&spec.services[0]);
    return run_service(&spec.services[0], -1);
}
