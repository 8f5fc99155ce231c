"""What a pilot checks: one check a file, and CHECKS in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from containerize.pilot.checks import data, greetings, ports, processes, restarts, starts, stays_up, stops, web
from containerize.pilot.result import CheckResult
from containerize.pilot.subject import Subject


class Check(NamedTuple):
    """``run`` raises HostError, RuntimeFailed or OSError when it could not look; the pilot then calls it inconclusive.

    ``ending`` checks end the container; they run last, when every other workload of the pilot was checked.
    """

    name: str
    run: Callable[[Subject], tuple[CheckResult, ...]]
    ending: bool = False


CHECKS: tuple[Check, ...] = (
    Check("starts", starts.check),
    Check("ports", ports.check),
    Check("processes", processes.check),
    Check("data", data.check),
    Check("greetings", greetings.check),
    Check("pages", web.check),
    Check("stays up", stays_up.check),
    Check("stops", stops.check, ending=True),
    Check("restarts", restarts.check, ending=True),
)
