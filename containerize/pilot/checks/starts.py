"""Check that every port of the plan listens in time and the container keeps running."""

from __future__ import annotations

from containerize.pilot.check_subject import CheckSubject
from containerize.pilot.result import CheckResult
from containerize.pilot.startup_wait import wait_until_up

NAME = "starts"


def check(subject: CheckSubject) -> tuple[CheckResult, ...]:
    """See the module. Shows the last words of one that ended."""
    up = wait_until_up(
        subject.runtime, subject.container, subject.plan, seconds=subject.start_seconds, sleep=subject.sleep
    )
    expected = f"{_runs(len(subject.plan.ports))} within {subject.start_seconds:.0f} s"
    if not up.state.running:
        detail = subject.mask.lines(subject.runtime.logs(subject.container))
        words = f"ended with status {up.state.exit_code}{f' ({up.state.error})' if up.state.error else ''}"
        last = detail.splitlines()[-1] if detail else "it printed nothing"
        return (subject.compared(NAME, False, expected, f"{words}{subject.causes()}; last words: {last}", detail),)
    if up.missing:
        names = ", ".join(f"{port.protocol}/{port.port}" for port in up.missing)
        detail = subject.mask.lines(subject.runtime.logs(subject.container))
        return (
            subject.compared(NAME, False, expected, f"runs, but nothing listens on {names}{subject.causes()}", detail),
        )
    return (subject.compared(NAME, True, expected, f"up after {up.seconds:.1f} s"),)


def _runs(ports: int) -> str:
    if ports == 0:
        return "runs"
    return "runs, with its port open" if ports == 1 else f"runs, with all {ports} ports open"
