"""Directories that must be writable below a read-only root."""

from __future__ import annotations

from containerize.plan.model import ImagePlan
from containerize.runtimes.runtime import Tmpfs

_SCRATCH = {"/run": 0o755, "/tmp": 0o1777, "/var/tmp": 0o1777, "/var/run": 0o755, "/var/lock": 0o1777}  # noqa: S108
"""Directories whose content no boot keeps, with their modes."""


_ALWAYS = ("/run", "/tmp")  # noqa: S108
"""Made where the image has none."""


def scratch_directories(plan: ImagePlan) -> list[Tmpfs]:
    """Memory file systems over those of these directories that the image has and that nothing else is mounted on."""
    kinds = {file.path: file.kind for file in plan.files}
    mounted = {each.path for each in plan.run_directories} | {each.path for each in plan.volumes}
    wanted = [path for path in _SCRATCH if kinds.get(path, "directory" if path in _ALWAYS else "") == "directory"]
    return [Tmpfs(path, mode=_SCRATCH[path]) for path in wanted if path not in mounted]
