"""KRN035."""

from assess.model import Severity
from assess.rules.kernel.conflicting_sysctl import conflicting_sysctl
from inventory.observation import Found
from inventory.snapshot import Snapshot
from tests.support.judging import judge, target
from tests.support.settings import setting
from tests.support.snapshots import HostBuilder


def host(name: str, value: str, setting_name: str = "vm.overcommit_memory") -> Snapshot:
    builder = HostBuilder(name, f"10.77.0.{len(name) + int(name[-1])}")
    builder.init()
    builder.listen(builder.process(50, "/usr/bin/redis-server"), 6379)
    builder.overrides["sysctls"] = Found((setting(setting_name, value),))
    return builder.build()


def test_two_workloads_that_want_different_values_are_both_told() -> None:
    said = judge(conflicting_sysctl, host("a1", "1"), host("b2", "2"), targets=(target(servers=1),))

    assert said.about == [("a1/redis-server", Severity.MAJOR), ("b2/redis-server", Severity.MAJOR)]
    assert said.messages[0] == "The service ran with vm.overcommit_memory = 1; b2/redis-server ran with 2."
    assert "/etc/sysctl.conf:3 sets it to 1" in said.findings[0].evidence[0].fact
    assert said.findings[0].evidence[1].fact.startswith("b2: ")


def test_targets_enough_to_keep_them_apart_make_it_milder() -> None:
    apart = (target(servers=1), target(name="other", servers=1))

    said = judge(conflicting_sysctl, host("a1", "1"), host("b2", "2"), targets=apart)

    assert {severity for _, severity in said.about} == {Severity.MINOR}


def test_one_value_is_no_conflict_nor_is_a_greater_limit() -> None:
    assert judge(conflicting_sysctl, host("a1", "1"), host("b2", "1")).silent
    assert judge(
        conflicting_sysctl, host("a1", "70000", "vm.max_map_count"), host("b2", "9", "vm.max_map_count")
    ).silent


def test_many_are_counted() -> None:
    said = judge(conflicting_sysctl, *(host(f"h{n}", "1") for n in range(6)), host("x9", "2"))

    (last,) = [each for each in said.findings if each.host == "x9"]
    assert last.message.endswith("h0/redis-server, h1/redis-server, h2/redis-server and 3 more ran with 1.")
