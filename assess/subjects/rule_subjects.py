"""The subjects that rules of each scope are asked about."""

from __future__ import annotations

from dataclasses import dataclass

from assess.model import Target, Workload
from assess.subjects.estate_index import EstateIndex
from assess.subjects.host_facts import HostFacts


@dataclass(frozen=True, slots=True)
class WorkloadSubject:
    """Subject of the scope ``workload``."""

    estate: EstateIndex
    host: HostFacts
    workload: Workload


@dataclass(frozen=True, slots=True)
class WorkloadOnTargetSubject:
    """Subject of the scope ``workload on a target``."""

    estate: EstateIndex
    host: HostFacts
    workload: Workload
    target: Target


@dataclass(frozen=True, slots=True)
class HostSubject:
    """Subject of the scope ``host``."""

    estate: EstateIndex
    host: HostFacts


@dataclass(frozen=True, slots=True)
class HostOnTargetSubject:
    """Subject of the scope ``host on a target``."""

    estate: EstateIndex
    host: HostFacts
    target: Target
