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
    assert judge(deleted_executable, running(None).build()).undetermined
