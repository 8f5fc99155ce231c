"""The supervisor's binary for an architecture: from the installed package, or compiled at its first use."""

from __future__ import annotations

from pathlib import Path

from containerize.supervisor.compile import ARCHITECTURES, ZIG_VERSION, CompilerMissing, binary_path, compile_binary
from inventory.errors import BrownfieldError


class SupervisorMissing(BrownfieldError):
    """An image needs the supervisor, and this installation has no binary for it and cannot make one."""


def supervisor_binary(architecture: str) -> Path:
    """The path of the binary for ``amd64`` or ``arm64``. Raises SupervisorMissing."""
    if architecture not in ARCHITECTURES:
        raise SupervisorMissing(
            f"no supervisor for the architecture {architecture}: services that need one can be built for "
            f"{' and '.join(ARCHITECTURES)}"
        )
    path = binary_path(architecture)
    if path.is_file():
        return path
    try:
        compile_binary(architecture, path)
    except (CompilerMissing, OSError) as error:
        raise SupervisorMissing(
            f"this service needs the supervisor, which was not built with this installation ({error}): install the "
            f"wheel, or run pip install ziglang=={ZIG_VERSION}"
        ) from error
    return path
