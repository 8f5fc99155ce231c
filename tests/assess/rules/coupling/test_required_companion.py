"""CPL001."""

from assess.model import Severity
from assess.rules.coupling.required_companion import required_companion
from inventory.observation import Found, Gap
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder


def two() -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/a/a", "--db=/run/b/b.sock")
    host.listen_unix(host.process(60, "/opt/b/b"), "/run/b/b.sock")
    return host


def test_what_it_reaches_over_a_socket_is_needed_beside_it() -> None:
    said = judge(required_companion, two().build())

    assert said.about == [("web01/a", Severity.MINOR)]
    assert said.messages == ["web01/b must run next to this service."]


def test_without_sockets_it_stands_alone() -> None:
    host = two()
    host.unix.clear()

    assert judge(required_companion, host.build()).silent


def test_whose_files_were_not_seen_may_be_the_other_end() -> None:
    host = HostBuilder()
    host.init()
    for pid in (50, 60):
        host.process(pid, f"/opt/s{pid}/s{pid}")
    host.overrides["open_files"] = Found((), (Gap("open files of others", "not root"),))
    said = judge(required_companion, host.build())

    assert [(each.section, each.reason) for each in said.undetermined] == [("open_files", "not root")] * 2
    host.processes.pop()
    assert judge(required_companion, host.build()).silent, "alone it needs nobody"
