"""KRN005."""

import pytest

from assess.model import Severity
from assess.rules.kernel.thirty_two_bit_program import thirty_two_bit_program
from tests.support.judging import judge, target
from tests.support.snapshots import HostBuilder


def with_program(machine: str, bits: int) -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/app/app")
    host.elf("/opt/app/app", machine, bits=bits)
    return host


@pytest.mark.parametrize(("emulation", "severity"), [(True, Severity.MINOR), (False, Severity.BLOCKER)])
def test_it_depends_on_the_targets_kernel(emulation: bool, severity: Severity) -> None:
    said = judge(thirty_two_bit_program, with_program("386", 32).build(), targets=(target(ia32_emulation=emulation),))

    assert said.about == [("web01/app", severity)]


def test_an_unknown_kernel_is_no_pass() -> None:
    said = judge(thirty_two_bit_program, with_program("386", 32).build(), targets=(target(ia32_emulation=None),))

    assert not said.findings and said.missing == {""}


def test_the_x32_form_is_off_everywhere() -> None:
    assert judge(thirty_two_bit_program, with_program("X86_64", 32).build()).about == [("web01/app", Severity.MAJOR)]


def test_a_64_bit_program_passes() -> None:
    assert judge(thirty_two_bit_program, with_program("X86_64", 64).build()).silent
