"""Check that the container ends on its stop signal, in time and without a crash."""

from __future__ import annotations

import signal

from containerize.pilot.check_subject import CheckSubject
from containerize.pilot.result import CheckResult

NAME = "stops"
GRACE = 10.0
"""What Docker and Kubernetes-like schedulers give by default, or less than that."""

_CRASHES = {128 + number for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE)}


def check(subject: CheckSubject) -> tuple[CheckResult, ...]:
    """See the module."""
    name = subject.plan.start.stop_signal
    expected = f"ends within {GRACE:.0f} s of {name}"
    if not subject.runtime.state(subject.container).running:
        return (subject.undecided(NAME, expected, "it had ended before"),)
    stopped = subject.runtime.stop(subject.container, grace=GRACE)
    if stopped.killed:
        detail = subject.mask.lines(subject.runtime.logs(subject.container))
        return (subject.compared(NAME, False, expected, f"did not end and was killed after {GRACE:.0f} s", detail),)
    actual = f"ended after {stopped.seconds:.1f} s with status {stopped.exit_code}"
    if stopped.exit_code in _CRASHES:
        return (subject.compared(NAME, False, expected, f"{actual}: it crashed"),)
    return (subject.compared(NAME, True, expected, actual),)
