"""Chosen lines of /proc/meminfo, /proc/stat and /proc/mounts: memory, start of the kernel, control groups."""

from __future__ import annotations

import re

from inventory.formats.grep_lines import file_lines
from inventory.formats.procfs.process_files import whole_lines
from inventory.formats.unreadable_rows import unreadable_row
from inventory.model.system import MemoryUse
from inventory.recording import SectionRecording

_SIZE = re.compile(r"(?P<name>\w+):\s*(?P<number>\d{1,20})(?P<unit> kB)?", re.ASCII)
_OLDER = {"memory": "/proc/meminfo", "boot": "/proc/stat", "cgroup": "/proc/mounts"}
"""Parts of earlier recordings, each with lines of one file and without its name."""


class SystemFiles:
    """The contents of the part ``tables``; raises ParseError."""

    def __init__(self, recording: SectionRecording) -> None:
        lines = [(line.path, line.text) for line in file_lines(recording.part("tables"))]
        for name, path in _OLDER.items():
            part = recording.part(name)
            texts = [raw.decode("utf-8", "surrogateescape") for raw in whole_lines(part)] if part is not None else []
            lines += [(path, text) for text in texts]
        self._sizes: dict[str, int] = {}
        self.boot_time = 0.0
        kinds: set[str] = set()
        for path, text in lines:
            if path == "/proc/meminfo":
                match = _SIZE.fullmatch(text)
                if match is None:
                    unreadable_row(f"a line of {path} is not a size")
                    continue
                self._sizes[match["name"]] = int(match["number"]) * (1024 if match["unit"] else 1)
            elif path == "/proc/stat":
                self.boot_time = _seconds(text)
            elif len(fields := text.split(" ")) > 3:
                kinds.add(fields[2])
        self.memory_bytes = self._sizes.get("MemTotal", 0)
        self.cgroup_version = (1 if "cgroup" in kinds else 0) + (2 if "cgroup2" in kinds else 0)

    @property
    def memory(self) -> MemoryUse | None:
        """None when a host was asked only how much it has."""
        of = self._sizes
        if "MemFree" not in of:
            return None
        huge = of.get("HugePages_Total", 0) * of.get("Hugepagesize", 0)
        return MemoryUse(of["MemFree"], of.get("MemAvailable"), of.get("SwapTotal", 0), of.get("SwapFree", 0), huge)


def _seconds(text: str) -> float:
    number = text.removeprefix("btime ").strip()
    if not (number.isascii() and number.isdigit() and len(number) <= 20):
        unreadable_row("boot:1 is not a number")
        return 0.0
    return float(int(number))
