"""The assessment as plain JSON types, in the documented and versioned form of :mod:`assess.export.export_schema`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain
from types import MappingProxyType
from typing import Any

from assess.assessment import Assessment
from assess.collection_commands import WHOLE_HOST, NotObserved, commands_of, not_observed
from assess.export.export_schema import SCHEMA_VERSION, schema
from assess.export.json_stream import write_json
from assess.export.plan_document import plan_fields, planned_port
from assess.export.sightings_document import sightings_json
from assess.export.totals_document import summary_fields
from assess.knowledge.system_families import families, family_of
from assess.model import Evidence, Finding, HostAssessment, PortUse, Target, Undetermined, Unused, WorkloadAssessment
from assess.planning.model import EstatePlan
from assess.planning.unused_services import retire_candidates, strength_of
from assess.totals import Outlook, services_known, totals_of
from assess.workloads.published_ports import transport_of
from inventory.model.processes import Process
from inventory.observation import Absent, Found, Observation, value_or_none

__all__ = ["SCHEMA_VERSION", "schema", "to_document", "write_document"]

_MOST_RIVALS = 20


def to_document(assessment: Assessment) -> dict[str, Any]:
    """The whole assessment. Text from hosts is kept as it was; bytes that are not UTF-8 are written as hex escapes."""
    fields = document_fields(assessment)
    return {name: list(value) if isinstance(value, Iterator) else value for name, value in fields}


def write_document(
    assessment: Assessment, write: Callable[[str], object], more: Mapping[str, Any] = MappingProxyType({})
) -> None:
    """Write :func:`to_document` as JSON, then the fields of ``more``, holding one host or finding at a time."""
    write_json(chain(document_fields(assessment), more.items()), write)


def document_fields(assessment: Assessment) -> Iterator[tuple[str, Any]]:
    """The fields of the document in their order; long lists are iterators."""
    plan = assessment.plan or EstatePlan()
    yield "schema_version", SCHEMA_VERSION
    yield "made", _time(assessment.made)
    yield "inventory", _text(assessment.inventory)
    yield "targets", [_target(target) for target in assessment.targets]
    tally = totals_of(assessment)
    services = Counter(name.partition("/")[0] for name in tally.of)
    yield "summary", summary_fields(tally)
    yield "families", _families(assessment)
    yield "not_observed", [_not_observed(each) for each in not_observed(assessment.hosts, assessment.inventory)]
    yield "hosts", (_host(host, services[host.snapshot.host], assessment.inventory) for host in assessment.hosts)
    yield "workloads", (_workload(each, tally.of.get(each.workload.id)) for each in assessment.workloads)
    yield "findings", (_finding(finding) for finding in assessment.findings)
    yield "undetermined", (_undetermined(each) for each in _all_undetermined(assessment))
    yield "port_plan", _ports(assessment, plan)
    yield from plan_fields(plan)
    yield "retire_candidates", [_unused(each) for each in retire_candidates(assessment)]
    yield "notices", [_text(notice) for notice in assessment.notices]


def _all_undetermined(assessment: Assessment) -> Iterator[Undetermined]:
    yield from assessment.undetermined
    for host in assessment.hosts:
        yield from host.undetermined
    for workload in assessment.workloads:
        yield from workload.undetermined


def _unused(each: Unused) -> dict[str, Any]:
    return {
        "workload": each.workload,
        "samples": each.samples,
        "seconds": round(each.seconds),
        "strength": str(strength_of(each)),
        "evidence": [_evidence(evidence) for evidence in each.evidence],
    }


def _ports(assessment: Assessment, plan: EstatePlan) -> Iterator[dict[str, Any]]:
    planned = {(each.workload, each.transport, each.wished): each for each in plan.ports}
    for row in assessment.port_plan:
        answer = planned.get((row.workload or row.likely_owner, transport_of(row.protocol), row.port))
        yield {**_port(row), "planned": planned_port(answer)}


def _target(target: Target) -> dict[str, Any]:
    return {
        "name": target.name,
        "system": target.system,
        "architecture": target.architecture,
        "kernel": target.kernel_release or None,
        "engine": target.engine or None,
        "engine_version": target.engine_version or None,
        "cgroup_version": target.cgroup_version,
        "cpus": target.cpus or None,
        "memory_bytes": target.memory_bytes or None,
        "os_build": target.os_build or None,
        "cpu_level": target.cpu_level or None,
        "ephemeral_ports": list(target.ephemeral_ports) if target.ephemeral_ports else None,
        "rootless": target.rootless,
        "origin": target.origin,
    }


def _host(host: HostAssessment, services: int, inventory: str) -> dict[str, Any]:
    snapshot = host.snapshot
    system, kernel = value_or_none(snapshot.system), value_or_none(snapshot.kernel)
    distribution = system.distribution if system else None
    commands = commands_of(snapshot, inventory)
    architecture = kernel.architecture if kernel else system.architecture if system else ""
    return {
        "name": snapshot.host,
        "address": snapshot.address,
        "groups": list(snapshot.groups),
        "platform": str(snapshot.platform),
        "status": snapshot.status,
        "reason": _text(_why_not_all(host)) or None,
        "scanned": _time(snapshot.taken),
        "user": snapshot.user or None,
        "privileged": snapshot.privileged,
        "depth": str(snapshot.depth),
        "services": services if services_known(host) else None,
        "os": _text(distribution.pretty_name or f"{distribution.id} {distribution.version}".strip())
        if distribution
        else None,
        "distribution": {"id": _text(distribution.id), "version": _text(distribution.version)}
        if distribution
        else None,
        "kernel": _text(kernel.release) if kernel else None,
        "architecture": _text(architecture) or None,
        "sections": {
            name: {**_section(each), "collect": _text(commands.get(name, "")) or None}
            for name, each in sorted(snapshot.observations.items())
        },
        "sightings": sightings_json(snapshot.sightings),
    }


def _families(assessment: Assessment) -> list[dict[str, Any]]:
    hosts: dict[str, list[str]] = {}
    for host in assessment.hosts:
        if host.snapshot.status != "unreachable":
            hosts.setdefault(family_of(host.snapshot).name, []).append(host.snapshot.host)
    return [
        {
            "name": each.name,
            "confidence_cap": each.cap,
            "reason": each.reason or None,
            "proven": each.proven,
            "hosts": hosts.get(each.name, []),
        }
        for each in families()
    ]


def _not_observed(each: NotObserved) -> dict[str, Any]:
    return {
        "sections": [section for section in each.sections if section != WHOLE_HOST],
        "hosts": list(each.hosts),
        "reason": _text(each.reason),
        "command": _text(each.command) or None,
    }


def _why_not_all(host: HostAssessment) -> str:
    """Why a host was not read in full, "" when it was."""
    missing = [f"{section}: {reason}" for section, reason in host.unseen]
    missing += [f"{section}: {gap.what}: {gap.reason}" for section, gap in host.gaps]
    if host.snapshot.reason or not missing:
        return host.snapshot.reason
    return missing[0] if len(missing) == 1 else f"{missing[0]} (and {len(missing) - 1} more, see sections)"


def _section(observation: Observation[Any]) -> dict[str, Any]:
    if isinstance(observation, Found):
        gaps = [{"what": _text(gap.what), "reason": _text(gap.reason)} for gap in observation.gaps]
        return {"status": "found", "reason": None, "gaps": gaps}
    status = "absent" if isinstance(observation, Absent) else "unknown"
    return {"status": status, "reason": _text(observation.reason), "gaps": []}


def _workload(each: WorkloadAssessment, outlook: Outlook | None) -> dict[str, Any]:
    workload = each.workload
    names = {process.pid: process.name for process in workload.processes}
    listeners = []
    for owned in workload.listeners:
        holder = next((names[pid] for pid in owned.pids if pid in names), workload.main.name)
        row = {
            "protocol": owned.listener.protocol.removesuffix("6"),
            "address": owned.listener.address,
            "port": owned.listener.port,
            "process": _text(holder),
        }
        if row not in listeners:
            listeners.append(row)
    return {
        "id": workload.id,
        "host": workload.host,
        "name": workload.name,
        "kind": workload.kind,
        "named_by": _text(workload.named_by),
        "purpose": workload.purpose or None,
        "processes": [_process(process, workload.main_pid) for process in workload.processes],
        "listeners": listeners,
        "packages": [_text(package) for package in workload.packages],
        "configuration": [_text(root) for root in workload.configuration_roots],
        "data": [
            {
                "path": _text(data.path),
                "uid": data.uid,
                "gid": data.gid,
                "mode": f"{data.mode:04o}",
                "evidence": [_evidence(evidence) for evidence in data.evidence],
            }
            for data in workload.data
        ],
        "schedules": [
            {
                "place": _text(job.place),
                "schedule": _text(job.schedule),
                "user": _text(job.user),
                "command": _text(job.command),
            }
            for job in workload.schedules
        ],
        "companions": list(workload.companions),
        "verdict": str(each.verdict),
        "outlook": None if outlook is None else str(outlook),
        "criticality": workload.criticality,
        "score": each.score,
        "confidence": each.confidence,
        "reasons": [_text(reason) for reason in each.reasons],
        "settings": [_text(setting) for setting in each.settings],
        "fits": [
            {
                "target": fit.target,
                "verdict": str(fit.verdict),
                "score": fit.score,
                "reasons": [_text(reason) for reason in fit.reasons],
            }
            for fit in each.fits
        ],
    }


def _process(process: Process, main_pid: int) -> dict[str, Any]:
    return {
        "pid": process.pid,
        "name": _text(process.name),
        "executable": None if process.executable is None else _text(process.executable),
        "command": _text(process.command),
        "uid": process.effective_uid,
        "main": process.pid == main_pid,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "name": finding.name,
        "severity": str(finding.severity),
        "host": finding.host,
        "workload": finding.workload,
        "target": finding.target,
        "message": _text(finding.message),
        "evidence": [_evidence(evidence) for evidence in finding.evidence],
        "remedy": _text(finding.remedy),
        "waived": _text(finding.waived) or None,
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    origin = evidence.origin
    return {
        "fact": _text(evidence.fact),
        "section": origin.section if origin else None,
        "part": origin.part if origin else None,
        "line": origin.line if origin else None,
        "text": _text(evidence.text) or None,
    }


def _undetermined(each: Undetermined) -> dict[str, Any]:
    return {
        "rule": each.rule,
        "name": each.name,
        "host": each.host or None,
        "workload": each.workload,
        "target": each.target,
        "section": each.section or None,
        "reason": _text(each.reason),
        "failed": each.failed,
    }


def _port(row: PortUse) -> dict[str, Any]:
    owner = row.workload or row.likely_owner
    rivals = [rival for rival in row.wanted_by[: _MOST_RIVALS + 1] if rival != owner][:_MOST_RIVALS]
    return {
        "workload": row.workload or None,
        "host": row.host,
        "protocol": row.protocol.removesuffix("6"),
        "address": row.address,
        "port": row.port,
        "process": _text(row.process) or None,
        "set_in": _text(row.set_in) or None,
        "clients": [_text(client) for client in row.clients],
        "likely_owner": row.likely_owner or None,
        "conflict": len(row.wanted_by) > 1,
        "rivals": rivals,
        "rivals_in_all": max(0, len(row.wanted_by) - 1),
    }


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _text(text: str) -> str:
    """JSON is UTF-8; bytes that were none (kept as surrogates) would make it unreadable for others."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace") if _odd(text) else text


def _odd(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)
