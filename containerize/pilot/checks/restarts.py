"""Check that the service starts again after a stop (stale pid files, locks, caches)."""

from __future__ import annotations

from containerize.pilot.check_subject import CheckSubject
from containerize.pilot.result import CheckResult
from containerize.pilot.startup_wait import wait_until_up

NAME = "restarts"


def check(subject: CheckSubject) -> tuple[CheckResult, ...]:
    """See the module."""
    expected = "runs again with the same ports after a stop"
    subject.runtime.restart(subject.container)
    up = wait_until_up(
        subject.runtime, subject.container, subject.plan, seconds=subject.start_seconds, sleep=subject.sleep
    )
    if not up.state.running:
        detail = subject.mask.lines(subject.runtime.logs(subject.container))
        return (
            subject.compared(
                NAME, False, expected, f"ended with status {up.state.exit_code}{subject.causes()}", detail
            ),
        )
    if up.missing:
        names = ", ".join(f"{port.protocol}/{port.port}" for port in up.missing)
        return (subject.compared(NAME, False, expected, f"nothing listens on {names}{subject.causes()}"),)
    return (subject.compared(NAME, True, expected, f"up again after {up.seconds:.1f} s"),)
