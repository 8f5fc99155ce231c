"""Which limits this machine can set, and what the groups say of those that were hit."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from containerize.runtimes.container_cgroups import Hierarchy, groups_of, hierarchies, pressure_of
from containerize.runtimes.oci_bundle import oci_resources
from containerize.runtimes.runtime import ContainerPressure, ContainerSpec

V1 = """31 24 0:27 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
32 24 0:28 /docker/ab /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
33 24 0:29 / / rw - ext4 /dev/sda rw
broken
"""
SPEC = ContainerSpec("a", "i", ("/bin/x",), memory_bytes=64 << 20, pids=40, cpus=1.5)


def test_each_controller_of_version_1_has_its_own_mount() -> None:
    found = hierarchies(V1)
    assert found["memory"] == Hierarchy(Path("/sys/fs/cgroup/memory"), "/", 1)
    assert found["cpu"] == Hierarchy(Path("/sys/fs/cgroup/cpu,cpuacct"), "/docker/ab", 1)
    assert "pids" not in found


def test_version_2_has_those_that_it_names(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").write_text("cpuset cpu io memory pids\n")
    found = hierarchies(f"30 24 0:26 / {tmp_path} rw - cgroup2 cgroup2 rw\n")
    assert found == {name: Hierarchy(tmp_path, "/", 2) for name in ("memory", "pids", "cpu")}


def test_limits_become_those_of_the_runtime_specification() -> None:
    every = {name: Hierarchy(Path("/nowhere"), "/", 2) for name in ("memory", "pids", "cpu")}
    assert oci_resources(SPEC, every) == (
        {
            "memory": {"limit": 64 << 20, "swap": 64 << 20},
            "pids": {"limit": 40},
            "cpu": {"quota": 150_000, "period": 100_000},
        },
        (),
    )


def test_a_limit_that_cannot_be_set_is_named() -> None:
    assert oci_resources(SPEC, {}) == ({}, ("memory", "processes", "processors"))


def test_limits_that_were_hit_are_read_in_both_versions(tmp_path: Path) -> None:
    (tmp_path / "memory.events").write_text("low 0\noom 3\noom_kill 2\n")
    (tmp_path / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 5\n")
    (tmp_path / "pids.events").write_text("max 7\n")
    (tmp_path / "cpu.stat").write_text("usage_usec 1\nnr_periods 100\nnr_throttled 80\nthrottled_usec 5\n")
    for version, kills in ((1, 5), (2, 2)):
        groups = dict.fromkeys(("memory", "pids", "cpu"), (tmp_path, version))
        assert pressure_of(groups) == ContainerPressure(kills, 7, 0.8)
    assert pressure_of({"memory": (tmp_path / "gone", 2)}) == ContainerPressure()


def test_the_highest_of_two_looks_counts() -> None:
    assert ContainerPressure(1, 0, 0.5).with_(ContainerPressure(0, 3, 0.2)) == ContainerPressure(1, 3, 0.5)


def test_groups_are_found_for_a_process_that_runs_and_for_no_other() -> None:
    for path, _ in groups_of(os.getpid()).values():
        assert path.is_absolute()
    assert groups_of(2**22 + 1) == {}


@given(st.text())
def test_no_list_of_mounts_raises(text: str) -> None:
    hierarchies(text or " ")
