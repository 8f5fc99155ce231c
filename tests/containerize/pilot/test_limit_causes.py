"""A limit that was hit is told as the cause."""

from __future__ import annotations

from dataclasses import replace

from containerize.pilot.container_limits import ContainerLimits
from containerize.pilot.limit_causes import causes, limit_hit
from containerize.pilot.scratch_directories import scratch_directories
from containerize.plan.model import PlannedFile, RunDirectory
from containerize.runtimes.runtime import ContainerPressure, Tmpfs
from tests.containerize.pilot.plans import make_plan

LIMITS = ContainerLimits(512 << 20, 128, 2.0)


def test_each_limit_has_its_words() -> None:
    assert causes(LIMITS, ContainerPressure()) == ""
    assert "; the memory limit of 512 MiB was hit (1 process was killed)" in causes(
        LIMITS, ContainerPressure(oom_kills=1)
    )
    assert "the limit of 128 processes and threads was hit (3 starts were denied)" in causes(
        LIMITS, ContainerPressure(0, 3)
    )
    assert "the limit of 2 processors slowed it (it waited in 80%" in causes(LIMITS, ContainerPressure(throttled=0.8))


def test_being_slowed_is_no_failure_and_seldom_waiting_is_not_worth_a_word() -> None:
    assert limit_hit(LIMITS, ContainerPressure(throttled=0.9)) == ""
    assert causes(LIMITS, ContainerPressure(throttled=0.1)) == ""


def test_a_read_only_root_has_scratch_directories_where_nothing_else_is_mounted() -> None:
    def entry(path: str, kind: str) -> PlannedFile:
        return PlannedFile(path, kind, 0o755, 0, 0, 0, 0, "", "", "base", "x")  # type: ignore[arg-type]

    plan = replace(
        make_plan("a/b"),
        files=(entry("/run", "directory"), entry("/var/run", "symlink"), entry("/var/lock", "directory")),
        run_directories=(RunDirectory("/var/lock", 0, 0, 0o755, "x"), RunDirectory("/run/app", 33, 33, 0o755, "x")),
    )
    assert scratch_directories(plan) == [Tmpfs("/run", mode=0o755), Tmpfs("/tmp", mode=0o1777)]
