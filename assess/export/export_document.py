"""The export of an assessment, in the documented and versioned form of :mod:`assess.export.export_schema`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from types import MappingProxyType
from typing import Any

import msgspec

from assess.assessment import Assessment
from assess.collection_commands import WHOLE_HOST, NotObserved, commands_of, not_observed
from assess.export.export_schema import (
    SCHEMA_VERSION,
    DataRow,
    DistributionRow,
    ExportDocument,
    ExportedEvidence,
    ExportedFamily,
    ExportedFinding,
    ExportedGap,
    ExportedHost,
    ExportedNotObserved,
    ExportedPort,
    ExportedWorkload,
    ListenerRow,
    ProcessRow,
    ScheduleRow,
    SectionRow,
    TargetRow,
    UndeterminedRow,
    UnusedRow,
    schema,
)
from assess.export.json_stream import write_json
from assess.export.plan_document import DependencyRow, ExportedWave, PlannedPortRow, PlanRow, application_rows
from assess.export.sightings_document import sightings_json
from assess.export.totals_document import SummaryRow
from assess.knowledge.system_families import families, family_of
from assess.model import Evidence, Finding, HostAssessment, PortUse, Target, Undetermined, Unused, WorkloadAssessment
from assess.planning.model import EstatePlan
from assess.planning.unused_services import retire_candidates, strength_of
from assess.totals import Outlook, services_known, totals_of
from assess.workloads.published_ports import transport_of
from inventory.formats.fact_json import moment, to_json
from inventory.model.processes import Process
from inventory.observation import Absent, Found, Observation, value_or_none

__all__ = ["SCHEMA_VERSION", "schema", "to_document", "write_document"]

_MOST_RIVALS = 20


def to_document(assessment: Assessment, *only: str) -> dict[str, Any]:
    """The export, or ``only`` these fields of it, as plain JSON types. Bytes of a host that are not UTF-8 are written
    as hex escapes.
    """
    return {name: _plain(value) for name, value in _fields(export_of(assessment)) if not only or name in only}


def _plain(value: Any) -> Any:
    return to_json(msgspec.to_builtins(list(value) if isinstance(value, Iterator) else value))


def write_document(
    assessment: Assessment, write: Callable[[str], object], more: Mapping[str, Any] = MappingProxyType({})
) -> None:
    """Write the export as JSON, then the fields of ``more``, holding one host or finding at a time."""
    write_json(chain(_fields(export_of(assessment)), more.items()), write)


def _fields(export: ExportDocument) -> Iterator[tuple[str, Any]]:
    return ((name, getattr(export, name)) for name in export.__struct_fields__)


def export_of(assessment: Assessment) -> ExportDocument:
    """The document; its long lists are iterators."""
    plan = assessment.plan or EstatePlan()
    tally = totals_of(assessment)
    services = Counter(name.partition("/")[0] for name in tally.of)
    return ExportDocument(
        made=moment(assessment.made),
        inventory=assessment.inventory,
        targets=[_target(target) for target in assessment.targets],
        summary=SummaryRow.of(tally),
        families=_families(assessment),
        not_observed=[_not_observed(each) for each in not_observed(assessment.hosts, assessment.inventory)],
        hosts=(_host(host, services[host.snapshot.host], assessment.inventory) for host in assessment.hosts),
        workloads=(_workload(each, tally.of.get(each.workload.id)) for each in assessment.workloads),
        findings=(_finding(finding) for finding in assessment.findings),
        undetermined=(_undetermined(each) for each in _all_undetermined(assessment)),
        port_plan=_ports(assessment, plan),
        applications=application_rows(plan),
        dependencies=map(DependencyRow.of, plan.dependencies),
        placements=plan.placements,
        waves=map(ExportedWave.of, plan.waves),
        plan=PlanRow.of(plan),
        retire_candidates=[_unused(each) for each in retire_candidates(assessment)],
        notices=assessment.notices,
    )


def _all_undetermined(assessment: Assessment) -> Iterator[Undetermined]:
    yield from assessment.undetermined
    for host in assessment.hosts:
        yield from host.undetermined
    for workload in assessment.workloads:
        yield from workload.undetermined


def _unused(each: Unused) -> UnusedRow:
    return UnusedRow(
        workload=each.workload,
        samples=each.samples,
        seconds=round(each.seconds),
        strength=strength_of(each),
        evidence=_evidence(each.evidence),
    )


def _ports(assessment: Assessment, plan: EstatePlan) -> Iterator[ExportedPort]:
    planned = {(each.workload, each.transport, each.wished): each for each in plan.ports}
    for row in assessment.port_plan:
        answer = planned.get((row.workload or row.likely_owner, transport_of(row.protocol), row.port))
        yield _port(row, PlannedPortRow.of(answer))


def _target(target: Target) -> TargetRow:
    return TargetRow(
        name=target.name,
        system=target.system,
        architecture=target.architecture,
        kernel=target.kernel_release or None,
        engine=target.engine or None,
        engine_version=target.engine_version or None,
        cgroup_version=target.cgroup_version,
        cpus=target.cpus or None,
        memory_bytes=target.memory_bytes or None,
        os_build=target.os_build or None,
        cpu_level=target.cpu_level or None,
        ephemeral_ports=target.ephemeral_ports or None,
        rootless=target.rootless,
        origin=target.origin,
    )


def _host(host: HostAssessment, services: int, inventory: str) -> ExportedHost:
    snapshot = host.snapshot
    system, kernel = value_or_none(snapshot.system), value_or_none(snapshot.kernel)
    distribution = system.distribution if system else None
    commands = commands_of(snapshot, inventory)
    architecture = kernel.architecture if kernel else system.architecture if system else ""
    return ExportedHost(
        name=snapshot.host,
        address=snapshot.address,
        groups=snapshot.groups,
        platform=str(snapshot.platform),
        status=snapshot.status,
        reason=_why_not_all(host) or None,
        scanned=moment(snapshot.taken),
        user=snapshot.user or None,
        privileged=snapshot.privileged,
        depth=snapshot.depth,
        services=services if services_known(host) else None,
        os=(distribution.pretty_name or f"{distribution.id} {distribution.version}".strip()) if distribution else None,
        distribution=DistributionRow(distribution.id, distribution.version) if distribution else None,
        kernel=kernel.release if kernel else None,
        architecture=architecture or None,
        sections={name: _section(each, commands.get(name)) for name, each in sorted(snapshot.observations.items())},
        sightings=sightings_json(snapshot.sightings),
    )


def _families(assessment: Assessment) -> list[ExportedFamily]:
    hosts: dict[str, list[str]] = {}
    for host in assessment.hosts:
        if host.snapshot.status != "unreachable":
            hosts.setdefault(family_of(host.snapshot).name, []).append(host.snapshot.host)
    return [
        ExportedFamily(
            name=each.name,
            confidence_cap=each.cap,
            reason=each.reason or None,
            proven=each.proven,
            hosts=hosts.get(each.name, []),
        )
        for each in families()
    ]


def _not_observed(each: NotObserved) -> ExportedNotObserved:
    return ExportedNotObserved(
        sections=[section for section in each.sections if section != WHOLE_HOST],
        hosts=each.hosts,
        reason=each.reason,
        command=each.command or None,
    )


def _why_not_all(host: HostAssessment) -> str:
    """Why a host was not read in full, "" when it was."""
    missing = [f"{section}: {reason}" for section, reason in host.unseen]
    missing += [f"{section}: {gap.what}: {gap.reason}" for section, gap in host.gaps]
    if host.snapshot.reason or not missing:
        return host.snapshot.reason
    return missing[0] if len(missing) == 1 else f"{missing[0]} (and {len(missing) - 1} more, see sections)"


def _section(observation: Observation[Any], command: str | None) -> SectionRow:
    if isinstance(observation, Found):
        return SectionRow(
            "found", None, [ExportedGap(gap.what, gap.reason) for gap in observation.gaps], command or None
        )
    return SectionRow(
        "absent" if isinstance(observation, Absent) else "unknown", observation.reason, [], command or None
    )


def _workload(each: WorkloadAssessment, outlook: Outlook | None) -> ExportedWorkload:
    workload = each.workload
    names = {process.pid: process.name for process in workload.processes}
    listeners: list[ListenerRow] = []
    for owned in workload.listeners:
        row = ListenerRow(
            protocol=owned.listener.protocol.removesuffix("6"),  # type: ignore[arg-type] # tcp, udp or raw
            address=owned.listener.address,
            port=owned.listener.port,
            process=next((names[pid] for pid in owned.pids if pid in names), workload.main.name),
        )
        if row not in listeners:
            listeners.append(row)
    return ExportedWorkload(
        id=workload.id,
        host=workload.host,
        name=workload.name,
        kind=workload.kind,
        named_by=workload.named_by,
        purpose=workload.purpose or None,
        processes=[_process(process, workload.main_pid) for process in workload.processes],
        listeners=listeners,
        packages=workload.packages,
        configuration=workload.configuration_roots,
        data=[
            DataRow(
                path=data.path,
                uid=data.uid,
                gid=data.gid,
                mode=f"{data.mode:04o}",
                evidence=_evidence(data.evidence),
            )
            for data in workload.data
        ],
        schedules=[
            ScheduleRow(place=job.place, schedule=job.schedule, user=job.user, command=job.command)
            for job in workload.schedules
        ],
        companions=workload.companions,
        verdict=each.verdict,
        outlook=outlook,
        criticality=workload.criticality,
        score=each.score,
        confidence=each.confidence,
        reasons=each.reasons,
        settings=each.settings,
        fits=each.fits,
    )


def _process(process: Process, main_pid: int) -> ProcessRow:
    return ProcessRow(
        pid=process.pid,
        name=process.name,
        executable=process.executable,
        command=process.command,
        uid=process.effective_uid,
        main=process.pid == main_pid,
    )


def _finding(finding: Finding) -> ExportedFinding:
    return ExportedFinding(
        rule=finding.rule,
        name=finding.name,
        severity=finding.severity,
        host=finding.host,
        workload=finding.workload,
        target=finding.target,
        message=finding.message,
        evidence=_evidence(finding.evidence),
        remedy=finding.remedy,
        waived=finding.waived or None,
    )


def _evidence(evidence: Iterable[Evidence]) -> list[ExportedEvidence]:
    return [
        ExportedEvidence(each.fact, origin.section, origin.part, origin.line, each.text or None)
        if (origin := each.origin)
        else ExportedEvidence(each.fact, None, None, None, each.text or None)
        for each in evidence
    ]


def _undetermined(each: Undetermined) -> UndeterminedRow:
    return UndeterminedRow(
        rule=each.rule,
        name=each.name,
        host=each.host or None,
        workload=each.workload,
        target=each.target,
        section=each.section or None,
        reason=each.reason,
        failed=each.failed,
    )


def _port(row: PortUse, planned: PlannedPortRow | None) -> ExportedPort:
    owner = row.workload or row.likely_owner
    return ExportedPort(
        workload=row.workload or None,
        host=row.host,
        protocol=row.protocol.removesuffix("6"),  # type: ignore[arg-type] # tcp or udp
        address=row.address,
        port=row.port,
        process=row.process or None,
        set_in=row.set_in or None,
        clients=row.clients,
        likely_owner=row.likely_owner or None,
        conflict=len(row.wanted_by) > 1,
        rivals=[rival for rival in row.wanted_by[: _MOST_RIVALS + 1] if rival != owner][:_MOST_RIVALS],
        rivals_in_all=max(0, len(row.wanted_by) - 1),
        planned=planned,
    )
