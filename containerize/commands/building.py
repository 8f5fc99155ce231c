"""What ``assess build`` does once its options are read: host by host, and one failure stops no other."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from assess.model import Workload
from containerize.builder import BuildResult, Places, build_workload, companions_of, remove_leftovers
from containerize.content import ContentStore
from containerize.estate import Estate
from containerize.plan import Plan
from containerize.planning import Reporting, Request, make_plan
from inventory.errors import BrownfieldError
from inventory.host import Host
from inventory.store.workspace import Workspace
from inventory.transports import ConnectOptions, connect
from inventory.transports.transport import Transport

Watch = Callable[[Workload], Reporting]
"""Gives the progress of one workload somewhere to go."""


@dataclass
class Outcome:
    """What became of each workload: results in the order in which they were asked for, failures by id."""

    built: dict[str, BuildResult] = field(default_factory=dict)
    planned: dict[str, Plan] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def by_host(workloads: Iterable[Workload]) -> dict[str, list[Workload]]:
    """Workloads grouped by host, in the order in which they were asked for."""
    hosts: dict[str, list[Workload]] = {}
    for workload in workloads:
        found = hosts.setdefault(workload.host, [])
        if workload not in found:
            found.append(workload)
    return hosts


@dataclass(frozen=True)
class Builder:
    """Builds workloads of one estate into one workspace."""

    estate: Estate
    hosts: dict[str, Host]
    workspace: Workspace
    connecting: ConnectOptions
    watch: Watch
    bytes_per_second: int = 0

    def build(self, workloads: Iterable[Workload]) -> Outcome:
        """Build them all. The workspace must be held: what an earlier run left half-made is removed first."""
        outcome = Outcome()
        remove_leftovers(self.workspace.content, self.workspace.path / "builds")
        for transport, workload in self._connected(workloads, outcome):
            places = Places(self.workspace.content, self.workspace.build(workload.host, workload.name))
            with _noting(workload, outcome):
                outcome.built[workload.id] = build_workload(
                    workload,
                    self.estate.host(workload.host),
                    self.estate.facts,
                    transport,
                    places,
                    self.watch(workload),
                    bytes_per_second=self.bytes_per_second,
                )
        return outcome

    def plan(self, workloads: Iterable[Workload]) -> Outcome:
        """Make the plans and keep nothing: what has to be read to know what is needed goes to a temporary folder."""
        outcome = Outcome()
        for transport, workload in self._connected(workloads, outcome):
            host = self.estate.host(workload.host)
            request = Request(workload, companions_of(workload, host), host, self.estate.facts, fetch=False)
            with _noting(workload, outcome), tempfile.TemporaryDirectory(prefix="assess-") as folder:
                content = ContentStore(Path(folder))
                outcome.planned[workload.id], _ = make_plan(request, transport, content, self.watch(workload))
        return outcome

    def _connected(self, workloads: Iterable[Workload], outcome: Outcome) -> Iterator[tuple[Transport, Workload]]:
        """Each workload with a way to its host; one connection a host."""
        for name, wanted in by_host(workloads).items():
            host = self.hosts.get(name)
            if host is None:
                sentence = f"{name} is not in {self.estate.scan.inventory} any more"
                outcome.failed.update({workload.id: sentence for workload in wanted})
                continue
            try:
                with connect(host, self.connecting) as transport:
                    for workload in wanted:
                        yield transport, workload
            except BrownfieldError as error:
                for workload in wanted:
                    if workload.id not in outcome.built and workload.id not in outcome.planned:
                        outcome.failed.setdefault(workload.id, str(error))


@contextmanager
def _noting(workload: Workload, outcome: Outcome) -> Iterator[None]:
    try:
        yield
    except BrownfieldError as error:
        outcome.failed[workload.id] = str(error)
