"""KRN026."""

import pytest

from assess.model import Severity
from assess.rules.kernel.kernel_module_loading import kernel_module_loading
from tests.support.judging import Verdicts, judge
from tests.support.snapshots import HostBuilder


def started_by(text: str) -> Verdicts:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/s/s")
    host.init_script("s", text, 50)
    return judge(kernel_module_loading, host.build())


@pytest.mark.parametrize(
    ("line", "module"),
    [("modprobe ip_gre", "ip_gre"), ("  /sbin/insmod /opt/s/card.ko", "card"), ("test -x x && modprobe -q tun", "tun")],
)
def test_a_script_that_loads_a_module_is_found(line: str, module: str) -> None:
    said = started_by(f"#!/bin/sh\n{line}\nexec /opt/s/s\n")

    assert said.about == [("web01/s", Severity.MINOR)]
    assert f"module {module} " in said.messages[0]


def test_a_comment_and_another_word_are_not() -> None:
    assert started_by("#!/bin/sh\n# modprobe tun\necho modprobes\n").silent


def test_a_command_of_a_unit_is_found() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/s/s", unit="s.service")
    host.unit("s", 50, ExecStartPre="/sbin/modprobe sctp")

    assert judge(kernel_module_loading, host.build()).about == [("web01/s", Severity.MINOR)]
