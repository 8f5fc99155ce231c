"""KRN020."""

import pytest

from assess.model import Severity
from assess.rules.kernel.raised_priority import raised_priority
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder


@pytest.mark.parametrize(("nice", "policy", "found"), [(-5, 0, True), (0, 0, False), (10, 0, False), (-5, 1, False)])
def test_a_negative_nice_value_is_found(nice: int, policy: int, found: bool) -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/s/s", nice=nice, scheduling_policy=policy)

    assert judge(raised_priority, host.build()).about == ([("web01/s", Severity.MINOR)] if found else [])
