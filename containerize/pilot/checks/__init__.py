"""CHECKS: the table of everything that a pilot checks, one check per file, in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from containerize.pilot.check_subject import CheckSubject
from containerize.pilot.checks import (
    greetings,
    open_ports,
    restarts,
    running_processes,
    starts,
    stays_up,
    stops,
    stored_data,
    web_pages,
)
from containerize.pilot.result import CheckResult


class Check(NamedTuple):
    """``run`` raises HostError, RuntimeFailed or OSError when it could not look; the pilot then calls it inconclusive.

    ``ending`` checks end the container; they run last, when every other workload of the pilot was checked.
    """

    name: str
    run: Callable[[CheckSubject], tuple[CheckResult, ...]]
    ending: bool = False


CHECKS: tuple[Check, ...] = (
    Check("starts", starts.check),
    Check("ports", open_ports.check),
    Check("processes", running_processes.check),
    Check("data", stored_data.check),
    Check("greetings", greetings.check),
    Check("pages", web_pages.check),
    Check("stays up", stays_up.check),
    Check("stops", stops.check, ending=True),
    Check("restarts", restarts.check, ending=True),
)
