"""SEC003."""

from assess.model import Severity
from assess.rules.security.secret_in_process import secret_in_process
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder


def running(*arguments: str, **more: object) -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/x/x", *arguments, **more)  # type: ignore[arg-type]
    return host


def test_a_secret_on_the_command_line_is_found() -> None:
    said = judge(secret_in_process, running("--user=a", "--password=<redacted:0a1b2c3d>").build())

    assert said.about == [("web01/x", Severity.MINOR)]
    assert "argument password" in said.findings[0].evidence[0].fact


def test_a_secret_in_the_environment_is_found_by_its_variable() -> None:
    said = judge(secret_in_process, running(environment=(("DB_PASSWORD", "<redacted:0a1b2c3d>"), ("A", "b"))).build())

    assert said.messages == ["The environment variable DB_PASSWORD contains a secret."]


def test_a_process_without_one_passes() -> None:
    assert judge(secret_in_process, running("--user=a", environment=(("A", "b"),)).build()).silent


def test_an_environment_that_could_not_be_read_is_no_pass() -> None:
    assert judge(secret_in_process, running(environment=None).build()).missing == {"processes"}
