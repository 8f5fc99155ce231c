"""PRC001."""

from dataclasses import replace

from assess.model import Severity
from assess.rules.process.manual_start import manual_start
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder


def board() -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.process(50, "/usr/bin/python3", "/home/ops/board/serve.py")
    return host


def test_a_process_that_nothing_starts_was_started_by_hand() -> None:
    said = judge(manual_start, board().build())

    assert said.about == [("web01/serve", Severity.MINOR)]
    assert "/home/ops/board/serve.py" in said.findings[0].evidence[0].fact


def test_an_init_script_a_unit_or_a_supervisor_starts_it() -> None:
    host = board()
    host.init_script("board", "python3 /home/ops/board/serve.py &\n")
    assert judge(manual_start, host.build()).silent

    host = HostBuilder()
    host.process(50, "/usr/bin/python3", "/home/ops/board/serve.py", unit="board.service")
    assert judge(manual_start, host.build()).silent

    host = HostBuilder()
    host.init()
    host.process(20, "/usr/bin/runsv", "board")
    host.process(50, "/usr/bin/python3", "/home/ops/board/serve.py", ppid=20)
    assert judge(manual_start, host.build()).silent


def test_what_init_starts_again_by_its_table_may_be_it() -> None:
    """An entry runs a script that has become another program: nothing ties them, and nobody may say by hand."""
    entry = replace(HostBuilder().init_script("start.sh", ""), manager="inittab", path="/etc/inittab")
    for restart, silent in (("always", True), ("", False)):
        host = board()
        host.services.append(replace(entry, properties=(("Restart", restart),)))
        assert judge(manual_start, host.build()).silent is silent


def test_a_job_at_boot_starts_it() -> None:
    host = board()
    host.job("/usr/bin/python3 /home/ops/board/serve.py", when="@reboot")

    assert judge(manual_start, host.build()).silent


def test_without_the_services_it_is_undetermined() -> None:
    host = board()
    host.unknown("services")

    assert judge(manual_start, host.build()).missing == {"services"}


def test_what_another_program_starts_for_itself_was_not() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/usr/bin/epmd", "-daemon")

    assert judge(manual_start, host.build()).silent
