"""What a pilot left on this machine."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from containerize.runtimes.pilot_owner import PilotId


def traces(pilot: PilotId, name: str = "") -> list[str]:
    """Everything on this machine whose name says that the pilot made it."""
    found = [str(path) for path in Path("/dev/shm").glob(f"{pilot.prefix}*")]
    found += [str(path) for path in Path("/var/lib/brownfield/pilots").glob(f"{pilot.id}*")]
    found += [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if pilot.id in line]
    commands = [["ip", "netns", "list"], ["ip", "-brief", "link"]]
    for engine in ("docker", "podman"):
        if engine == name and shutil.which(engine):
            commands += [
                [engine, "ps", "--all", "--format", "{{.Names}}"],
                [engine, "volume", "ls", "--format", "{{.Name}}"],
                [engine, "network", "ls", "--format", "{{.Name}}"],
                [engine, "images", "--format", "{{.Repository}}"],
            ]
    for command in commands:
        listed = subprocess.run(command, capture_output=True, text=True, check=False)
        found += [f"{' '.join(command)}: {line}" for line in listed.stdout.splitlines() if pilot.id in line]
    return found
