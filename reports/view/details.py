"""All details of one workload or host, as blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from assess.assessment import Assessment
from assess.model import Finding, HostAssessment, PortUse, Undetermined, WorkloadAssessment
from assess.policy.priorities import Advice
from containerize.pilot.result import PilotResult
from containerize.plan.model import BuiltImage
from inventory.model.processes import Process
from inventory.observation import Found, Unknown
from inventory.snapshot import Snapshot
from reports.view import blocks
from reports.view.blocks import Block, Cell, limited, mono, number, text, word
from reports.view.findings import ORDER, FindingRow, Key, evidence_rows, key_of
from reports.view.hosts import HostRow
from reports.view.labels import VERDICTS, Label, host_link, memory, section_words, workload_link
from reports.view.open_decisions import Security, decision_block, grant_block
from reports.view.pilots import check_block, image_facts
from reports.view.ports import port_rows
from reports.view.workload_table import WorkloadRow

Account = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Detail:
    """``anchor`` is the fragment of its link. ``lead`` are the reasons for the verdict; ``findings`` stand between them
    and ``blocks``.
    """

    id: str
    anchor: str
    title: str
    parent: str
    parent_href: str
    word: Label
    facts: tuple[tuple[str, str], ...]
    lead: tuple[str, ...]
    findings: tuple[FindingRow, ...]
    blocks: tuple[Block, ...]


def accounts(snapshot: Snapshot | None) -> Account:
    """The name of a uid on a host, else its number."""
    names: dict[int, str] = {}
    if snapshot is not None and isinstance(snapshot.users, Found):
        for user in snapshot.users.value.users:
            names.setdefault(user.uid, user.name)
    return lambda uid: names.get(uid, str(uid))


@dataclass(frozen=True, slots=True)
class WorkloadBuild:
    """The image of a workload, its pilot, and what a person has to decide; None where there is none."""

    built: BuiltImage | None = None
    pilot: PilotResult | None = None
    security: Security | None = None


@dataclass(frozen=True, slots=True)
class HostContext:
    """The properties that all workloads of a host share. ``cap`` is why no confidence can be higher, "" where nothing
    caps it.
    """

    cap: str
    account: Account


def workload_detail(
    each: WorkloadAssessment,
    row: WorkloadRow,
    host: HostContext,
    ports: Iterable[PortUse],
    finding_rows: Mapping[Key, FindingRow],
    build: WorkloadBuild,
    advice: tuple[Advice, ...] = (),
) -> Detail:
    """Return everything about one workload."""
    workload = each.workload
    facts = [("Kind", f"host function: {workload.purpose}" if not row.service and workload.purpose else workload.kind)]
    if row.service:
        facts += [
            (
                "Score",
                f"{each.score} of 100" if row.score_text else f"{each.score} of 100, based on the decided checks",
            ),
            ("Confidence", f"{row.confidence_word}: {row.confidence_text}{'. ' if host.cap else ''}{host.cap}"),
        ]
    facts.append(("Source of the name", workload.named_by))
    made = (
        check_block(build.built, build.pilot),
        decision_block(build.security, build.pilot),
        grant_block(build.security),
        _image(build.built, build.pilot),
        _undecided(each.undetermined),
        _fits(each),
        _listeners(ports),
        _connections(each),
        _names("Container settings", each.settings),
        _data(each, host.account),
        _companions(each),
        _processes(workload.processes, host.account),
        _names(
            "Scheduled jobs",
            (f"{job.schedule}  {job.user}  {job.command}  ({job.place})" for job in workload.schedules),
        ),
        _advice(advice),
        _names("Configuration and application files", workload.configuration_roots),
        _names("Packages", workload.packages),
        _names("Programs", workload.executables),
        _names("Unix sockets", (socket.path for socket in workload.unix_sockets)),
    )
    return Detail(
        id=workload.id,
        anchor=workload_link(workload.id)[1:],
        title=workload.name,
        parent=workload.host,
        parent_href=host_link(workload.host),
        word=row.verdict,
        facts=tuple(facts),
        lead=each.reasons,
        findings=_findings(each.findings, finding_rows),
        blocks=tuple(block for block in made if block is not None),
    )


def host_detail(
    each: HostAssessment, row: HostRow, workloads: tuple[WorkloadRow, ...], finding_rows: Mapping[Key, FindingRow]
) -> Detail:
    """A host."""
    facts = (
        ("Address", row.address),
        ("System", row.system),
        ("Kernel", row.kernel),
        ("Machine", row.machine),
        ("Logged in as", row.login),
        ("Depth of the scan", _depth(each)),
        ("Groups", ", ".join(each.snapshot.groups)),
    )
    seen, note = limited(
        (
            (word(own.verdict), Cell(own.name, "link", own.href), number(own.score_text), text(own.reason))
            for own in workloads
        ),
        "workloads",
        200,
    )
    made = (
        Block("Workloads", "table", seen, ("Verdict", "Workload", "Score", "First reason"), note) if seen else None,
        _unseen(each),
        _undecided(each.undetermined),
    )
    return Detail(
        id=each.snapshot.host,
        anchor=row.href[1:],
        title=each.snapshot.host,
        parent="",
        parent_href="",
        word=row.status,
        facts=tuple((name, value) for name, value in facts if value),
        lead=(row.reason,) if row.reason else (),
        findings=_findings(each.findings, finding_rows),
        blocks=tuple(block for block in made if block is not None),
    )


def ports_by_workload(assessment: Assessment) -> dict[str, list[PortUse]]:
    """The rows of the port map under the id of their workload."""
    by_workload: dict[str, list[PortUse]] = {}
    for use in assessment.port_plan:
        by_workload.setdefault(use.workload, []).append(use)
    return by_workload


def _findings(findings: Iterable[Finding], rows: Mapping[Key, FindingRow]) -> tuple[FindingRow, ...]:
    return tuple(rows[key_of(finding)] for finding in sorted(findings, key=lambda finding: ORDER[finding.severity]))


def _image(built: BuiltImage | None, pilot: PilotResult | None) -> Block | None:
    facts = image_facts(built, pilot)
    return Block("Image", "facts", tuple((text(name), mono(value)) for name, value in facts)) if facts else None


def _undecided(undetermined: Iterable[Undetermined]) -> Block | None:
    rows = tuple((text(each.name), text(section_words(each.section)), text(each.reason)) for each in undetermined)
    return Block("Undecided checks", "table", rows, ("Check", "Missing input", "Why")) if rows else None


def _fits(each: WorkloadAssessment) -> Block | None:
    if len(each.fits) < 2:
        return None
    rows = tuple(
        (word(VERDICTS[fit.verdict]), text(fit.target), number(fit.score), text("; ".join(fit.reasons)))
        for fit in each.fits
    )
    return Block("On each container host", "table", rows, ("Verdict", "Container host", "Score", "Why"))


def _listeners(ports: Iterable[PortUse]) -> Block | None:
    rows = tuple(
        (
            mono(f"{row.port}/{row.protocol}"),
            text(row.reach),
            mono(row.address),
            mono(row.set_in) if row.set_in.startswith("/") else text(row.set_in),
            text(", ".join(row.clients)),
        )
        for row in port_rows(ports)
    )
    head = ("Port", "Reached by", "Address", "Configured in", "Clients during the scan")
    return Block("Listens on", "table", rows, head) if rows else None


def _connections(each: WorkloadAssessment) -> Block | None:
    outward = Counter(
        (owned.connection.remote_address, owned.connection.remote_port)
        for owned in each.workload.connections
        if not owned.inbound
    )
    rows, note = limited(
        (
            (mono(f"[{address}]:{port}" if ":" in address else f"{address}:{port}"), number(times))
            for (address, port), times in sorted(outward.items())
        ),
        "destinations",
    )
    return Block("Connects to", "table", rows, ("Address", "Connections"), note) if rows else None


def _data(each: WorkloadAssessment, account: Account) -> Block | None:
    rows = tuple(
        (
            mono(directory.path),
            text(f"{account(directory.uid)}, {directory.mode & 0o7777:04o}"),
            text("; ".join(row.fact for row in evidence_rows(directory.evidence))),
        )
        for directory in each.workload.data
    )
    note = "These become volumes and are never part of an image."
    return Block("Data directories", "table", rows, ("Directory", "Owner, mode", "Evidence"), note) if rows else None


def _companions(each: WorkloadAssessment) -> Block | None:
    reasons: dict[str, list[str]] = {}
    for companion, evidence in each.workload.companion_evidence:
        reasons.setdefault(companion, []).append(evidence.fact)
    rows = tuple(
        (blocks.workload(companion), text("; ".join(reasons.get(companion, ()))))
        for companion in each.workload.companions
    )
    return Block("Depends on", "table", rows, ("Workload", "Connection")) if rows else None


def _processes(processes: tuple[Process, ...], account: Account) -> Block | None:
    alike: dict[tuple[str, int], list[Process]] = {}
    for process in processes:
        alike.setdefault((process.command, process.effective_uid), []).append(process)
    rows, note = limited(
        (
            (
                number(len(group)),
                mono(command),
                text(account(uid)),
                number(memory(sum(process.rss_bytes for process in group))),
                mono(_pids(group)),
            )
            for (command, uid), group in alike.items()
        ),
        "different commands",
    )
    return (
        Block("Processes", "table", rows, ("Count", "Command", "User", "Memory", "Process ids"), note) if rows else None
    )


def _pids(group: list[Process]) -> str:
    shown = ", ".join(str(process.pid) for process in group[:6])
    return shown if len(group) <= 6 else f"{shown} and {len(group) - 6} more"


def _advice(advice: tuple[Advice, ...]) -> Block | None:
    """Advice that follows from the chosen priorities."""
    rows = tuple((text(each.topic), text(each.text), text(each.because)) for each in advice)
    return Block("Advice", "table", rows, ("Topic", "What to do", "Priority")) if rows else None


def _names(title: str, names: Iterable[str]) -> Block | None:
    rows, note = limited(((mono(name),) for name in names), title.lower())
    return Block(title, "list", rows, (), note) if rows else None


def _depth(each: HostAssessment) -> str:
    """``quick; not asked: packages, scheduled jobs``."""
    snapshot = each.snapshot
    asked_not = [
        section_words(section)
        for section, observation in snapshot.observations.items()
        if isinstance(observation, Unknown) and not observation.asked
    ]
    if snapshot.status == "unreachable":
        return ""
    return f"{snapshot.depth}; not collected: {', '.join(asked_not)}" if asked_not else str(snapshot.depth)


def _unseen(each: HostAssessment) -> Block | None:
    rows = (
        *((text(f"all of {section_words(section)}"), text(reason)) for section, reason in each.unseen),
        *((text(f"{section_words(section)}: {gap.what}"), text(gap.reason)) for section, gap in each.gaps),
    )
    shown, note = limited(rows, "gaps", 200)
    return Block("Could not be read", "table", shown, ("What", "Why"), note) if shown else None
