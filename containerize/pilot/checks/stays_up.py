"""It stayed up while it was checked."""

from __future__ import annotations

from containerize.pilot.result import CheckResult
from containerize.pilot.subject import Subject

NAME = "stays up"


def check(subject: Subject) -> tuple[CheckResult, ...]:
    """See the module."""
    state = subject.runtime.state(subject.container)
    if state.running:
        return (subject.compared(NAME, True, "still runs after the checks", "runs"),)
    detail = subject.mask.lines(subject.runtime.logs(subject.container))
    return (
        subject.compared(NAME, False, "still runs after the checks", f"ended with status {state.exit_code}", detail),
    )
