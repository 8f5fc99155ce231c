"""The result of a pilot."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from assess.export.json_schema import Amount
from containerize.grants.model import Grant, ReportedNeed
from containerize.pilot.container_limits import UNLIMITED, ContainerLimits
from containerize.plan.model import DIGEST, WorkloadId
from inventory.described import doc

Needs = Annotated[
    tuple[ReportedNeed, ...],
    doc("Needs beyond a plain container. The workload gets what is allowed, and nothing else."),
]
Grants = Annotated[tuple[Grant, ...], doc("What a person allowed, in force when the pilot ran.")]
ReadOnlyRoot = Annotated[bool, doc("Whether the root file system was read-only.")]


class CheckVerdict(StrEnum):
    """``inconclusive`` is neither a pass nor a failure: the check could not decide, and ``actual`` says why."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


class CheckResult(msgspec.Struct, frozen=True):
    """A check. All texts are for people, and redacted."""

    name: Annotated[str, doc("Name of the check, with its object (`port tcp/80`).")]
    verdict: Annotated[CheckVerdict, doc("inconclusive: it could not decide; `actual` has the reason.")]
    expected: Annotated[str, doc("Expected result, from the inventory or the live service.")]
    actual: Annotated[str, doc("Result of the copy. Values of secrets are masked, as everywhere in here.")]
    detail: Annotated[str, doc("More lines: pages one by one, differences, the last output of a copy that ended.")] = ""


class PilotResult(msgspec.Struct, frozen=True):
    """A workload in a pilot."""

    workload: WorkloadId
    runtime: Annotated[str, doc("Runtime of the containers.", schema={"enum": ["docker", "podman", "oci"]})]
    verdict: Annotated[
        CheckVerdict, doc("A failed check makes it fail, else one that could not decide makes it inconclusive.")
    ]
    image: Annotated[str, doc("Name of the image.")]
    digest: Annotated[str, doc("Digest of the image's manifest.", schema={"pattern": DIGEST})]
    started: Annotated[Amount, doc("Start, by our clock, in seconds since 1970-01-01 UTC.")]
    seconds: Annotated[Amount, doc("Length of the pilot, with the other workloads in it.")]
    checks: Annotated[tuple[CheckResult, ...], doc("The checks in the order in which they were made.")]
    read_only_passed: Annotated[
        str, doc("Digest of the image that last passed with `--read-only-root`; empty for none.")
    ] = ""
    notes: Annotated[tuple[str, ...], doc("What could not be done as requested.")] = ()
    needs: Needs = ()
    grants: Grants = ()
    limits: ContainerLimits = UNLIMITED
    read_only_root: ReadOnlyRoot = False


def verdict_of(checks: tuple[CheckResult, ...]) -> CheckVerdict:
    """A failure wins over an inconclusive check, which wins over passes; no checks at all are inconclusive."""
    verdicts = {check.verdict for check in checks}
    if CheckVerdict.FAIL in verdicts:
        return CheckVerdict.FAIL
    if CheckVerdict.INCONCLUSIVE in verdicts or not verdicts:
        return CheckVerdict.INCONCLUSIVE
    return CheckVerdict.PASS
