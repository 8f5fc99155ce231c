"""Names of programs that run from memory and were never a file (memfd_create(2))."""

from __future__ import annotations

import posixpath
import re

from inventory.model.processes import Process

_MARK = "memfd:"
_DESCRIPTORS = ("/proc/", "/dev/fd/")
# A UUID, or letters with a digit among them (hexadecimal, base 36, a pid). Short ones are versions: ``agent-7.52``.
_RANDOM = re.compile(
    r"(?:[-_.](?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?=[A-Za-z]*[0-9])[0-9A-Za-z]{4,}))+", re.IGNORECASE
)


def name_in_memory(process: Process) -> str:
    """The base name of what it was started as, else the kernel's short name, else that of its memory.

    None of them is a path: no file has to do with it. Whoever makes such memory likes to put random characters at the
    end of a name; they are left out, since the name must be the same at the next scan.
    """
    first = process.arguments[0] if process.arguments else ""
    if len(process.arguments) == 1:
        first = first.partition(" ")[0]  # a title that it wrote over its arguments
    if first.startswith(_DESCRIPTORS):
        first = ""
    memory = (process.executable or "").rpartition("/")[2].removeprefix(_MARK)
    for name in (first.rstrip(":"), process.name, memory):
        base = posixpath.basename(name).removeprefix("-")
        if base and not base.isdigit() and not base.startswith(_MARK):
            return _without_random_end(base)
    return "memfd"


def _without_random_end(name: str) -> str:
    match = next((each for each in _RANDOM.finditer(name) if each.end() == len(name)), None)
    return (name[: match.start()] if match else name) or name
