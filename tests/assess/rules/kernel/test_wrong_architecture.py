"""KRN001."""

from assess.model import Severity
from assess.rules.kernel.wrong_architecture import wrong_architecture
from tests.support.judging import judge, target
from tests.support.snapshots import HostBuilder


def with_machine(machine: str, bits: int = 64) -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/app/app")
    host.elf("/opt/app/app", machine, bits=bits)
    return host


def test_a_program_for_another_processor_is_blocked_with_both_facts() -> None:
    said = judge(wrong_architecture, with_machine("AARCH64").build())

    assert said.about == [("web01/app", Severity.BLOCKER)]
    assert said.findings[0].target == "box"
    assert [evidence.origin is not None for evidence in said.findings[0].evidence] == [True, False]
    assert "AARCH64" in said.messages[0] and "x86_64" in said.messages[0]


def test_a_program_for_the_same_processor_passes_and_so_does_its_32_bit_form() -> None:
    assert judge(wrong_architecture, with_machine("X86_64").build()).silent
    assert judge(wrong_architecture, with_machine("386", 32).build()).silent


def test_the_target_decides() -> None:
    arm = target(name="arm", architecture="aarch64")

    said = judge(wrong_architecture, with_machine("X86_64").build(), targets=(target(), arm))

    assert [finding.target for finding in said.findings] == ["arm"]


def test_an_executable_that_could_not_be_read_is_no_pass() -> None:
    host = with_machine("X86_64")
    host.elves.clear()

    assert [each.section for each in judge(wrong_architecture, host.build()).undetermined] == ["executables"]


def test_without_the_section_it_is_undetermined() -> None:
    host = with_machine("AARCH64")
    host.unknown("executables", "permission denied")
    said = judge(wrong_architecture, host.build())

    assert not said.findings
    assert [(each.section, each.reason) for each in said.undetermined] == [("executables", "permission denied")]


def test_an_unknown_processor_of_the_target_is_no_pass() -> None:
    assert judge(wrong_architecture, with_machine("X86_64").build(), targets=(target(architecture=""),)).missing == {""}
