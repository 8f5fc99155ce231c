"""SEC005."""

from assess.model import Severity
from assess.rules.security.setuid_program import setuid_program
from inventory.model.unmanaged_files import UnmanagedFile, UnmanagedFiles
from inventory.observation import Found
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder, origin


def running(program: str = "/opt/x/x", **more: int) -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.process(50, program, **more)
    return host


def test_a_process_that_is_setuid_root_is_found() -> None:
    assert judge(setuid_program, running(uid=33, effective_uid=0).build()).about == [("web01/x", Severity.MINOR)]


def test_a_process_of_sudo_is_found() -> None:
    host = running(uid=33)
    host.process(51, "/usr/bin/sudo", "-u", "x", "/opt/x/job", ppid=50)

    assert judge(setuid_program, host.build()).messages == ["/usr/bin/sudo -u x /opt/x/job changes the user."]


def test_a_job_that_calls_su_is_found() -> None:
    host = running(uid=33)
    host.job("su - x -c /opt/x/clean")
    host.config("/opt/x/x.conf", "a = b")

    assert judge(setuid_program, host.build()).messages == ["A job in /etc/cron.d/test changes the user."]


def test_a_setuid_file_of_the_application_is_found_in_a_deep_scan() -> None:
    host = running(uid=33)
    host.config("/opt/x/x.conf", "a = b")
    kept = (("/opt/x/helper", 0o4755), ("/opt/x/plain", 0o755), ("/opt/y/helper", 0o4755))
    files = tuple(UnmanagedFile(path, "file", 1, 0, 0, mode, 0, origin("unmanaged_files")) for path, mode in kept)
    host.overrides["unmanaged_files"] = Found(UnmanagedFiles(("/opt",), files))

    assert judge(setuid_program, host.build()).messages == ["/opt/x/helper is setuid and belongs to no package."]


def test_root_and_servers_that_give_up_root_pass() -> None:
    host = running()
    host.process(51, "/opt/x/x", ppid=50, uid=33)
    host.job("/opt/x/resume")

    assert judge(setuid_program, host.build()).silent


def test_jobs_that_could_not_be_read_are_no_pass() -> None:
    host = running()
    host.unknown("cron")

    assert judge(setuid_program, host.build()).missing == {"cron"}
