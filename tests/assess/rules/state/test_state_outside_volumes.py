"""DAT001."""

from assess.model import Severity
from assess.rules.state.state_outside_volumes import state_outside_volumes
from inventory.model.ipc import Ipc, PosixFile
from inventory.observation import Found, Gap
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder, origin


def writing(*paths: str, **how: bool) -> HostBuilder:
    host = HostBuilder("app01")
    host.init()
    process = host.process(50, "/usr/bin/python3", "/opt/app/server.py", uid=900)
    host.config("/opt/app/server.py", "PORT = 80", code=True)
    for path in paths:
        host.open(process, path, **how)
    return host


def test_a_file_among_the_code_is_lost_with_the_container() -> None:
    said = judge(state_outside_volumes, writing("/opt/app/counter.db").build())

    assert said.about == [("app01/app", Severity.MAJOR)]
    assert "/opt/app/counter.db" in said.messages[0]
    assert said.findings[0].evidence[0].origin is not None


def test_a_configuration_that_is_written_at_run_time_is_too() -> None:
    assert judge(state_outside_volumes, writing("/etc/app/state.xml").build()).findings


def test_many_files_of_a_directory_are_one_finding() -> None:
    said = judge(state_outside_volumes, writing("/opt/app/a.db", "/opt/app/b.db", "/etc/x/y").build())

    assert len(said.findings) == 2


def test_what_lies_in_a_data_directory_is_kept() -> None:
    assert judge(state_outside_volumes, writing("/var/lib/app/items.db", "/opt/app/data/x.db").build()).silent


def test_what_is_made_anew_is_not_missed() -> None:
    passing = ("/run/app.pid", "/tmp/x/y", "/dev/shm/x", "/var/log/app/x.log", "/opt/app/debug.log", "/var/cache/x/y")
    passing += ("/var/lib/app/work/_.pid",)

    assert judge(state_outside_volumes, writing(*passing, "socket:[1]", "/memfd:x").build()).silent


def test_files_that_are_only_read_or_have_no_name_any_more_are_not_state() -> None:
    assert judge(state_outside_volumes, writing("/opt/app/x.db", writable=False).build()).silent
    assert judge(state_outside_volumes, writing("/opt/app/x.db", deleted=True).build()).silent


def test_a_process_whose_files_could_not_be_seen_is_no_pass() -> None:
    host = writing()
    host.overrides["open_files"] = Found((), (Gap("files of other users", "not root"),))

    assert judge(state_outside_volumes, host.build()).missing == {"open_files"}


def test_a_message_queue_is_no_file() -> None:
    host = writing("/jobs", "/odds")
    host.overrides["ipc"] = Found(Ipc((), (), (), (PosixFile("jobs", "queue", 0o600, 0, 0, 0, origin("ipc")),)))

    assert [message.split()[3] for message in judge(state_outside_volumes, host.build()).messages] == ["/odds"]
