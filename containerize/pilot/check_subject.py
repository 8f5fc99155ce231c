"""The input of a check: plan, running copy, live service, and masking of output."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from containerize.pilot.container_limits import UNLIMITED, ContainerLimits
from containerize.pilot.limit_causes import causes
from containerize.pilot.mask import Mask
from containerize.pilot.reference_service import Endpoint, ReferenceService
from containerize.pilot.result import CheckResult, CheckVerdict
from containerize.pilot.seeds.seeding import Seeded
from containerize.pilot.startup_wait import START_SECONDS
from containerize.plan.model import ImagePlan
from containerize.runtimes.runtime import Runtime
from inventory.transports.transport import Duplex

_DETAILS = 60


@dataclass
class CheckSubject:
    """One workload in a running pilot.

    ``accounts`` maps the image's uids to names. ``live_words`` and ``copy_words`` are what each side calls itself by
    (its addresses), to be taken out of answers before they are compared. ``seeded`` says of each volume how it got its
    data, or why it has none; ``missing`` are workloads that it talks to and that do not run in this pilot. ``sleep``
    waits between questions, so that tests need not; ``start_seconds`` is how long a start may take; ``logged_paths``
    says that a person allowed to ask the live server for paths from its access logs; ``limits`` are the container's.
    """

    plan: ImagePlan
    runtime: Runtime
    container: str
    live: ReferenceService
    mask: Mask
    accounts: dict[int, str] = field(default_factory=dict)
    live_words: tuple[str, ...] = ()
    copy_words: tuple[str, ...] = ()
    seeded: Mapping[str, Seeded | str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    sleep: Callable[[float], None] = time.sleep
    start_seconds: float = START_SECONDS
    logged_paths: bool = False
    limits: ContainerLimits = UNLIMITED

    def dial_copy(self, vantage: Endpoint, timeout: float = 10.0) -> Duplex:
        """Connect to the copy as :meth:`Live.dial` does to the live service."""
        address = vantage.address if vantage.inside else "127.0.0.1"
        return self.runtime.dial(self.container, vantage.port, address=address, timeout=timeout)

    def causes(self) -> str:
        """Limits that the copy ran into, to stand behind what went wrong; "" for none."""
        return causes(self.limits, self.runtime.pressure(self.container))

    def result(self, name: str, verdict: CheckVerdict, expected: str, actual: str, detail: str = "") -> CheckResult:
        """A result whose texts may be shown."""
        return CheckResult(
            name,
            verdict,
            self.mask.line(expected),
            self.mask.line(actual),
            "\n".join(self.mask.line(line) for line in _cut(detail.splitlines())),
        )

    def compared(self, name: str, same: bool, expected: str, actual: str, detail: str = "") -> CheckResult:
        """Pass or fail."""
        return self.result(name, CheckVerdict.PASS if same else CheckVerdict.FAIL, expected, actual, detail)

    def undecided(self, name: str, expected: str, reason: str, detail: str = "") -> CheckResult:
        """Inconclusive, and why."""
        return self.result(name, CheckVerdict.INCONCLUSIVE, expected, reason, detail)


def _cut(lines: list[str]) -> list[str]:
    """At most so many lines, with a last one that counts the rest."""
    return lines if len(lines) <= _DETAILS else [*lines[:_DETAILS], f"and {len(lines) - _DETAILS} more lines"]
