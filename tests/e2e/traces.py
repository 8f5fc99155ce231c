"""What pilots leave on this machine, by any runtime. Pilots of others are theirs."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from containerize.runtimes.runtime import OWNER_LABEL, PILOT_LABEL

_SETTLE_SECONDS = 20.0
_OF_A_PILOT = re.compile(r"brownfield-[0-9a-f]{8}(?![0-9a-z])")
"""How the names of a pilot's things begin (PilotId.prefix); tests name images of their own otherwise."""

_LISTS = (
    (("ps", "--all"), "{{.Names}}"),
    (("volume", "ls"), "{{.Name}}"),
    (("network", "ls"), "{{.Name}}"),
    (("images",), "{{.Repository}}"),
)


@contextmanager
def nothing_left_behind() -> Iterator[list[int]]:
    """After the block, nothing is there of the pilots of the processes whose numbers were put into the list."""
    before = _traces()
    ours: list[int] = []
    yield ours
    deadline = time.monotonic() + _SETTLE_SECONDS
    # Somebody else's pilot may be between making a thing and saying whose it is; what appears from now on is not ours.
    left = _not_of_others(_traces() - before, ours)
    while left:
        assert time.monotonic() < deadline, sorted(left)
        time.sleep(1)
        left &= _not_of_others(_traces() - before, ours)


def _traces() -> set[str]:
    """Containers, networks, volumes, images, namespaces, links, mounts and folders that a pilot made."""
    found = {f"memory {path.name}" for path in Path("/dev/shm").glob("brownfield-*")}
    found |= {f"storage {path.name}" for path in Path("/var/lib/brownfield/pilots").glob("*")}
    found |= {f"service {path.name}" for path in Path("/run").glob("brownfield-podman-*")}
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    found |= {f"mount {line.split()[4]}" for line in mounts if "brownfield" in line and "estate" not in line}
    found |= {f"namespace {line.split()[0]}" for line in _lines("ip", "netns", "list")}
    for engine in ("docker", "podman"):
        if shutil.which(engine) is None:
            continue
        for command, form in _LISTS:
            found |= {f"{engine} {command[0]} {line}" for line in _lines(engine, *command, "--format", form)}
    return {line for line in found if _OF_A_PILOT.search(line) or line.startswith(("storage", "service"))}


def _not_of_others(traces: set[str], ours: list[int]) -> set[str]:
    """Those that nobody is known to have made, or that we have."""
    others = {number for number, pid in _owners().items() if pid not in ours}
    services = {f"service brownfield-podman-{pid}" for pid in ours}
    return {
        line
        for line in traces
        if not any(number in line for number in others) and (line in services or not line.startswith("service"))
    }


def _owners() -> dict[str, int]:
    """The process that made each pilot, as far as its traces say."""
    found: dict[str, int] = {}
    for engine in ("docker", "podman"):
        form = f'{{{{.Label "{PILOT_LABEL}"}}}} {{{{.Label "{OWNER_LABEL}"}}}}'
        for row in _lines(engine, "ps", "-a", "--filter", f"label={PILOT_LABEL}", "--format", form):
            number, _, owner = row.partition(" ")
            found[number] = _pid(owner)
    for path in Path("/dev/shm").glob("brownfield-*/owner"):
        found[path.parent.name.removeprefix("brownfield-")] = _pid(path.read_text())
    return found


def _pid(owner: str) -> int:
    """The process number in ``boot/namespace/pid/start``."""
    number = owner.split("/")[2] if owner.count("/") >= 2 else ""
    return int(number) if number.isdigit() else 0


def _lines(*command: str) -> list[str]:
    if shutil.which(command[0]) is None:
        return []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [line.strip() for line in done.stdout.splitlines() if line.strip()]
