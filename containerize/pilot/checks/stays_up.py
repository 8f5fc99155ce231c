"""It stayed up while it was checked; what it used by then is told along."""

from __future__ import annotations

from containerize.pilot.counters import count
from containerize.pilot.result import CheckResult
from containerize.pilot.subject import Subject

NAME = "stays up"


def check(subject: Subject) -> tuple[CheckResult, ...]:
    """See the module."""
    state = subject.runtime.state(subject.container)
    if state.running:
        used = count(process.pid for process in subject.runtime.processes(subject.container))
        words = f"runs: {used}" if used.seen else "runs"
        return (subject.compared(NAME, True, "still runs after the checks", words),)
    detail = subject.mask.lines(subject.runtime.logs(subject.container))
    return (
        subject.compared(NAME, False, "still runs after the checks", f"ended with status {state.exit_code}", detail),
    )
