"""KRN004."""

from assess.model import Severity
from assess.rules.kernel.missing_cpu_level import missing_cpu_level
from tests.support.judging import TARGET, judge, target
from tests.support.snapshots import HostBuilder

KVM64 = target(name="kvm64", cpu_flags=("cx16", "lahf_lm"))


def at_level(level: int) -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/app/app")
    host.elf("/opt/app/app", isa_level=level)
    return host


def test_a_level_that_the_processor_lacks_is_a_blocker_and_says_what_is_missing() -> None:
    said = judge(missing_cpu_level, at_level(2).build(), targets=(KVM64,))

    assert said.about == [("web01/app", Severity.BLOCKER)]
    assert "popcnt, sse4_1" in said.findings[0].evidence[1].fact


def test_a_level_that_it_has_passes() -> None:
    assert judge(missing_cpu_level, at_level(3).build(), targets=(TARGET,)).silent
    assert judge(missing_cpu_level, at_level(1).build(), targets=(KVM64,)).silent


def test_an_unknown_processor_matters_only_to_programs_that_ask_for_more() -> None:
    blind = target(cpu_flags=())

    assert judge(missing_cpu_level, at_level(2).build(), targets=(blind,)).missing == {""}
    assert judge(missing_cpu_level, at_level(1).build(), targets=(blind,)).silent
