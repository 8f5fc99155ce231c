"""Results of builds for programs; :mod:`containerize.schemas` describes the form."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from containerize.build.explain_path import Explanation
from containerize.commands.build_run import BuildOutcome
from containerize.schemas import BUILD_VERSION


def build_document(outcome: BuildOutcome) -> dict[str, Any]:
    """What ``assess build --json`` prints."""
    document: dict[str, Any] = {"schema_version": BUILD_VERSION}
    document["builds"] = [
        {
            "workload": result.built.workload,
            "image": result.built.image,
            "layout": result.built.layout,
            "digest": result.built.digest,
            "size": result.built.size,
            "compressed_size": result.built.compressed_size,
            "files": result.built.files,
            "fetched": result.fetched,
            "written": [{"emitter": each.emitter, "path": each.path} for each in result.written],
            "mode": result.plan.mode,
            "level": result.plan.level,
            "left_out": [
                {"name": group.name, "reason": group.reason, "files": len(group.paths), "size": group.size}
                for group in result.plan.groups
            ],
            "remarks": outcome.remarks.get(result.built.workload, []),
        }
        for result in outcome.built.values()
    ]
    document["recipes"] = [
        {
            "workload": name,
            "path": str(each.path),
            "base": each.base,
            "packages": list(each.packages),
            "files": each.files,
            "removals": each.removals,
            "compared": each.compared,
            "built": each.built,
        }
        for name, each in outcome.recipes.items()
    ]
    if outcome.planned:
        from containerize.plan.plan_json import plan_to_json

        document["plans"] = [json.loads(plan_to_json(plan)) for plan in outcome.planned.values()]
    document["failed"] = [{"workload": name, "reason": reason} for name, reason in outcome.failed.items()]
    return document


def reasons_document(answers: Iterable[Explanation]) -> dict[str, Any]:
    """What ``assess why PATH --json`` prints."""
    rows = [
        {
            "workload": each.workload,
            "path": each.path,
            "inside": each.inside,
            "reason": each.reason,
            "also": list(each.also),
        }
        for each in answers
    ]
    return {"schema_version": BUILD_VERSION, "reasons": rows}
