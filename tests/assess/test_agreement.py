"""Verdict, plan, advice and numbers agree, over all recorded hosts: each by itself, and as one estate."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import pytest
from rich.console import Console

from assess.assessment import Assessment
from assess.assessor import assess_estate
from assess.export.export_document import to_document
from assess.model import Verdict
from assess.policy.model import Policy
from assess.policy.priorities import priorities_of
from assess.targets.container_hosts import GROUP
from assess.totals import Outlook, totals_of
from inventory.snapshot import Snapshot
from reports.terminal.scan_summary import print_summary
from reports.view.page import page_of
from reports.view.summary import headline
from tests.support import host_fixtures
from tests.support.estate_recordings import FOLDER, recorded_host
from tests.support.judging import TARGET, target
from tests.support.snapshots import TAKEN, HostBuilder, unreachable
from tests.support.windows_snapshots import wine

JUDGED = (Outlook.NOW, Outlook.AFTER_OTHERS, Outlook.AFTER_WORK)
SMALL = target(name="small", cpus=1, memory_bytes=1 << 30, servers=1)
WINDOWS = target(name="win", system="windows", kernel_release="", os_build="10.0.20348", cgroup_version=0)


def recorded() -> Iterator[Snapshot]:
    for folder in sorted(FOLDER.iterdir()):
        host, _, user = folder.name.partition("-")
        # The odd one is a host of its own; the others are the same host, seen by an ordinary user.
        yield replace(recorded_host(host, user or "root"), host=folder.name, address=folder.name)
    for name in host_fixtures.names():
        snapshot = host_fixtures.snapshot_of(host_fixtures.recording_of(name))
        yield replace(snapshot, host=name, address=name)
    yield wine()


@lru_cache(maxsize=1)
def hosts() -> tuple[Snapshot, ...]:
    return tuple(recorded())


def judged(*snapshots: Snapshot, priorities: str = "security,scalability") -> Assessment:
    judgement = Policy(priorities=priorities_of(priorities))
    return assess_estate(snapshots, (TARGET, SMALL, WINDOWS), TAKEN, "hosts.ini", policy=judgement)


@lru_cache(maxsize=1)
def estate() -> Assessment:
    lost = (unreachable("lost01"), replace(unreachable("lost02"), groups=(GROUP,)))
    return judged(*hosts(), *lost)


@lru_cache(maxsize=1)
def assessments() -> tuple[Assessment, ...]:
    return (estate(), *(judged(each) for each in hosts()))


def test_what_stays_is_placed_nowhere_moves_in_no_wave_and_is_given_no_advice() -> None:
    assert any(each.verdict is Verdict.STAY for assessment in assessments() for each in assessment.workloads)
    assert any(assessment.plan and assessment.plan.placements for assessment in assessments())
    for assessment in assessments():
        plan = assessment.plan
        assert plan is not None
        verdicts = {each.workload.id: each.verdict for each in assessment.workloads}
        fits = {each.workload.id: {fit.target: fit.verdict for fit in each.fits} for each in assessment.workloads}
        placed = {name: each.target for each in plan.placements for name in each.workloads}
        moving = {move.application for wave in plan.waves for move in wave.moves}
        for name, where in placed.items():
            assert verdicts[name] is not Verdict.STAY
            assert fits[name][where] is not Verdict.STAY
        for application in plan.applications:
            anywhere = any(member in placed for member in application.members)
            assert (application.name in moving) is anywhere is (application.name not in dict(plan.staying))
            assert bool(plan.efforts[application.name].high) is anywhere
        assert set(plan.advice) <= set(placed)
        assert {port.workload for port in plan.ports} <= set(placed)
        assert {name for name, _ in plan.unplaced}.isdisjoint(placed)
        for each in assessment.workloads:
            if each.verdict is Verdict.STAY:
                assert each.settings == ()


def test_what_can_move_now_is_ready_where_it_goes_and_waits_for_nothing_else() -> None:
    seen = 0
    for assessment in assessments():
        plan, tally = assessment.plan, totals_of(assessment)
        assert plan is not None
        by_id = {each.workload.id: each for each in assessment.workloads}
        placed = {name: each.target for each in plan.placements for name in each.workloads}
        application = {member: each for each in plan.applications for member in each.members}
        for name, outlook in tally.of.items():
            assert (name in placed) is (outlook in (*JUDGED, Outlook.BY_ASSUMPTION))
            if outlook is not Outlook.NOW:
                continue
            seen += 1
            assert by_id[name].verdict is Verdict.READY
            assert {fit.target: fit.verdict for fit in by_id[name].fits}[placed[name]] is Verdict.READY
            own = application[name]
            for edge in plan.dependencies:
                if application.get(edge.server) is own and application.get(edge.client) not in (own, None):
                    clients = application[edge.client].members
                    assert {tally.of[each] for each in clients} <= {Outlook.NOW, Outlook.NO_PLACE, Outlook.STAYS}
    assert seen


def test_a_host_is_freed_only_where_all_of_it_was_judged_and_moves() -> None:
    assert any(totals_of(assessment).freed for assessment in assessments())
    for assessment in assessments():
        tally = totals_of(assessment)
        groups = {each.snapshot.host: each.snapshot.groups for each in assessment.hosts}
        unowned = {use.host for use in assessment.port_plan if not use.workload}
        for host in tally.freed:
            assert {outlook for name, outlook in tally.of.items() if name.startswith(f"{host}/")} <= set(JUDGED)
            assert host not in {*tally.not_reached, *tally.unread, *unowned}
            assert GROUP not in groups[host]
        assert tally.servers_saved <= len(tally.freed)


def test_page_terminal_and_export_show_the_same_numbers() -> None:
    for assessment in assessments():
        tally, document, page = totals_of(assessment), to_document(assessment), page_of(assessment)
        out = io.StringIO()
        print_summary(assessment, Console(file=out, width=100_000, highlight=False))
        summary = document["summary"]
        assert summary["services"] == page.summary.services == sum(summary["outlooks"].values()) == tally.services
        assert list(summary["verdicts"].values()) == [each.number for each in page.summary.counts]
        assert summary["services"] == sum(host["services"] or 0 for host in document["hosts"])
        assert [each["outlook"] for each in document["workloads"] if each["outlook"]] == list(tally.of.values())
        assert f"{page.summary.headline}." in out.getvalue().splitlines()
        assert page.plan.sentence in out.getvalue().splitlines()
        assert f"{len(summary['hosts_freed'])} host" in page.plan.sentence or not summary["hosts_freed"]
        shown = {row.name: row.services for row in page.hosts.rows}
        assert shown == {host["name"]: host["services"] for host in document["hosts"]}


def test_a_host_that_was_not_reached_has_unknown_services() -> None:
    document, page = to_document(estate()), page_of(estate())
    assert document["summary"]["hosts_not_reached"] == ["lost01", "lost02"]
    assert [host["services"] for host in document["hosts"]][-2:] == [None, None]
    assert "2 hosts not reached and not counted." in page.summary.subline
    assert "2 hosts not reached and not counted." in page.plan.sentence


def test_a_ready_server_behind_a_client_that_needs_work_moves_after_that_work() -> None:
    database = HostBuilder("db01", "10.77.0.20")
    database.init()
    database.listen(database.process(200, "/usr/sbin/mysqld", unit="mysql.service"), 3306)
    database.unit("mysql.service", 200)
    application = HostBuilder("app01", "10.77.0.21")
    application.init()
    program = application.process(300, "/opt/shop/bin/shop", unit="shop.service", executable_deleted=True)
    application.unit("shop.service", 300)
    application.connect(program, "10.77.0.20", 3306)
    tally = totals_of(assess_estate((application.build(), database.build()), (TARGET,), TAKEN, "hosts.ini"))
    assert tally.of == {"app01/shop": Outlook.AFTER_WORK, "db01/mysql": Outlook.AFTER_OTHERS}
    assert tally.verdicts[Verdict.READY] == 1
    assert headline(tally) == "None of 2 services can move to a container now"


@pytest.mark.parametrize("host", ["web01", "db01"])
def test_savings_rest_on_what_was_judged(host: str) -> None:
    """Seen by an ordinary user nothing can be judged: it is placed by assumption, and frees no host."""
    tally = totals_of(judged(recorded_host(host, "legacy")) if host == "web01" else judged(recorded_host(host)))
    if host == "web01":
        assert tally.outlooks[Outlook.BY_ASSUMPTION] == tally.services == tally.placed
        assert tally.freed == ()
        assert tally.hours == (0.0, 0.0)
    else:
        assert tally.freed == (host,)
