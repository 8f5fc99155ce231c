"""The product's own forecast: does it report before the start that a service will not work?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.wild.results import Forecast


def forecast_of(verdicts: Sequence[str], severities: Sequence[str], build: Mapping[str, Any] | None) -> Forecast:
    """``works`` for ready, ``fails`` for stay, a blocker or a build that fails, ``unknown`` for everything else.

    ``build`` is the row of ``assess build --json``, None when the build failed.
    """
    if build is None or "stay" in verdicts or "blocker" in severities:
        return "fails"
    if any(verdict != "ready" for verdict in verdicts) or not verdicts:
        return "unknown"
    return "works"
