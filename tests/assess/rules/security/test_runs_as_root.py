"""SEC001."""

from assess.model import Severity
from assess.rules.security.runs_as_root import runs_as_root
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder


def running(*uids: int) -> HostBuilder:
    host = HostBuilder()
    host.init()
    for number, uid in enumerate(uids):
        host.process(50 + number, "/opt/x/x", ppid=50 if number else 1, uid=uid)
    return host


def test_a_service_that_is_root_altogether_is_found() -> None:
    said = judge(runs_as_root, running(0, 0).build())

    assert said.about == [("web01/x", Severity.MINOR)]
    assert said.messages == ["All 2 processes run as root."]


def test_workers_of_another_account_make_it_pass() -> None:
    assert judge(runs_as_root, running(0, 33).build()).silent
    assert judge(runs_as_root, running(900).build()).silent
