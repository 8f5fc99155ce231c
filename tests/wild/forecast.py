"""The product's own forecast: does it report before the start that a service will not work?"""

from __future__ import annotations

from collections.abc import Sequence

from tests.wild.results import Forecast


def forecast_of(verdicts: Sequence[str], severities: Sequence[str], *, built: bool | None) -> Forecast:
    """``works`` for ready, ``fails`` for stay, a blocker or a build that fails, ``unknown`` for everything else."""
    if built is False or "stay" in verdicts or "blocker" in severities:
        return "fails"
    ready = bool(verdicts) and all(verdict == "ready" for verdict in verdicts)
    return "works" if ready else "unknown"
