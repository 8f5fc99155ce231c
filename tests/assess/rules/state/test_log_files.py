"""DAT003."""

from assess.model import Severity
from assess.rules.state.log_files import log_files
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder


def writing(*paths: str, **how: bool) -> HostBuilder:
    host = HostBuilder()
    host.init()
    process = host.process(50, "/opt/x/x")
    for path in paths:
        host.open(process, path, **how)
    return host


def test_log_files_are_one_finding() -> None:
    said = judge(log_files, writing("/var/log/x/error.log", "/var/log/x/access.log", "/opt/x/debug.log").build())

    assert said.about == [("web01/x", Severity.MINOR)]
    assert said.messages == ["Logs are written to /opt/x/debug.log and 2 more."]
    assert len(said.findings[0].evidence) == 3


def test_logging_to_a_pipe_or_the_journal_is_not_found() -> None:
    assert judge(log_files, writing("pipe:[7]", "socket:[9]", "/dev/null", "/var/lib/x/x.db").build()).silent


def test_reading_a_log_is_not_writing_one() -> None:
    assert judge(log_files, writing("/var/log/auth.log", writable=False).build()).silent


def test_the_journal_of_a_database_is_data() -> None:
    assert judge(log_files, writing("/var/lib/mysql/ibdata1", "/var/lib/mysql/ddl_recovery.log").build()).silent
