"""The result of a pilot."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from containerize.grants.model import Grant
from containerize.grants.needs import ContainerNeed
from containerize.pilot.container_limits import UNLIMITED, ContainerLimits


class CheckVerdict(StrEnum):
    """``inconclusive`` is neither a pass nor a failure: the check could not decide, and ``actual`` says why."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check. ``expected`` comes from the inventory or the live service, ``actual`` from the container; both are
    text for people, redacted. ``detail`` may hold a longer explanation (a diff, the last log lines).
    """

    name: str
    verdict: CheckVerdict
    expected: str
    actual: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class PilotResult:
    """One workload in a pilot. ``started`` is our clock in seconds since the epoch, ``seconds`` the length.

    ``needs`` are what it would need beyond a plain container, whether allowed or not; ``grants`` what was allowed while
    it ran; ``limits`` those of the container; ``read_only_root`` says that it ran with a read-only root file system,
    ``read_only_passed`` is the digest of the image that last passed so, "" for none; ``notes`` say what could not be
    done as it was asked.
    """

    workload: str
    runtime: str
    image: str
    digest: str
    verdict: CheckVerdict
    checks: tuple[CheckResult, ...]
    started: float
    seconds: float
    needs: tuple[ContainerNeed, ...] = ()
    grants: tuple[Grant, ...] = ()
    limits: ContainerLimits = UNLIMITED
    read_only_root: bool = False
    read_only_passed: str = ""
    notes: tuple[str, ...] = ()


def verdict_of(checks: tuple[CheckResult, ...]) -> CheckVerdict:
    """A failure wins over an inconclusive check, which wins over passes; no checks at all are inconclusive."""
    verdicts = {check.verdict for check in checks}
    if CheckVerdict.FAIL in verdicts:
        return CheckVerdict.FAIL
    if CheckVerdict.INCONCLUSIVE in verdicts or not verdicts:
        return CheckVerdict.INCONCLUSIVE
    return CheckVerdict.PASS
