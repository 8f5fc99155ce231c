"""Run ``assess build`` for many workloads at once; one failure does not stop the others."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from assess.commands.console import printable
from assess.commands.selection import few
from assess.model import Workload
from containerize.build.artifacts import neighbour_ids, profile_beside, write_artifacts
from containerize.build.builder import BuildFolders, BuildResult, build_workload, companions_of, remove_leftovers
from containerize.commands.build_journal import BuildJournal, FinishedBuild, command_key, still_there
from containerize.commands.grant_options import NOTHING_ASKED, RequestedGrants
from containerize.commands.parallel_work import in_turn, work_through
from containerize.commands.work_result import WorkResult
from containerize.content_store import ContentStore
from containerize.emitters.emission import Emitter
from containerize.estate import Estate
from containerize.grants.needs import needs_of
from containerize.host.shared_connection import HostConnections
from containerize.plan.make_plan import make_plan
from containerize.plan.model import ImagePlan, Level
from containerize.plan.request import PlanRequest, Reporting
from containerize.profile.workload_profile import NOTHING_SEEN, WorkloadProfile
from containerize.transfer.known_hashes import KnownHashes
from inventory.errors import BrownfieldError, InventoryError
from inventory.host import Host
from inventory.store.workspace import Workspace
from inventory.transports import ConnectOptions, connect
from inventory.transports.transport import Transport

Watch = Callable[[Workload], Reporting]
"""Gives the progress of one workload somewhere to go."""

Make = Callable[[Workload, Transport, "BuildOutcome"], None]
"""Makes the image or the plan of one workload, and records it."""


@dataclass
class BuildOutcome:
    """The results by workload, in the order of the request, and failures by id."""

    built: dict[str, BuildResult] = field(default_factory=dict)
    planned: dict[str, ImagePlan] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    remarks: dict[str, list[str]] = field(default_factory=dict)
    """Sentences about a workload that are neither in its plan nor a failure."""
    recipes: dict[str, WrittenRecipe] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    before: set[str] = field(default_factory=set)
    """Those of ``built`` that an earlier run of the same command built."""
    order: list[str] = field(default_factory=list)

    def results(self) -> list[WorkResult]:
        """A row for each workload, in the order of the request."""
        rows: dict[str, WorkResult] = {}
        for name, each in self.built.items():
            before = name in self.before
            seconds = None if before else self.seconds.get(name)
            rows[name] = WorkResult(
                name, "built before" if before else "built", each.built.compressed_size, _rounded(seconds), ""
            )
        for name, plan in self.planned.items():
            size = sum(file.size for file in plan.files)
            rows[name] = WorkResult(name, "planned", size, _rounded(self.seconds.get(name)), "")
        for name, reason in self.failed.items():
            rows[name] = WorkResult(name, "failed", None, _rounded(self.seconds.get(name)), reason)
        return [rows[name] for name in dict.fromkeys((*self.order, *rows)) if name in rows]

    def sort(self, ids: Sequence[str]) -> None:
        """Put everything into the order of ``ids``: workloads that are built at once end in any order."""
        self.order = list(ids)
        for each in (self.built, self.planned, self.failed, self.remarks, self.recipes, self.seconds):
            held: dict[str, Any] = dict(each)
            each.clear()
            each.update({name: held[name] for name in ids if name in held})


@dataclass(frozen=True, slots=True)
class WrittenRecipe:
    """A Containerfile of the mode ``rebuild`` at ``path``. ``packages`` are as its package manager is asked for them;
    ``files`` and ``removals`` are numbers of paths. ``compared`` says that it was held against what its base brings,
    ``built`` that an image was made of it.
    """

    path: Path
    base: str
    packages: tuple[str, ...]
    files: int
    removals: int
    compared: bool
    built: bool


def by_host(workloads: Iterable[Workload]) -> dict[str, list[Workload]]:
    """Workloads grouped by host, in the order in which they were asked for."""
    hosts: dict[str, list[Workload]] = {}
    for workload in workloads:
        found = hosts.setdefault(workload.host, [])
        if workload not in found:
            found.append(workload)
    return hosts


@dataclass(frozen=True)
class EstateBuilder:
    """Builds workloads of one estate into one workspace. ``emitters`` () means all that fit."""

    estate: Estate
    hosts: dict[str, Host]
    workspace: Workspace
    connecting: ConnectOptions
    watch: Watch
    bytes_per_second: int = 0
    level: Level = "complete"
    without: tuple[str, ...] = ()
    emitters: tuple[Emitter, ...] = ()
    asked: RequestedGrants = NOTHING_ASKED
    """What the command line allows: for those workloads that need it, or for the only one."""
    only: bool = True
    jobs: int = 1
    new: bool = False
    """Build again what an earlier run of the same command finished."""
    ended: Callable[[Workload], None] = lambda _workload: None
    _hashes: dict[str, KnownHashes] = field(default_factory=dict, compare=False)

    def build(self, workloads: Iterable[Workload]) -> BuildOutcome:
        """Build them all. The workspace must be held: what an earlier run left half-made is removed first."""
        remove_leftovers(self.workspace.content, self.workspace.path / "builds")
        listed = list({each.id: each for each in workloads}.values())
        wanted = {each.id for each in listed}
        journal = BuildJournal(self.workspace.path, self._key(listed))
        # A pilot replaces images of this level, so only a whole run is a result.
        finished = journal.begin(new=self.new or self.level == "observed")
        before = self._still_there(listed, finished)

        def make(workload: Workload, transport: Transport, outcome: BuildOutcome) -> None:
            began = time.monotonic()
            places = BuildFolders(self.workspace.content, self.workspace.build(workload.host, workload.name))
            request = self.request(workload, places.build)
            result = build_workload(request, transport, places, self.watch(workload))
            # The files beside an image are about its neighbours too, and these may not be built yet.
            if wanted.isdisjoint(neighbour_ids(result.plan)):
                result = self.described(workload, result)
                if self.level != "observed":
                    journal.add(places.build, result, time.monotonic() - began)
            outcome.built[workload.id] = result

        outcome = self._work([each for each in listed if each.id not in before], make)
        self.describe(outcome)
        outcome.built.update(before)
        outcome.before.update(before)
        outcome.sort([each.id for each in listed])
        if not outcome.failed or self.level == "observed":
            journal.remove()
        return outcome

    def _still_there(
        self, workloads: Sequence[Workload], finished: Mapping[str, FinishedBuild]
    ) -> dict[str, BuildResult]:
        """The builds of an earlier run that are as it left them."""
        found = {}
        for workload in workloads:
            folder, row = self.workspace.build(workload.host, workload.name), finished.get(workload.id)
            if row is not None and (result := still_there(folder, row)) is not None:
                found[workload.id] = result
                self.ended(workload)
        return found

    def _key(self, workloads: Sequence[Workload]) -> str:
        """The command line as one digest, with the scan and the version that it is for."""
        return command_key(
            (
                version("brownfield"),
                self.estate.scan.id,
                sorted(each.id for each in workloads),
                self.level,
                sorted(self.without),
                sorted(each.name for each in self.emitters),
                sorted((each.kind, each.name) for each in self.asked.grants),
                self.asked.withdraw,
            )
        )

    def profile(self, plan: ImagePlan) -> WorkloadProfile:
        """The scan's profile of a workload that was built."""
        host = self.estate.host(plan.host)
        workload = next((each for each in host.workloads if each.id == plan.workload), None)
        return profile_beside(plan, workload, host, self.estate.facts) if workload is not None else NOTHING_SEEN

    def _work(self, workloads: Iterable[Workload], make: Make) -> BuildOutcome:
        """Call ``make`` for each workload with the connection to its host, up to ``jobs`` at once. A failure is
        recorded, and stops no other.
        """
        outcome = BuildOutcome()
        listed = list({each.id: each for each in workloads}.values())
        connecting = replace(self.connecting, bytes_per_second=self.bytes_per_second)
        connections = HostConnections(lambda host: connect(host, connecting), Counter(each.host for each in listed))

        def one(workload: Workload) -> None:
            began = time.monotonic()
            with noting(workload, outcome), connections.to(self._host(workload)) as transport:
                make(workload, transport, outcome)
            outcome.seconds[workload.id] = time.monotonic() - began
            self.ended(workload)

        def undone(_left: int) -> str:
            done = [*outcome.built, *outcome.planned]
            names = f" ({few([printable(each) for each in done])})" if done else ""
            return f"{len(done)} of {len(listed)} workloads are done{names}; run the same command to resume"

        work_through(in_turn(listed, lambda each: each.host), one, self.jobs, connections.close, undone)
        outcome.sort([each.id for each in listed])
        return outcome

    def _host(self, workload: Workload) -> Host:
        host = self.hosts.get(workload.host)
        if host is None:
            raise InventoryError(f"{workload.host} is not in {self.estate.scan.inventory} any more")
        return host

    def describe(self, outcome: BuildOutcome) -> None:
        """Write what is beside those images that have nothing beside them: those of neighbours, and those that took the
        place of others since they were built.
        """
        for name, result in list(outcome.built.items()):
            if not result.written:
                (workload,) = self.estate.find(name)
                with noting(workload, outcome):
                    outcome.built[name] = self.described(workload, result)

    def described(self, workload: Workload, result: BuildResult) -> BuildResult:
        """The result with the files beside the image, which are written now; what was allowed for it is recorded
        before.
        """
        host = self.estate.host(workload.host)
        places = BuildFolders(self.workspace.content, self.workspace.build(workload.host, workload.name))
        self.asked.record_built(places.build, needs_of(result.plan), only=self.only)
        seen = profile_beside(result.plan, workload, host, self.estate.facts)
        written = write_artifacts(result.plan, result.built, places, seen, self.emitters, result.secrets, self.profile)
        return replace(result, written=written)

    def plan(self, workloads: Iterable[Workload]) -> BuildOutcome:
        """Make the plans and keep nothing: what has to be read to know what is needed goes to a temporary folder."""

        def make(workload: Workload, transport: Transport, outcome: BuildOutcome) -> None:
            with tempfile.TemporaryDirectory(prefix="assess-") as folder:
                request = self.request(workload, self.workspace.build(workload.host, workload.name), fetch=False)
                planned = make_plan(request, transport, ContentStore(Path(folder)), self.watch(workload))
                outcome.planned[workload.id] = planned.plan

        return self._work(workloads, make)

    def request(self, workload: Workload, folder: Path, *, fetch: bool = True) -> PlanRequest:
        """Return what is to be planned for a workload, whose build is in ``folder``."""
        host = self.estate.host(workload.host)
        return PlanRequest(
            workload,
            companions_of(workload, host),
            host,
            self.estate.facts,
            fetch=fetch,
            bytes_per_second=self.bytes_per_second,
            level=self.level,
            without=self.without,
            not_secret=self.asked.not_secret(folder),
            known_hashes=self._hashes.setdefault(host.name, KnownHashes()),
        )

    def connected(self, workloads: Iterable[Workload], outcome: BuildOutcome) -> Iterator[tuple[Transport, Workload]]:
        """Each workload with a way to its host; one connection a host."""
        for name, wanted in by_host(workloads).items():
            host = self.hosts.get(name)
            if host is None:
                sentence = f"{name} is not in {self.estate.scan.inventory} any more"
                outcome.failed.update({workload.id: sentence for workload in wanted})
                continue
            try:
                with connect(host, replace(self.connecting, bytes_per_second=self.bytes_per_second)) as transport:
                    for workload in wanted:
                        yield transport, workload
            except BrownfieldError as error:
                for workload in wanted:
                    if workload.id not in outcome.built and workload.id not in outcome.planned:
                        outcome.failed.setdefault(workload.id, str(error))


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


@contextmanager
def noting(workload: Workload, outcome: BuildOutcome) -> Iterator[None]:
    """Record the failure of one workload without stopping the others."""
    try:
        yield
    except BrownfieldError as error:
        outcome.failed[workload.id] = str(error)
