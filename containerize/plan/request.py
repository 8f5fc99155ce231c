"""The request for a plan, and the receiver of its progress."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from assess.model import Workload
from assess.subjects.estate_facts import EstateView
from assess.subjects.host_facts import HostFacts
from containerize.plan.model import Level
from containerize.transfer.file_receiver import Progress
from containerize.transfer.known_hashes import KnownHashes


@dataclass(frozen=True)
class Reporting:
    """Receivers of progress: ``step`` gets a few words, ``files`` the arrived files."""

    step: Callable[[str], None] = lambda _step: None
    files: Progress = lambda _files, _size: None


@dataclass(frozen=True)
class PlanRequest:
    """The input of a plan. ``bytes_per_second`` 0 is unlimited; ``fetch`` False leaves most content on the host.

    A plan of the level ``observed`` begins as a lean one: what its pilot uses is known only later. ``without`` are
    paths that are left out in any case, ``not_secret`` those that a person declared harmless. ``known_hashes`` are
    those of the host that other builds asked for.
    """

    workload: Workload
    companions: tuple[Workload, ...]
    host: HostFacts
    estate: EstateView
    fetch: bool = True
    bytes_per_second: int = 0
    level: Level = "complete"
    without: tuple[str, ...] = ()
    not_secret: tuple[str, ...] = ()
    known_hashes: KnownHashes = field(default_factory=KnownHashes, compare=False)

    @property
    def workloads(self) -> tuple[Workload, ...]:
        """The workload and what comes along with it in the same image."""
        return (self.workload, *self.companions)

    @property
    def members(self) -> tuple[Workload, ...]:
        """The units that start by themselves in the container: these workloads, or their parts if they have any."""
        return tuple(unit for each in self.workloads for unit in each.units)
