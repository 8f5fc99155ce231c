"""Facts that the first pass derives from the longest lists of a host, so that the second need not decode them."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from assess.subjects.utilisation_history import UtilisationHistory
from assess.workloads.package_owners import CachedPackages
from inventory.model.java import JavaProcess
from inventory.model.processes import Process
from inventory.model.sysctls import Sysctl
from inventory.observation import Origin


class KernelThreads(NamedTuple):
    """So many threads of the kernel have this name; ``origin`` is that of the first."""

    name: str
    number: int
    origin: Origin


class CachedFacts(msgspec.Struct, array_like=True, frozen=True):
    """Properties of :class:`assess.subjects.host_facts.HostFacts`.

    ``packages`` are answers about programs of workloads. ``others`` are the processes that belong to no workload; None
    where the processes of a host cannot be put in order again by their numbers.
    """

    settings: tuple[Sysctl, ...]
    packages: CachedPackages
    others: tuple[Process, ...] | None
    kernel_threads: tuple[KernelThreads, ...]
    utilisation_history: UtilisationHistory
    java: tuple[JavaProcess, ...]
    unused_files: frozenset[str]
