"""PRC003."""

from assess.model import Severity
from assess.rules.process.deleted_executable import deleted_executable
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder


def running(executable: str | None = "/opt/x/x", *, deleted: bool = False) -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.process(50, executable, executable_deleted=deleted)
    return host


def test_a_program_that_was_replaced_is_found() -> None:
    assert judge(deleted_executable, running(deleted=True).build()).about == [("web01/x", Severity.MAJOR)]


def test_one_that_is_on_disk_passes() -> None:
    assert judge(deleted_executable, running().build()).silent


def test_one_that_could_not_be_read_is_no_pass() -> None:
    assert judge(deleted_executable, running(None).build()).missing == {"processes"}


def test_one_that_runs_from_memory_has_no_file_to_take_and_its_starter_is_named() -> None:
    host = HostBuilder()
    host.init()
    host.process(40, "/opt/watch/launch")
    for pid in (50, 51):
        host.process(
            pid, "/memfd:sealed-91fa22c0", ppid=40, executable_deleted=True, arguments=("watchd", "run"), session=40
        )

    judged = judge(deleted_executable, host.build())

    (hit,) = judged.findings
    assert judged.about == [("web01/launch", Severity.MAJOR)]
    assert hit.message == "watchd runs from memory: there is no file to put into an image."
    assert "/opt/watch/launch (pid 40)" in hit.remedy
    assert "Restart" not in hit.remedy


def test_the_service_entry_of_one_that_runs_from_memory_is_named() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/memfd:x", executable_deleted=True, arguments=("watchd", "run"), unit="watch.service")
    host.unit("watch", 50)

    (hit,) = judge(deleted_executable, host.build()).findings

    assert hit.remedy.startswith("It was started by /lib/systemd/system/watch.service:")
