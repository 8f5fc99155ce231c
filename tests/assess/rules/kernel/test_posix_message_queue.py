"""KRN015."""

from assess.model import Severity
from assess.rules.kernel.posix_message_queue import posix_message_queue
from inventory.model.ipc import Ipc, PosixFile
from inventory.observation import Found
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder, origin


def with_queue(*holders: int) -> HostBuilder:
    host = HostBuilder()
    host.init()
    for pid in (50, 60):
        process = host.process(pid, f"/opt/s{pid}/s{pid}")
        if pid in holders:
            host.open(process, "/jobs")
    host.overrides["ipc"] = Found(Ipc((), (), (), (PosixFile("jobs", "queue", 0o600, 0, 0, 0, origin("ipc")),)))
    return host


def test_a_queue_is_found_with_all_who_use_it() -> None:
    said = judge(posix_message_queue, with_queue(50, 60).build())

    assert said.about == [("web01/s50", Severity.MINOR), ("web01/s60", Severity.MINOR)]
    assert said.messages[0] == "The service uses the message queue /jobs together with s60."


def test_a_file_of_that_name_is_no_queue() -> None:
    host = with_queue(50)
    host.overrides["ipc"] = Found(Ipc((), (), (), ()))

    assert judge(posix_message_queue, host.build()).silent
