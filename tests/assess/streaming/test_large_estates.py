"""An estate that is judged one snapshot at a time, with its results on disk, is judged as if all were in memory."""

from __future__ import annotations

import gc
import io
import json
import random
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

import pytest

from assess.assessment import Assessment
from assess.assessment_comparison import judgement_of
from assess.assessor import Criteria, assess_estate, assess_hosts, names_of
from assess.export.export_document import to_document, write_document
from assess.model import Target
from assess.policy.model import Policy, Waiver, WorkloadOverride
from assess.policy.priorities import priorities_of
from assess.streaming.results import Results
from inventory.observation import Found, Origin
from inventory.snapshot import Snapshot
from tests.support.estate_recordings import recorded_host
from tests.support.judging import TARGET, target
from tests.support.snapshots import TAKEN, unreachable
from tests.support.windows_snapshots import wine

RECORDED = ("web01", "db01", "app01", "vm01")
SWARM = target(name="swarm", swarm=True, servers=3, cpus=8, memory_bytes=16 << 30)


def copies(times: int) -> list[Snapshot]:
    """The recorded hosts again and again, connected with and naming each other by chance."""
    chance = random.Random(3)
    made = []
    for number in range(times):
        for place, name in enumerate(RECORDED):
            recorded = recorded_host(name)
            observations = dict(recorded.observations)
            sockets, configuration = observations["sockets"].value, observations["configuration"].value
            connections = list(sockets.connections)
            for _ in range(3 if connections else 0):
                peer = f"10.0.{chance.randrange(times)}.{chance.randrange(1, 5)}"
                port = chance.choice((80, 3306, 22, 443))
                connections.append(replace(chance.choice(connections), remote_address=peer, remote_port=port))
            lines = list(configuration.lines)
            for _ in range(4):
                at = chance.randrange(len(lines))
                peer = f"server = {chance.choice(RECORDED)}-{chance.randrange(times):03} # \udcfc"
                lines[at] = replace(lines[at], text=f"{peer} and 10.0.{chance.randrange(times)}.2:3306")
            observations["sockets"] = Found(replace(sockets, connections=tuple(connections)))
            observations["configuration"] = Found(replace(configuration, lines=tuple(lines)))
            address = f"10.0.{number}.{place + 1}"
            made.append(replace(recorded, host=f"{name}-{number:03}", address=address, observations=observations))
    return made


class Passing(Sequence[Snapshot]):
    """Snapshots that are made anew for each walk, and counted."""

    def __init__(self, snapshots: Sequence[Snapshot]) -> None:
        self._snapshots = snapshots
        self.walks = 0

    def __len__(self) -> int:
        return len(self._snapshots)

    def __getitem__(self, index: object) -> Snapshot:  # type: ignore[override]
        raise AssertionError("snapshots pass by")

    def __iter__(self) -> Iterator[Snapshot]:
        self.walks += 1
        return (replace(each) for each in self._snapshots)


def quote(host: str, origin: Origin) -> str:
    return f"{host} {origin} \udcfc"


JUDGEMENTS = {
    "plain": Policy(),
    "priorities": Policy(priorities=priorities_of("security,cost")),
    "waivers": Policy(
        path="brownfield.yaml",
        waivers=(
            Waiver("NET001", "known", workload="web01-00*"),
            Waiver("NET001", "late", host="db01-*", until=date(2001, 1, 1)),
            Waiver("PRC999", "of nothing", line=7),
        ),
        overrides=(
            WorkloadOverride("web01-001/*", criticality="high"),
            WorkloadOverride("db01-*/mariadb", name="database"),
        ),
    ),
}


def streamed(
    snapshots: Sequence[Snapshot], targets: Sequence[Target], judgement: Policy, results: Results, held: int = 0
) -> Assessment:
    return assess_hosts(
        snapshots, Criteria(targets, TAKEN, "hosts.ini", quote=quote, policy=judgement), results, held=held
    )


