"""KRN014."""

from assess.model import Severity
from assess.rules.kernel.system_v_queues import system_v_queues
from inventory.model.ipc import Ipc, MessageQueue, SemaphoreSet
from inventory.observation import Found
from inventory.snapshot import Snapshot
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder, origin


def with_objects(*, semaphores: tuple[int, ...] = (), queues: tuple[tuple[int, int], ...] = ()) -> Snapshot:
    """Semaphores by the users that own them; queues by their last sender and receiver."""
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/a/a", uid=100)
    host.process(60, "/opt/b/b", uid=200)
    sets = tuple(SemaphoreSet(1, each, 0o600, 17, each, each, each, 0, origin("ipc", 1, "sem")) for each in semaphores)
    made = tuple(
        MessageQueue(2, 3, 0o600, 0, 1, sends, gets, 0, 0, 0, 0, origin("ipc", 1, "msg")) for sends, gets in queues
    )
    host.overrides["ipc"] = Found(Ipc((), made, sets, ()))
    return host.build()


def test_semaphores_are_their_users() -> None:
    said = judge(system_v_queues, with_objects(semaphores=(100,)))

    assert said.about == [("web01/a", Severity.INFO)]
    assert "17 semaphores" in said.findings[0].evidence[0].fact


def test_semaphores_of_root_are_nobodys() -> None:
    assert judge(system_v_queues, with_objects(semaphores=(0,))).silent


def test_both_ends_of_a_queue_are_told_of_each_other() -> None:
    said = judge(system_v_queues, with_objects(queues=((50, 60),)))

    assert said.about == [("web01/a", Severity.MINOR), ("web01/b", Severity.MINOR)]
    assert "message queues; b may use them too" in said.messages[0]


def test_without_any_it_is_silent() -> None:
    assert judge(system_v_queues, with_objects()).silent
