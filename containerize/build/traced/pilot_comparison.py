"""Comparison of two pilots of one workload: checks that became worse."""

from __future__ import annotations

from collections import defaultdict

from containerize.pilot.result import CheckResult, CheckVerdict, PilotResult

_RANK = {CheckVerdict.FAIL: 0, CheckVerdict.INCONCLUSIVE: 1, CheckVerdict.PASS: 2}


def regressions(first: PilotResult, second: PilotResult) -> tuple[str, ...]:
    """Checks that are worse in the second pilot, a clause each. Checks are matched by name."""
    before, after = _by_name(first), _by_name(second)
    found = []
    for name, checks in before.items():
        if name not in after:
            if _worst(checks).verdict is CheckVerdict.PASS:
                found.append(f"{name}: was not checked any more")
            continue
        was, now = _worst(checks), _worst(after[name])
        if _RANK[now.verdict] < _RANK[was.verdict]:
            found.append(f"{name}: {now.actual}")
    for name, checks in after.items():
        now = _worst(checks)
        if name not in before and now.verdict is CheckVerdict.FAIL:
            found.append(f"{name}: {now.actual}")
    return tuple(found)


def _by_name(result: PilotResult) -> dict[str, list[CheckResult]]:
    rows: dict[str, list[CheckResult]] = defaultdict(list)
    for check in result.checks:
        rows[check.name].append(check)
    return rows


def _worst(checks: list[CheckResult]) -> CheckResult:
    return min(checks, key=lambda check: _RANK[check.verdict])
