"""A reaping PID 1 for containers whose engine provides none."""

from __future__ import annotations

import shutil
from pathlib import Path

INIT_IN_CONTAINER = "/sbin/docker-init"
"""Where Docker mounts its own."""

PROGRAMS = ("docker-init", "tini-static", "catatonit")
"""Each is one static file, so that it runs in any image."""

NO_INIT = f"{{name}} runs without a reaping PID 1, because none of {', '.join(PROGRAMS)} is installed here"


def find_init() -> Path | None:
    """The first that is installed on this machine."""
    found = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    return Path(found).resolve() if found else None
