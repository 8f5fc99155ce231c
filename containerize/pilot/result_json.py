"""Results of pilots as JSON: ``builds/<host>/<workload>/pilot.json`` for the report, and what the command prints.

Texts were redacted when the results were made; there is no secret in here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from containerize.content import writing
from containerize.pilot.result import CheckResult, CheckVerdict, PilotResult
from containerize.schemas import PILOT_VERSION


def pilot_document(results: Sequence[PilotResult]) -> dict[str, Any]:
    """What ``assess pilot --json`` prints; see :mod:`containerize.schemas`."""
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
            }
            for result in results
        ],
    }


def save_pilot(folder: Path, result: PilotResult) -> None:
    """Write ``pilot.json`` into the folder of a build; raises WorkspaceError."""
    path = folder / "pilot.json"
    with writing(path):
        temporary = path.with_name(".pilot.json.new")
        try:
            temporary.write_text(json.dumps(pilot_document([result]), indent=1) + "\n", encoding="utf-8")
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


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
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
