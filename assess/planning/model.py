"""The plan of an estate: applications, dependencies, placements, ports, waves and effort."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from assess.model import Evidence
from assess.planning.placement.placement_problem import PortMethod
from assess.policy.priorities import Advice, Priorities
from inventory.described import doc


@dataclass(frozen=True, slots=True)
class InstanceDifference:
    """``what`` differs; ``values`` maps each value to the workloads (ids) that have it, the commonest first."""

    what: str
    values: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Application:
    """``name`` is unique in the estate; ``members`` are ids of workloads, in the order of the inventory.

    ``model`` is the member that the image is built from: one with the configuration that most hosts have.
    """

    name: str
    members: tuple[str, ...]
    model: str
    differences: tuple[InstanceDifference, ...]

    @property
    def instances(self) -> int:
        """The number of containers that run its image."""
        return len(self.members)


class DependencyKind(StrEnum):
    """The kinds of evidence for a dependency, the strongest first."""

    COUPLED = "coupled"
    CONNECTION = "connection"
    CONFIGURATION = "configuration"


@dataclass(frozen=True, slots=True)
class Dependency:
    """``client`` and ``server`` are ids of workloads; ``port`` is the server's, None where none was seen. Where the
    owner of the port is not known the server is :func:`unidentified`. ``likely``: only its configuration says that the
    port is the server's.
    """

    client: str
    server: str
    tie: DependencyKind
    port: int | None
    evidence: Evidence
    likely: bool = False


@dataclass(frozen=True, slots=True)
class Effort:
    """Hours, as a range; ``parts`` says what they are made of: (what, hours)."""

    low: float
    high: float
    parts: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Move:
    """An application in a wave."""

    application: Annotated[str, doc("Name of the application.")]
    reason: Annotated[str, doc("Why it moves in this wave.")]
    together: Annotated[tuple[str, ...], doc("Applications that must move with it, at most 50 of them.")] = ()


@dataclass(frozen=True, slots=True)
class Wave:
    """``number`` counts from 1."""

    number: int
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Placement:
    """Workloads on one container host."""

    target: Annotated[str, doc("Name of the target.")]
    server: Annotated[int, doc("Number of the host within the target, from 1.", ge=0)]
    workloads: Annotated[tuple[str, ...], doc("Ids of workloads.")]
    fill: Annotated[Mapping[str, float], doc("Share of capacity used of each resource (cpus, memory, pids).")]
    bounded_by: Annotated[str | None, doc("The resource that is full first.")]


@dataclass(frozen=True, slots=True)
class PlannedPort:
    """The plan for a port that a workload uses. ``number`` is the port that clients use; ``way`` how they reach it."""

    workload: str
    transport: str
    wished: int
    number: int
    way: str
    target: str
    server: int

    @property
    def changes_clients(self) -> bool:
        """Whether clients of the port must be changed, or cannot reach it at all."""
        return self.way in (PortMethod.MOVED, PortMethod.STUCK)


@dataclass(frozen=True)
class EstatePlan:
    """``unplaced`` maps ids of workloads to the reason; ``staying`` names of applications that move in no wave.

    ``optimal`` says that no cheaper placement exists; ``rests_on`` are sentences on what the numbers are made of.
    ``efforts`` are by application, ``advice`` by workload, both without entries that say nothing.
    """

    applications: tuple[Application, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    waves: tuple[Wave, ...] = ()
    placements: tuple[Placement, ...] = ()
    ports: tuple[PlannedPort, ...] = ()
    unplaced: tuple[tuple[str, str], ...] = ()
    staying: tuple[tuple[str, str], ...] = ()
    optimal: bool = False
    rests_on: tuple[str, ...] = ()
    efforts: Mapping[str, Effort] = field(default_factory=dict)
    advice: Mapping[str, tuple[Advice, ...]] = field(default_factory=dict)
    priorities: Priorities = field(default_factory=Priorities)

    @property
    def servers(self) -> int:
        """The number of container hosts in use."""
        return len(self.placements)
