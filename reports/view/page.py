"""The whole report page, ready for layout."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from assess.assessment import Assessment
from assess.knowledge.system_families import family_of
from assess.planning.model import EstatePlan
from assess.rule import Rule
from assess.totals import totals_of
from containerize.pilot.result import PilotResult
from containerize.plan.model import BuiltImage
from reports.view import details as of_details
from reports.view import estate_plan as of_plan
from reports.view import families as of_families
from reports.view import findings as of_findings
from reports.view import gaps as of_gaps
from reports.view import hosts as of_hosts
from reports.view import pilots as of_pilots
from reports.view import ports as of_ports
from reports.view import retirement as of_retirement
from reports.view import summary as of_summary
from reports.view import unsupported_products as of_lifecycle
from reports.view import workload_table as of_workloads
from reports.view.blocks import STATIC_ROWS, CellListing
from reports.view.labels import capped, iso, moment
from reports.view.open_decisions import Security

TOP_FIXES = 10


@dataclass(frozen=True)
class About:
    """The scan that the page is of, and the program that made it."""

    inventory: str
    made: str
    made_iso: str
    taken: str
    version: str


@dataclass(frozen=True)
class GapPage:
    """Facts that could not be read, were not observed, or could not be decided."""

    unseen: CellListing[of_gaps.GapRow]
    not_observed: CellListing[of_gaps.NotObservedRow]
    families: tuple[of_families.FamilyRow, ...]
    undecided: CellListing[of_gaps.UndecidedRow]


@dataclass(frozen=True)
class ReportPage:
    """Rows and words of the report.

    ``details`` makes all details, workloads in the order of their table, then hosts. They are made one by one when
    asked for, because those of 10,000 workloads are many times the size of everything else here.
    """

    about: About
    summary: of_summary.Summary
    top_fixes: tuple[of_findings.Fix, ...]
    fixes: CellListing[of_findings.Fix]
    findings: CellListing[of_findings.FindingRow]
    workloads: CellListing[of_workloads.WorkloadRow]
    groups: tuple[of_workloads.WorkloadGroup, ...]
    conflicts: CellListing[of_ports.Conflict]
    ports: CellListing[of_ports.PortRow]
    lifecycle: CellListing[of_lifecycle.LifecycleRow]
    hosts: CellListing[of_hosts.HostRow]
    gaps: GapPage
    pilots: CellListing[of_pilots.PilotRow]
    plan: of_plan.PlanPage
    retire: CellListing[of_retirement.RetireRow]
    details: Callable[[], Iterator[of_details.Detail]]
    details_total: int

    @property
    def retire_intro(self) -> str:
        """The introduction to the retirement candidates."""
        return of_retirement.retire_intro(self.retire.rows, self.about.inventory)

    @property
    def workloads_note(self) -> str:
        """A note about rows that the static table of workloads leaves out."""
        shown = sum(len(group.rows) for group in self.groups)
        if shown == self.workloads.total:
            return ""
        return (
            f"Showing {shown:,} of {self.workloads.total:,} workloads, of each verdict those with the best score first."
        )


def page_of(
    assessment: Assessment,
    rules: Iterable[Rule] = (),
    builds: Mapping[str, BuiltImage] | None = None,
    pilots: Mapping[str, PilotResult] | None = None,
    version: str = "",
    security: Mapping[str, Security] | None = None,
) -> ReportPage:
    """Make the page of an assessment.

    ``rules`` give findings the words of their rule; ``builds``, ``pilots`` and ``security`` are by workload id;
    ``version`` is the tool's. Pure.
    """
    builds, pilots, security = builds or {}, pilots or {}, security or {}
    known = of_findings.rule_words(rules)
    found = of_findings.all_findings(assessment)
    fixes = of_findings.fixes(assessment, found, known)
    workload_rows = of_workloads.workload_rows(assessment, builds, pilots)
    host_rows = of_hosts.host_rows(assessment)
    tally = totals_of(assessment)
    families = of_families.family_rows(assessment)
    plan = assessment.plan or EstatePlan()
    pilot_rows = of_pilots.pilot_rows(builds, pilots, security)
    builds_by_id = {
        row.id: of_details.WorkloadBuild(builds.get(row.id), pilots.get(row.id), security.get(row.id))
        for row in workload_rows
    }
    finding_rows = {of_findings.key_of(each): of_findings.finding_row(each, known) for each in found}
    return ReportPage(
        about=About(
            assessment.inventory,
            moment(assessment.made),
            iso(assessment.made),
            of_summary.taken(assessment),
            version,
        ),
        summary=of_summary.summary_of(assessment, tally, workload_rows, families, pilot_rows),
        top_fixes=tuple(fix for fix in fixes if fix.severity.key != "info")[:TOP_FIXES],
        fixes=CellListing(fixes, "fix", "those that clear the most services", "fixes"),
        findings=CellListing(tuple(finding_rows.values()), "finding", "the worst", limit=100),
        workloads=CellListing(workload_rows, "workload"),
        groups=of_workloads.first_rows(of_workloads.workload_groups(workload_rows), STATIC_ROWS),
        conflicts=CellListing(
            of_ports.conflicts(assessment.port_plan, plan.ports), "port conflict", "the most used", limit=50
        ),
        ports=CellListing(of_ports.port_rows(assessment.port_plan, plan.ports), "listener", "conflicts", limit=100),
        lifecycle=CellListing(of_lifecycle.lifecycle_rows(found), "product", "the worst", limit=50),
        hosts=CellListing(host_rows, "host", "incompletely read ones", limit=150),
        gaps=GapPage(
            CellListing(of_gaps.gap_rows(assessment), "gap"),
            CellListing(of_gaps.not_observed_rows(assessment), "reason", limit=100),
            families,
            CellListing(of_gaps.undecided_rows(assessment), "reason", "those that block the most checks"),
        ),
        pilots=CellListing(pilot_rows, "image", "failed pilots", limit=50),
        plan=of_plan.plan_page(plan, of_summary.plan_sentence(tally, plan)),
        retire=of_retirement.retire_rows(assessment),
        details=lambda: _details(assessment, workload_rows, host_rows, finding_rows, builds_by_id),
        details_total=len(workload_rows) + len(host_rows),
    )


def _details(
    assessment: Assessment,
    workload_rows: tuple[of_workloads.WorkloadRow, ...],
    host_rows: tuple[of_hosts.HostRow, ...],
    finding_rows: Mapping[of_findings.Key, of_findings.FindingRow],
    builds: Mapping[str, of_details.WorkloadBuild],
) -> Iterator[of_details.Detail]:
    by_id = {each.workload.id: each for each in assessment.workloads}
    advice = assessment.plan.advice if assessment.plan else {}
    by_host = {each.snapshot.host: each for each in assessment.hosts}
    contexts = {
        name: of_details.HostContext(capped(family_of(each.snapshot)), of_details.accounts(each.snapshot))
        for name, each in by_host.items()
    }
    unknown = of_details.HostContext("", of_details.accounts(None))
    uses = of_details.ports_by_workload(assessment)
    of_host: dict[str, list[of_workloads.WorkloadRow]] = {}
    for row in workload_rows:
        of_host.setdefault(row.host, []).append(row)
    for row in workload_rows:
        yield of_details.workload_detail(
            by_id[row.id],
            row,
            contexts.get(row.host, unknown),
            uses.get(row.id, ()),
            finding_rows,
            builds[row.id],
            advice.get(row.id, ()),
        )
    for host_row in host_rows:
        own = tuple(of_host.get(host_row.name, ()))
        yield of_details.host_detail(by_host[host_row.name], host_row, own, finding_rows)
