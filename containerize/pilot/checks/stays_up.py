"""Check that the container still runs at the end, and report its resource usage."""

from __future__ import annotations

from containerize.pilot.check_subject import CheckSubject
from containerize.pilot.limit_causes import limit_hit
from containerize.pilot.resource_counters import count
from containerize.pilot.result import CheckResult

NAME = "stays up"


def check(subject: CheckSubject) -> tuple[CheckResult, ...]:
    """See the module. A limit that it ran into is a failure although it runs: the live service has none."""
    expected = "still runs after the checks, within its limits"
    state = subject.runtime.state(subject.container)
    pressure = subject.runtime.pressure(subject.container)
    if state.running:
        used = count(process.pid for process in subject.runtime.processes(subject.container))
        words = f"runs: {used}" if used.seen else "runs"
        within = not limit_hit(subject.limits, pressure)
        return (subject.compared(NAME, within, expected, f"{words}{subject.causes()}"),)
    detail = subject.mask.lines(subject.runtime.logs(subject.container))
    words = f"ended with status {state.exit_code}{subject.causes()}"
    return (subject.compared(NAME, False, expected, words, detail),)
