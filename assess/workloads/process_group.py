"""A group of processes that are one workload."""

from __future__ import annotations

from dataclasses import dataclass

from assess.workloads.init_script_owners import Owner
from inventory.model.processes import Process
from inventory.model.services import Service


@dataclass
class ProcessGroup:
    """Processes that are one workload.

    ``root`` is the pid that the others descend from. ``unit`` is the systemd unit without suffix; ``owner`` the init
    script that started it; ``entry`` the name a supervisor knows it by. ``guests`` are pids of what the program runs at
    a shell that it keeps.
    """

    root: int
    processes: list[Process]
    unit: str = ""
    service: Service | None = None
    owner: Owner | None = None
    entry: str = ""
    supervisor: str = ""
    guests: frozenset[int] = frozenset()

    @property
    def own(self) -> list[Process]:
        """The processes that say what the workload is; all of them when none is left without the guests."""
        if not self.guests:
            return self.processes
        return [process for process in self.processes if process.pid not in self.guests] or self.processes
