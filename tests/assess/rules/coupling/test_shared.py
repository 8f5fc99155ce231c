"""CPL002, CPL003, CPL004, CPL005, CPL006: what services of one server share."""

import pytest

from assess.model import Severity
from assess.rule import Rule
from assess.rules.coupling.child_of_other_service import child_of_other_service
from assess.rules.coupling.directory_account import directory_account
from assess.rules.coupling.other_service_pid_file import other_service_pid_file
from assess.rules.coupling.shared_account import shared_account
from assess.rules.coupling.shared_files import shared_files
from inventory.model.users import Users
from inventory.observation import Found
from tests.support.estate_recordings import recorded_host
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder


def two() -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.user("x", 500)
    for pid, name, port in ((50, "x", 81), (60, "y", 82)):
        host.listen(host.process(pid, f"/opt/{name}/{name}", uid=500 + pid), port)
    return host


def test_two_that_write_in_one_directory_are_found() -> None:
    host = two()
    host.open(host.processes[1], "/srv/both/a.csv", descriptor=10)
    host.open(host.processes[2], "/srv/both/b.csv", descriptor=10)

    said = judge(shared_files, host.build())

    assert [who for who, _ in said.about] == ["web01/x", "web01/y"]
    assert said.messages[0] == "Files in /srv/both are shared with web01/y."


def test_one_that_reads_what_another_writes_is_found() -> None:
    host = two()
    host.open(host.processes[1], "/srv/both/a.csv", descriptor=10)
    host.open(host.processes[2], "/srv/both/a.csv", descriptor=10, writable=False)
    host.open(host.processes[2], "/srv/both/c.csv", descriptor=11, writable=False)

    assert [who for who, _ in judge(shared_files, host.build()).about] == ["web01/y"]


@pytest.mark.parametrize("folder", ["/var/log/both", "/tmp", "/run/both"])
def test_logs_and_temporary_files_tie_nothing(folder: str) -> None:
    host = two()
    for process in host.processes[1:3]:
        host.open(process, f"{folder}/{process.pid}", descriptor=10)

    assert judge(shared_files, host.build()).silent


def test_a_pid_file_of_another_service_is_found() -> None:
    host = two()
    host.pid_file("/run/y.pid", host.processes[2])
    host.config("/opt/x/reload.conf", "kill -HUP `cat /var/run/y.pid`")

    said = judge(other_service_pid_file, host.build())

    assert said.messages == ["/opt/x/reload.conf:1 names /run/y.pid, the pid file of web01/y."]


def test_its_own_pid_file_is_not() -> None:
    host = two()
    host.pid_file("/run/y.pid", host.processes[2])
    host.config("/opt/y/y.conf", "pidfile /run/y.pid")

    assert judge(other_service_pid_file, host.build()).silent


def test_an_account_of_two_services_is_told() -> None:
    host = two()
    host.process(70, "/opt/z/z", uid=550)

    assert ("web01/x", Severity.INFO) in judge(shared_account, host.build()).about


def test_accounts_of_their_own_pass() -> None:
    assert judge(shared_account, two().build()).silent


def test_an_account_of_a_directory_is_found() -> None:
    host = two()
    host.overrides["users"] = Found(Users(tuple(host.users), (), sources=("files", "sss")))

    assert judge(directory_account, host.build()).messages == [
        "x runs under user id 550, which comes from sss.",
        "y runs under user id 560, which comes from sss.",
    ]


def test_a_host_of_local_accounts_passes() -> None:
    host = two()
    host.overrides["users"] = Found(Users(tuple(host.users), (), sources=("files", "systemd")))

    assert judge(directory_account, host.build()).silent


def test_a_child_of_another_service_is_found() -> None:
    host = two()
    host.process(80, "/opt/z/z", ppid=50, unit="z.service")
    host.unit("z", 80)

    assert judge(child_of_other_service, host.build()).about == [("web01/z", Severity.MINOR)]


@pytest.mark.parametrize(
    "rule", [shared_files, other_service_pid_file, shared_account, directory_account, child_of_other_service]
)
def test_a_server_of_one_service_shows_none_of_them(rule: Rule) -> None:
    assert judge(rule, recorded_host("web01")).silent


def test_a_child_of_the_first_process_is_not_though_that_is_a_service() -> None:
    host = HostBuilder()
    host.listen(host.process(1, "/opt/x/x", ppid=0), 81)
    host.process(80, "/opt/z/z", unit="z.service")
    host.unit("z", 80)

    assert judge(child_of_other_service, host.build()).silent


def test_open_files_that_could_not_be_seen_are_no_pass() -> None:
    host = two()
    host.unknown("open_files")

    assert judge(shared_files, host.build()).missing == {"open_files"}
