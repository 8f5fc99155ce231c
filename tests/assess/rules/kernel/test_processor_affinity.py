"""KRN021."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.model import Severity
from assess.rules.kernel.processor_affinity import numbers, processor_affinity
from tests.support.judging import Verdicts, judge
from tests.support.snapshots import HostBuilder


def bound(cpus: str, nodes: str = "0-1", whole: str = "0-7") -> Verdicts:
    host = HostBuilder()
    host.process(1, "/sbin/init", ppid=0, allowed_cpus=whole, allowed_nodes="0-1" if whole else "")
    host.process(50, "/opt/s/s", allowed_cpus=cpus, allowed_nodes=nodes)
    return judge(processor_affinity, host.build())


@pytest.mark.parametrize(
    ("cpus", "nodes", "option"),
    [("2-3", "0-1", "--cpuset-cpus"), ("0", "0-1", "--cpuset-cpus"), ("0-7", "1", "--cpuset-mems")],
)
def test_a_binding_is_found_with_its_option(cpus: str, nodes: str, option: str) -> None:
    said = bound(cpus, nodes)

    assert said.about == [("web01/s", Severity.MINOR)]
    assert option in said.findings[0].remedy


def test_what_may_use_all_is_not_bound() -> None:
    assert bound("0-7").silent
    assert bound("0,1-7").silent
    assert bound("").silent


def test_a_host_that_does_not_tell_is_undecided() -> None:
    assert [each.section for each in bound("0", whole="").undetermined] == ["processes"]


@given(st.text(alphabet="0123456789,- x", max_size=30))
def test_any_text_is_read(text: str) -> None:
    assert all(0 <= number <= 65_535 for number in numbers(text))
