"""Lines of configuration and code, by the root they stand under."""

from hypothesis import given
from hypothesis import strategies as st

from assess.configuration_text.configuration_lines import HOST_NAME, ConfigurationLines
from inventory.model.configuration import ConfigLine, Configuration
from tests.support.snapshots import origin


def line(path: str, text: str, *, code: bool = False) -> ConfigLine:
    return ConfigLine(path, 1, text, code, origin("configuration"))


def lines_of(*lines: ConfigLine) -> ConfigurationLines:
    return ConfigurationLines(Configuration(lines, ()))


LINES = lines_of(
    line("/opt/portal/portal.py", "DATABASE = '10.77.0.12'", code=True),
    line("/opt/portal/python-2.7/lib/python2.7/logging/handlers.py", "'/dev/log'", code=True),
    line("/opt/portal/lib/perl5/Sys/Syslog.pm", "/dev/log", code=True),
    line("/opt/portal/lib/python2.7/portal.ini", "port = 80"),
    line("/opt/portal2/x.ini", "port = 81"),
)


def test_the_library_of_a_run_time_is_no_code_of_the_application() -> None:
    assert [each.path for each in LINES.under(["/opt/portal"])] == [
        "/opt/portal/lib/python2.7/portal.ini",
        "/opt/portal/portal.py",
    ]


def test_a_root_is_a_file_or_a_directory_and_each_line_comes_once() -> None:
    roots = ["/opt/portal/portal.py", "/opt/portal", "/opt/portal2/x.ini"]

    assert [each.path for each in LINES.under(roots)] == [
        "/opt/portal/portal.py",
        "/opt/portal/lib/python2.7/portal.ini",
        "/opt/portal2/x.ini",
    ]
    assert LINES.of("/opt/portal") == ()
    assert LINES.holds("/opt/portal/portal.py")
    assert not LINES.holds("/opt/portal/python-2.7/lib/python2.7/logging/handlers.py")


@given(st.lists(st.text("aB1-._é/:\udcff\u212a ", max_size=80) | st.just("x" * 70), max_size=3))
def test_names_of_a_file_are_those_that_the_expression_finds(texts: list[str]) -> None:
    found = lines_of(*[line("/etc/a.conf", text) for text in texts]).names("/etc/a.conf") if texts else set()
    assert found == {name.lower() for text in texts for name in HOST_NAME.findall(text)}
