"""What workloads need of one kernel together, and how the plan keeps apart what cannot share one."""

from __future__ import annotations

from dataclasses import replace

from assess.planning.model import EstatePlan
from inventory.model.sysctls import Sysctl
from inventory.observation import Found
from inventory.snapshot import Snapshot
from tests.support.judging import TARGET, assess
from tests.support.settings import setting
from tests.support.snapshots import HostBuilder

BIG = replace(TARGET, cpus=16, memory_bytes=1 << 36)


def server(name: str, number: int, *settings: Sysctl, instances: int = 0) -> Snapshot:
    """A host with one service on a port of its own, settings of its kernel and so many inotify instances."""
    host = HostBuilder(name, f"10.77.0.{number}")
    host.init()
    process = host.process(50, "/usr/bin/redis-server")
    host.listen(process, 6000 + number)
    for each in range(instances):
        host.open(process, "anon_inode:inotify", descriptor=20 + each)
    host.overrides["sysctls"] = Found(settings)
    return host.build()


def placed(*snapshots: Snapshot, sysctls: dict[str, str] | None = None) -> list[list[str]]:
    """The hosts whose services are on each server of the plan."""
    plan = assess(*snapshots, targets=(replace(BIG, sysctls=sysctls),)).plan
    assert isinstance(plan, EstatePlan)
    return [sorted(name.split("/")[0] for name in each.workloads) for each in plan.placements]


def test_workloads_that_want_different_values_of_one_setting_are_kept_apart() -> None:
    found = placed(
        server("a", 1, setting("vm.overcommit_memory", "1")),
        server("b", 2, setting("vm.overcommit_memory", "2")),
        server("c", 3, setting("vm.overcommit_memory", "1")),
        server("d", 4),
    )

    assert len(found) == 2
    assert not any({"a", "b"} <= set(each) for each in found)
    assert any({"a", "c"} <= set(each) for each in found)


def test_a_greater_limit_or_a_matter_of_speed_keeps_nobody_apart() -> None:
    assert placed(
        server("a", 1, setting("vm.max_map_count", "262144"), setting("vm.swappiness", "1")),
        server("b", 2, setting("vm.max_map_count", "1048576"), setting("vm.swappiness", "60")),
    ) == [["a", "b"]]


def test_inotify_instances_add_up_to_the_limit_of_one_user() -> None:
    many = [server(name, number, instances=60) for number, name in enumerate("abc", 1)]

    assert len(placed(*many, sysctls={"fs.inotify.max_user_instances": "128"})) == 3
    assert len(placed(*many, sysctls={"fs.inotify.max_user_instances": "1024"})) == 1
