"""KRN013."""

from assess.model import Severity
from assess.rules.kernel.system_v_shared_memory import system_v_shared_memory
from inventory.model.ipc import Ipc, SharedSegment
from inventory.observation import Found, Gap
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder, origin

KEY = 0x51E0
NAME = "/SYSV000051e0"


def segment(*, key: int = KEY, creator: int = 50, last: int = 50, attached: int = 1, uid: int = 0) -> SharedSegment:
    where = origin("ipc", 1, "shm")
    return SharedSegment(key, 7, 0o600, 1 << 20, creator, last, attached, uid, uid, uid, 0, False, where)


def two_services(*segments: SharedSegment) -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/a/a", uid=100)
    host.process(60, "/opt/b/b", uid=200)
    host.overrides["ipc"] = Found(Ipc(segments, (), (), ()))
    return host


def test_segments_of_one_workload_are_told_and_cost_nothing() -> None:
    said = judge(system_v_shared_memory, two_services(segment(uid=100)).build())

    assert said.about == [("web01/a", Severity.INFO)]
    assert "0x000051e0" in said.findings[0].evidence[0].fact


def test_who_has_mapped_a_segment_shares_it() -> None:
    host = two_services(segment(uid=100))
    host.map(NAME, host.processes[1], host.processes[2])

    said = judge(system_v_shared_memory, host.build())

    assert said.about == [("web01/a", Severity.MINOR), ("web01/b", Severity.MINOR)]
    assert "shared with b" in said.messages[0]


def test_a_segment_that_nobody_has_attached_is_no_use() -> None:
    assert judge(system_v_shared_memory, two_services(segment(attached=0, uid=100)).build()).silent


def test_a_number_that_was_given_to_another_users_process_proves_nothing() -> None:
    """The creator ended, and its number went to a process of another user."""
    said = judge(system_v_shared_memory, two_services(segment(creator=60, last=60, uid=999)).build())

    assert said.silent


def test_a_segment_of_its_user_that_nobody_is_seen_to_use_is_undecided() -> None:
    said = judge(system_v_shared_memory, two_services(segment(creator=4000, last=4001, uid=100)).build())

    assert [(each.workload, each.section) for each in said.undetermined] == [("web01/a", "ipc")]


def test_who_cannot_be_looked_into_may_share_it() -> None:
    host = two_services(segment(uid=100))
    host.overrides["open_files"] = Found((), (Gap("files of other users", "not root"),))

    said = judge(system_v_shared_memory, host.build())

    assert said.about == [("web01/a", Severity.INFO)]
    assert [(each.workload, each.reason) for each in said.undetermined] == [("web01/b", "not root")]
