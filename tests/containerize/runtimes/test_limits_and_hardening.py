"""No container gets more than a plain one, each has limits, and a limit that is hit is told."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from containerize.runtimes.pilot_owner import PilotId
from containerize.runtimes.runtime import ContainerSpec, Runtime, Tmpfs

from .conftest import IMAGE
from .small_image import write_layout
from .test_contract import FOREVER, ask, wait_for_end

pytestmark = pytest.mark.engine

MIB = 1 << 20
DOCKER_DEFAULT = 0xA80425FB


def status_of(runtime: Runtime, container: str, pid: str = "1") -> dict[str, str]:
    lines = ask(runtime, container, f"cat /proc/{pid}/status").splitlines()
    return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}


@pytest.mark.parametrize("user", ["0:0", "33:33"])
def test_a_container_gains_no_privileges(runtime: Runtime, pilot: PilotId, user: str) -> None:
    container = runtime.start(pilot, ContainerSpec("a", IMAGE, FOREVER, user=user))
    status = status_of(runtime, container)
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"
    assert int(status["CapBnd"], 16) & ~DOCKER_DEFAULT == 0
    if user != "0:0":
        assert int(status["CapEff"], 16) == 0


@pytest.mark.parametrize("user", ["0:0", "33:33"])
def test_a_command_within_has_no_more_than_the_container(runtime: Runtime, pilot: PilotId, user: str) -> None:
    container = runtime.start(pilot, ContainerSpec("a", IMAGE, FOREVER, user=user))
    status = status_of(runtime, container, "self")
    assert int(status["CapEff"], 16) & ~DOCKER_DEFAULT == 0
    assert int(status["CapBnd"], 16) & ~DOCKER_DEFAULT == 0
    assert status["Seccomp"] == "2"
    assert ask(runtime, container, "id -u") == "0"


def test_a_setuid_program_has_no_effect_unless_it_is_allowed(runtime: Runtime, pilot: PilotId, tmp_path: Path) -> None:
    runtime.load(pilot, write_layout(tmp_path / "layout", setuid="bin/setuid-id"), "setuid")
    for allowed, uid in ((False, "33"), (True, "0")):
        spec = ContainerSpec(f"a{allowed}", "setuid", ("/bin/setuid-id", "-u"), user="33:33",
                             no_new_privileges=not allowed)  # fmt: skip
        container = runtime.start(pilot, spec)
        assert wait_for_end(runtime, container) == 0
        assert runtime.logs(container).decode().strip() == uid


def test_the_root_is_read_only_when_asked(runtime: Runtime, pilot: PilotId) -> None:
    spec = ContainerSpec("a", IMAGE, FOREVER, read_only_root=True, tmpfs=(Tmpfs("/tmp", mode=0o1777),))
    container = runtime.start(pilot, spec)
    assert "read-only" in ask(runtime, container, "echo x > /etc/greeting").lower()
    assert ask(runtime, container, "echo x > /tmp/a && cat /tmp/a") == "x"


def test_what_takes_more_memory_than_its_limit_is_ended_and_told(runtime: Runtime, pilot: PilotId) -> None:
    """busybox grep keeps a line in memory, and /dev/zero has only one."""
    spec = ContainerSpec("a", IMAGE, ("/bin/grep", "x", "/dev/zero"), memory_bytes=64 * MIB)
    container = runtime.start(pilot, spec)
    assert wait_for_end(runtime, container) == 137
    for _ in range(40):  # an engine hears of it a moment later
        if runtime.pressure(container).oom_kills:
            break
        time.sleep(0.05)
    assert runtime.pressure(container).oom_kills >= 1


def test_a_child_that_is_ended_for_memory_is_told(runtime: Runtime, pilot: PilotId) -> None:
    script = "grep x /dev/zero; sleep 1000"
    container = runtime.start(pilot, ContainerSpec("a", IMAGE, ("/bin/sh", "-c", script), memory_bytes=64 * MIB))
    for _ in range(200):
        if runtime.pressure(container).oom_kills:
            break
        time.sleep(0.05)
    assert runtime.state(container).running
    assert runtime.pressure(container).oom_kills >= 1


def test_a_fork_bomb_ends_at_the_limit_and_is_told(runtime: Runtime, pilot: PilotId) -> None:
    script = "i=0; while [ $i -lt 200 ]; do sleep 1000 & i=$((i+1)); done; wait"
    container = runtime.start(pilot, ContainerSpec("a", IMAGE, ("/bin/sh", "-c", f"({script}); sleep 1000"), pids=40))
    for _ in range(100):
        if runtime.pressure(container).refused_starts:
            break
        time.sleep(0.05)
    assert runtime.pressure(container).refused_starts >= 1
    assert len(runtime.processes(container)) <= 40


def test_what_waits_for_the_processor_is_told(runtime: Runtime, pilot: PilotId) -> None:
    spec = ContainerSpec("a", IMAGE, ("/bin/sh", "-c", "while :; do :; done"), cpus=0.1)
    container = runtime.start(pilot, spec)
    for _ in range(100):
        if runtime.pressure(container).throttled:
            break
        time.sleep(0.1)
    assert runtime.pressure(container).throttled > 0.5


def test_a_container_that_keeps_within_its_limits_ran_into_none(runtime: Runtime, pilot: PilotId) -> None:
    spec = ContainerSpec("a", IMAGE, FOREVER, memory_bytes=64 * MIB, pids=64, cpus=1.0)
    container = runtime.start(pilot, spec)
    assert runtime.state(container).running
    assert (runtime.pressure(container).oom_kills, runtime.pressure(container).refused_starts) == (0, 0)
    assert runtime.notes == [] or not any("not limited" in note for note in runtime.notes)
    runtime.stop(container, grace=1)
    runtime.restart(container)
    assert runtime.state(container).running
