"""Pilot results as JSON: ``builds/<host>/<workload>/pilot.json``, and the output of the command.

Texts were redacted when the results were made; there is no secret in here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from assess.export.json_schema import Version
from assess.export.json_stream import document_text
from containerize.content_store import writing
from containerize.grants.model import reported
from containerize.grants.needs import ContainerNeed
from containerize.pilot.container_limits import ContainerLimits
from containerize.pilot.result import CheckVerdict, Grants, Needs, PilotResult, ReadOnlyRoot
from containerize.plan.model import Digest, WorkloadId
from inventory.described import doc

if TYPE_CHECKING:
    from containerize.pilot.piloted_workload import Candidate

PILOT_VERSION = "1.1"


class PlannedPilot(msgspec.Struct, frozen=True):
    """A workload that would be started."""

    workload: WorkloadId
    image: Annotated[str, doc("Name of the image.")]
    digest: Annotated[Digest, doc("Digest of the image's manifest.")]
    arguments: Annotated[tuple[str, ...], doc("Command line.")]
    user: Annotated[str, doc("`uid:gid` that it is started with.")]
    needs: Needs
    grants: Grants
    limits: ContainerLimits
    read_only_root: ReadOnlyRoot = False


class Pilots(msgspec.Struct, frozen=True):
    """For each workload the checks of its copy against the live service, as printed by `assess pilot --json`."""

    schema_version: Version
    pilots: Annotated[list[PilotResult], doc("One for each workload, in the order of the request.")]
    planned: Annotated[list[PlannedPilot], doc("Only with `--dry-run`: what would be started.")] | UnsetType = UNSET


def pilot_document(results: Sequence[PilotResult]) -> Pilots:
    """Return the document of ``assess pilot --json``."""
    return Pilots(PILOT_VERSION, [replace(each, seconds=round(each.seconds, 1)) for each in results])


def planned_document(rows: Sequence[tuple[Candidate, Sequence[ContainerNeed]]]) -> Pilots:
    """Return the document of ``assess pilot --dry-run --json``: candidates with their needs."""
    planned = [
        PlannedPilot(
            each.plan.workload,
            each.plan.image,
            each.built.digest,
            each.plan.start.service,
            each.plan.start.user,
            reported(needs, each.allowed.grants),
            each.allowed.grants,
            each.limits,
        )
        for each, needs in rows
    ]
    return Pilots(PILOT_VERSION, [], planned)


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
            temporary.write_text(document_text(pilot_document([result]), indent=1) + "\n", encoding="utf-8")
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    return result


def load_pilot(folder: Path) -> PilotResult | None:
    """The last pilot of a build; None when there was none, or it is of another version."""
    try:
        document = msgspec.json.decode((folder / "pilot.json").read_bytes(), type=Pilots)
    except (OSError, ValueError):
        return None
    return document.pilots[0] if len(document.pilots) == 1 else None
