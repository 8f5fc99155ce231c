"""KRN019."""

import pytest

from assess.model import Severity
from assess.rules.kernel.real_time_scheduling import real_time_scheduling
from inventory.snapshot import Snapshot
from tests.support.judging import judge, target
from tests.support.snapshots import HostBuilder


def running(policy: int, priority: int = 0) -> Snapshot:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/s/s", scheduling_policy=policy, realtime_priority=priority)
    return host.build()


@pytest.mark.parametrize("policy", [1, 2])
def test_real_time_is_found_with_what_it_takes(policy: int) -> None:
    said = judge(real_time_scheduling, running(policy, 40))

    assert said.about == [("web01/s", Severity.MAJOR)]
    assert said.findings[0].remedy == "Start the container with --cap-add SYS_NICE --ulimit rtprio=40."


def test_control_groups_of_version_1_want_a_budget() -> None:
    said = judge(real_time_scheduling, running(6), targets=(target(cgroup_version=1),))

    assert said.findings[0].remedy == "Start the container with --cap-add SYS_NICE --cpu-rt-runtime=950000."


@pytest.mark.parametrize("policy", [0, 3, 5])
def test_other_policies_are_not_real_time(policy: int) -> None:
    assert judge(real_time_scheduling, running(policy)).silent
