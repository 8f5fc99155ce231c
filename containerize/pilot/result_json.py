"""Pilot results as JSON: ``builds/<host>/<workload>/pilot.json``, and the output of the command.

Texts were redacted when the results were made; there is no secret in here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from containerize.content_store import writing
from containerize.grants.model import Grant
from containerize.grants.needs import ContainerNeed
from containerize.pilot.container_limits import UNLIMITED, ContainerLimits
from containerize.pilot.result import CheckResult, CheckVerdict, PilotResult
from containerize.schemas import PILOT_VERSION

if TYPE_CHECKING:
    from containerize.pilot.piloted_workload import Candidate


def pilot_document(results: Sequence[PilotResult]) -> dict[str, Any]:
    """Return the JSON document of ``assess pilot --json``; see :mod:`containerize.schemas`."""
    return {
        "schema_version": PILOT_VERSION,
        "pilots": [
            {
                "workload": result.workload,
                "runtime": result.runtime,
                "verdict": str(result.verdict),
                "image": result.image,
                "digest": result.digest,
                "started": result.started,
                "seconds": round(result.seconds, 1),
                "checks": [
                    {
                        "name": check.name,
                        "verdict": str(check.verdict),
                        "expected": check.expected,
                        "actual": check.actual,
                        "detail": check.detail,
                    }
                    for check in result.checks
                ],
                "read_only_passed": result.read_only_passed,
                "notes": list(result.notes),
                **security_document(result.needs, result.grants, result.limits, read_only_root=result.read_only_root),
            }
            for result in results
        ],
    }


def planned_document(rows: Sequence[tuple[Candidate, Sequence[ContainerNeed]]]) -> dict[str, Any]:
    """Return the JSON document of ``assess pilot --dry-run --json``: candidates with their needs."""
    return {
        "schema_version": PILOT_VERSION,
        "pilots": [],
        "planned": [
            {
                "workload": each.plan.workload,
                "image": each.plan.image,
                "digest": each.built.digest,
                "arguments": list(each.plan.start.arguments),
                "user": each.plan.start.user,
                **security_document(needs, each.allowed.grants, each.limits, read_only_root=False),
            }
            for each, needs in rows
        ],
    }


def security_document(
    needs: Sequence[ContainerNeed], grants: Sequence[Grant], limits: ContainerLimits, *, read_only_root: bool
) -> dict[str, Any]:
    """Needs, grants and limits of a container; the same in every document."""
    granted = {(grant.kind, grant.name) for grant in grants}
    return {
        "needs": [
            {
                "kind": need.kind,
                "name": need.name,
                "reason": need.reason,
                "option": need.option,
                "allowed": (need.kind, need.name) in granted,
            }
            for need in needs
        ],
        "grants": [msgspec.to_builtins(grant) for grant in grants],
        "limits": {
            "memory_bytes": limits.memory_bytes,
            "pids": limits.pids,
            "cpus": limits.cpus,
            "basis": list(limits.basis),
        },
        "read_only_root": read_only_root,
    }


def save_pilot(folder: Path, result: PilotResult) -> PilotResult:
    """Write ``pilot.json`` into the folder of a build; raises WorkspaceError. Which image passed with a read-only root
    is kept over later pilots without one; the result with that.
    """
    path = folder / "pilot.json"
    if result.read_only_root:
        passed = result.digest if result.verdict is CheckVerdict.PASS else ""
    else:
        before = load_pilot(folder)
        passed = before.read_only_passed if before else ""
    result = replace(result, read_only_passed=passed)
    with writing(path):
        temporary = path.with_name(".pilot.json.new")
        try:
            temporary.write_text(json.dumps(pilot_document([result]), indent=1) + "\n", encoding="utf-8")
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    return result


def load_pilot(folder: Path) -> PilotResult | None:
    """The last pilot of a build; None when there was none, or it is of another version."""
    try:
        document = json.loads((folder / "pilot.json").read_text(encoding="utf-8"))
        if document["schema_version"].partition(".")[0] != PILOT_VERSION.partition(".")[0]:
            return None
        (row,) = document["pilots"]
        checks = tuple(
            CheckResult(each["name"], CheckVerdict(each["verdict"]), each["expected"], each["actual"], each["detail"])
            for each in row["checks"]
        )
        return PilotResult(
            row["workload"],
            row["runtime"],
            row["image"],
            row["digest"],
            CheckVerdict(row["verdict"]),
            checks,
            float(row["started"]),
            float(row["seconds"]),
            # Pilots of before 1.1 have none of these.
            needs=tuple(ContainerNeed(each["kind"], each["name"], each["reason"]) for each in row.get("needs", ())),
            grants=msgspec.convert(row.get("grants", ()), tuple[Grant, ...]),
            limits=_limits(row.get("limits", {})),
            read_only_root=bool(row.get("read_only_root", False)),
            read_only_passed=str(row.get("read_only_passed", "")),
            notes=tuple(str(note) for note in row.get("notes", ())),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _limits(row: dict[str, Any]) -> ContainerLimits:
    if not row:
        return UNLIMITED
    return ContainerLimits(int(row["memory_bytes"]), int(row["pids"]), float(row["cpus"]), tuple(row["basis"]))
