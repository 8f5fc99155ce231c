"""The outcome of a rebase."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec

from containerize.image.write_image import StoredLayer
from containerize.pilot.result import CheckVerdict
from containerize.plan.model import BuiltImage
from containerize.rebase.rebased_plan import RebasedPlan
from inventory.described import doc


class PilotVerdicts(msgspec.Struct, frozen=True):
    """The pilots of the image before and after, at the same time and with the same peers."""

    before: Annotated[CheckVerdict, doc("Verdict on the image before.")]
    after: Annotated[CheckVerdict, doc("Verdict on the newer image.")]
    worse: Annotated[tuple[str, ...], doc("What the newer image did worse. If there is any, the older one stays.")]


@dataclass(frozen=True)
class RebaseOutcome:
    """``rebased`` says what is newer, ``before`` is the image that it began with. ``built`` is None with a dry run, and
    when nothing is newer. ``applied``: the new image took the place of the other. ``pilots`` is None when none ran.
    """

    source: str
    rebased: RebasedPlan
    before: BuiltImage
    built: BuiltImage | None = None
    changed: tuple[StoredLayer, ...] = ()
    unchanged: tuple[StoredLayer, ...] = ()
    pilots: PilotVerdicts | None = None
    applied: bool = False
