"""The result of work on many workloads: a row for each."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from assess.export.json_schema import Amount, Count
from containerize.plan.model import WorkloadId
from inventory.described import doc

Result = Literal["built", "built before", "planned", "failed"]


class WorkResult(msgspec.Struct, frozen=True):
    """The result for one workload."""

    workload: WorkloadId
    result: Annotated[
        Result, doc("`built before`: by an earlier run of the same command, which was interrupted or had failures.")
    ]
    size: Annotated[Count | None, doc("Bytes of the image as stored; of a plan, uncompressed. Null without any.")]
    seconds: Annotated[Amount | None, doc("Time that it took; null for what was built before.")]
    reason: Annotated[str, doc("Why it failed; empty otherwise.")]
