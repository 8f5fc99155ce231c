"""In-memory directories for a service with a read-only root file system, as its pilot had them."""

from __future__ import annotations

from containerize.emitters.emission import Emission
from containerize.pilot.scratch_directories import scratch_directories
from containerize.runtimes.runtime import Tmpfs


def writable_directories(emission: Emission) -> list[Tmpfs]:
    """By path, so that what lies above comes first; none where the root file system is writable."""
    if not emission.read_only_root:
        return []
    plan = emission.plan
    own = [Tmpfs(each.path, each.uid, each.gid, each.mode) for each in plan.run_directories]
    return sorted([*own, *scratch_directories(plan)], key=lambda each: each.path)