@pytest.mark.parametrize("targets", [(TARGET,), (TARGET, SWARM), ()], ids=["one target", "two", "none"])
@pytest.mark.parametrize("judgement", JUDGEMENTS.values(), ids=JUDGEMENTS)
def test_on_disk_is_as_in_memory(targets: tuple[Target, ...], judgement: Policy) -> None:
    snapshots = [*copies(6), wine(), unreachable("gone01")]
    held = assess_estate(snapshots, targets, TAKEN, "hosts.ini", quote=quote, policy=judgement)
    passing = Passing(snapshots)
    on_disk = streamed(passing, targets, judgement, Results.on_disk())
    assert passing.walks == 2
    document = to_document(held)
    assert to_document(on_disk) == document
    assert to_document(streamed(Passing(snapshots), targets, judgement, Results())) == document
    assert judgement_of(on_disk) == judgement_of(held)
    assert names_of(on_disk) == names_of(held)
    assert on_disk.plan == held.plan
    assert tuple(on_disk.workloads) == tuple(held.workloads)
    assert tuple(on_disk.port_plan) == tuple(held.port_plan)
    assert tuple(on_disk.findings) == tuple(held.findings)
    sizes = [len(each) for each in (held.hosts, held.workloads, held.port_plan, held.findings)]
    assert sizes == [len(each) for each in (on_disk.hosts, on_disk.workloads, on_disk.port_plan, on_disk.findings)]
    assert held.hosts and held.findings


def test_numbers_that_no_computer_has_are_kept_as_they_are() -> None:
    recorded = recorded_host("web01")
    processes = tuple(
        replace(each, session=10**30, nice=-(10**30)) for each in recorded.observations["processes"].value
    )
    snapshots = [replace(recorded, observations={**recorded.observations, "processes": Found(processes)})]
    held = assess_estate(snapshots, [TARGET], TAKEN, "hosts.ini", quote=quote)
    assert {process.nice for each in held.workloads for process in each.workload.processes} == {-(10**30)}
    on_disk = streamed(Passing(snapshots), [TARGET], Policy(), Results.on_disk())
    assert to_document(on_disk) == to_document(held)
    assert tuple(on_disk.workloads) == tuple(held.workloads)


def test_a_small_estate_is_read_once() -> None:
    passing = Passing(copies(2))
    once = streamed(passing, [TARGET], Policy(), Results.on_disk(), held=len(passing))
    assert passing.walks == 1
    assert to_document(once) == to_document(streamed(passing, [TARGET], Policy(), Results()))


def test_what_is_shown_of_a_host_is_all_that_reports_show() -> None:
    snapshots = [*copies(1), wine(), unreachable("gone01")]
    held = assess_estate(snapshots, [TARGET], TAKEN, "hosts.ini")
    on_disk = assess_hosts(Passing(snapshots), Criteria([TARGET], TAKEN, "hosts.ini"), Results.on_disk())
    for whole, shown in zip(held.hosts, on_disk.hosts, strict=True):
        assert replace(shown, snapshot=whole.snapshot) == whole
        assert list(shown.snapshot.observations) == list(whole.snapshot.observations)
        assert (shown.snapshot.system, shown.snapshot.users) == (whole.snapshot.system, whole.snapshot.users)
        assert replace(shown.snapshot, observations={}) == replace(whole.snapshot, observations={})


def test_json_is_written_as_it_would_be_in_one_piece() -> None:
    snapshots = [*copies(2), wine(), unreachable("gone01")]
    for assessment in (
        assess_estate(snapshots, [TARGET], TAKEN, "hosts.ini", quote=quote),
        assess_estate([], [], TAKEN, "hosts.ini"),
    ):
        stream = io.StringIO()
        write_document(assessment, stream.write, {"scan": {"id": 1}, "report": None})
        whole = {**to_document(assessment), "scan": {"id": 1}, "report": None}
        assert stream.getvalue() == json.dumps(whole, indent=2)


def test_snapshots_are_let_go() -> None:
    """No more of them are alive at once when there are many than when there are few."""

    class Counting(Passing):
        most = 0

        def __iter__(self) -> Iterator[Snapshot]:
            made: list[weakref.ref[Snapshot]] = []
            for number, each in enumerate(self._snapshots):
                passing = replace(each)
                made.append(weakref.ref(passing))
                if number % 8 == 7:
                    gc.collect()
                    self.most = max(self.most, sum(each() is not None for each in made))
                yield passing

    most = []
    for times in (4, 12):
        snapshots = Counting(copies(times))
        streamed(snapshots, [TARGET], Policy(), Results.on_disk())
        most.append(snapshots.most)
    assert most[0] == most[1] <= 3
