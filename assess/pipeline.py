"""The one path from a stored scan to workloads, policy and assessment. Every command that judges or moves a workload
takes it, so that all know the workloads by the same names.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from assess.assessment import Assessment
from assess.assessment_comparison import about, judgements_of
from assess.assessor import Criteria, assess_hosts, names_of
from assess.model import Target
from assess.policy.model import Policy
from assess.policy.policy_file import policy_beside
from assess.policy.priorities import priorities_of
from assess.rules import RULES
from assess.streaming.host_survey import facts_of, surveys_of
from assess.streaming.results import Results
from assess.subjects.estate_index import EstateIndex, Interner
from assess.subjects.host_facts import HostFacts
from assess.targets.container_hosts import GROUP, targets_of
from assess.targets.local_target import local_target
from assess.targets.target_profiles import chosen_targets
from inventory.history.fingerprint import fingerprint_of
from inventory.store.cache.snapshot_cache import HELD, SnapshotCache
from inventory.store.database import Store
from inventory.store.earlier_results import EarlierResults
from inventory.store.quoted_lines import QuotedLines
from inventory.store.scan_records import Scan


def assess_scan(
    store: Store,
    scan: Scan,
    inventory: str = "",
    prioritize: str | None = None,
    targets: Sequence[str] = (),
    *,
    snapshots: SnapshotCache | None = None,
) -> Assessment:
    """Judge what a scan brought home, on the container hosts in it, else on the engine of this machine.

    ``targets`` are names of profiles and of scanned container hosts to judge on instead; raises UnknownTarget.

    ``inventory`` is the path as the user gave it (default: as the scan keeps it). Its time is when the scan ended, so
    that the same scan gives the same assessment. Names of workloads are those of earlier scans where these had one.
    ``prioritize`` says what comes first (``security,cost``), None: what brownfield.yaml says. ``snapshots`` are those
    of the scan, where the caller needs them too.

    An estate of at most :data:`HELD` hosts stays in memory with all its facts. A larger one is read twice, one host at
    a time; what was found out about it is on disk, and the assessment has those facts of a host that reports show, and
    no more.
    """
    snapshots = snapshots or SnapshotCache(store, scan)
    chosen = chosen_targets(targets, targets_of(snapshots.in_group(GROUP)), local_target)
    policy = policy_of(Path(scan.inventory))
    if prioritize is not None:
        policy = replace(policy, priorities=priorities_of(prioritize))
    taken = [host.taken for host in store.hosts(scan)] if not scan.finished else []
    made = scan.finished or max(taken, default=scan.started)
    few = len(scan.hosts) <= HELD
    criteria = Criteria(
        targets=chosen,
        now=made,
        inventory_path=inventory or scan.inventory,
        known_names=_Names(store, scan),
        quote=QuotedLines(snapshots.section),
        policy=policy,
    )
    if few:
        return assess_hosts(snapshots, criteria, Results(), held=HELD)
    return assess_hosts(snapshots, criteria, Results.on_disk(store.folder), surveys=snapshots)


def policy_of(inventory: Path) -> Policy:
    """The content of brownfield.yaml in the folder of an inventory, checked. Raises PolicyError."""
    return policy_beside(inventory, [(rule.id, rule.name, *rule.aliases) for rule in RULES])


class StoredEstate:
    """The hosts of a stored scan, for commands that work on a few of them. Implements
    :class:`~assess.subjects.estate_facts.EstateView`; the store must stay open.

    What hosts know of each other comes from the surveys in the cache. The facts of a host are read when they are
    needed, and once, also when several threads need it. Raises PolicyError and WorkspaceError.
    """

    def __init__(self, store: Store, scan: Scan) -> None:
        self._store = store
        self._scan = scan
        self._snapshots = SnapshotCache(store, scan)
        self._policy = policy_of(Path(scan.inventory))
        self._hosts: dict[str, HostFacts] = {}
        self._reading = threading.Lock()

    @cached_property
    def known(self) -> EstateIndex:
        """The index of all hosts. A host without a survey of these facts and this policy is surveyed now."""
        names = _Names(self._store, self._scan)
        surveys = surveys_of(self._snapshots, names, self._policy, Interner())
        return EstateIndex(tuple(each.known for each in surveys), (), self._scan.finished or self._scan.started)

    @cached_property
    def targets(self) -> tuple[Target, ...]:
        """The scanned container hosts."""
        return targets_of(self._snapshots.in_group(GROUP))

    def host(self, name: str) -> HostFacts:
        """A host by its name in the inventory, with the workloads that the report shows."""
        with self._reading:
            if name not in self._hosts:
                self._hosts[name] = facts_of(self._snapshots.host(name), self._store.names(name), self._policy)
            return self._hosts[name]


def keep_names(store: Store, assessment: Assessment) -> None:
    """Keep the names of workloads for the next scan."""
    store.remember(names_of(assessment))


def keep_history(store: Store, scan: Scan, assessment: Assessment, snapshots: SnapshotCache) -> None:
    """Keep what this version has read and judged, so that a later one can say what it reads and judges differently.
    ``snapshots`` are those that were judged.
    """
    history = EarlierResults(store)
    program = version("brownfield")
    history.keep_readings(scan, ((each.host, fingerprint_of(each)) for each in snapshots if each.observations), program)
    history.keep_judgement(scan, about(assessment), judgements_of(assessment), program)


class _Names:
    """The names that workloads had before, read for many hosts at once: they are asked for in inventory order."""

    _AT_ONCE = 200

    def __init__(self, store: Store, scan: Scan) -> None:
        self._store = store
        self._hosts = scan.hosts
        self._next = 0
        self._read: Mapping[str, Mapping[str, str]] = {}
        self._of: frozenset[str] = frozenset()

    def __call__(self, host: str) -> Mapping[str, str]:
        while host not in self._of and self._next < len(self._hosts):
            hosts = self._hosts[self._next : self._next + self._AT_ONCE]
            self._next += len(hosts)
            self._read, self._of = self._store.names_of(hosts), frozenset(hosts)
        return self._read.get(host, {})
