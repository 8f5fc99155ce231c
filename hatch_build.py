"""The build of the wheel: the supervisor's binaries are compiled and put in, the same to the byte.

An editable install gets them in the checkout. Without the compiler, the installation works for all but images that need
the supervisor; these then name what is missing.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class SupervisorBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Compiles for all architectures before files are collected."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the binaries as data of the package."""
        sys.path.insert(0, self.root)
        try:
            from containerize.supervisor.compile import CompilerMissing, compile_all
        finally:
            sys.path.remove(self.root)
        try:
            binaries = compile_all()
        except (CompilerMissing, OSError) as error:
            self.app.display_warning(f"Without the supervisor for containers: {error}")
            return
        if version != "editable":
            for path in binaries:
                build_data["force_include"][str(path)] = str(path.relative_to(Path(self.root)))
