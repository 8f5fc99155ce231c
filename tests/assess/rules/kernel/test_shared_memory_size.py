"""KRN016."""

import pytest

from assess.model import Severity
from assess.rules.kernel.shared_memory_size import shared_memory_size
from inventory.model.ipc import Ipc, PosixFile
from inventory.observation import Found, Gap
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder, origin


def using(mib: int) -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.map("/dev/shm/pool", host.process(50, "/opt/s/s"))
    host.process(60, "/opt/other/other")
    files = (PosixFile("pool", "memory", 0o600, 0, 0, mib << 20, origin("ipc")),)
    host.overrides["ipc"] = Found(Ipc((), (), (), files))
    return host


@pytest.mark.parametrize(("mib", "option"), [(50, "64m"), (60, "128m"), (900, "2048m")])
def test_what_does_not_fit_is_found_with_the_size_that_does(mib: int, option: str) -> None:
    said = judge(shared_memory_size, using(mib).build())

    assert said.about == [("web01/s", Severity.MINOR)]
    assert said.findings[0].remedy.endswith(f"--shm-size {option}.")


def test_little_is_not() -> None:
    assert judge(shared_memory_size, using(10).build()).silent


def test_files_that_could_not_be_seen_are_no_pass() -> None:
    host = using(10)
    host.overrides["open_files"] = Found((), (Gap("files of other users", "not root"),))

    assert {each.reason for each in judge(shared_memory_size, host.build()).undetermined} == {"not root"}
