"""Check that the copy holds the live service's data: tables, rows, accounts, keys and relevant settings."""

from __future__ import annotations

from collections.abc import Sequence

from containerize.pilot.check_subject import CheckSubject
from containerize.pilot.result import CheckResult
from containerize.pilot.seeds.seeding import Measured, Seeded, SeedFailed
from containerize.runtimes.runtime import ExecResult


def check(subject: CheckSubject) -> tuple[CheckResult, ...]:
    """One result for each volume that was seeded, or could not be."""
    return tuple(_volume(subject, path, seeded) for path, seeded in subject.seeded.items())


def _volume(subject: CheckSubject, path: str, seeded: Seeded | str) -> CheckResult:
    name = f"data {path}"
    if isinstance(seeded, str):
        return subject.undecided(name, "a copy of the live data", seeded)
    if seeded.measure is None:
        return subject.compared(name, True, "a copy of the live data", seeded.words)

    def run(arguments: Sequence[str], *, user: str = "0:0", stdin: bytes = b"") -> ExecResult:
        return subject.runtime.execute(subject.container, arguments, user=user, stdin=stdin, timeout=600)

    expected = _words(seeded.after)
    try:
        measured = seeded.measure(run)
    except SeedFailed as error:
        return subject.compared(name, False, expected, str(error))
    differing = differing_counts(seeded.before, seeded.after, measured)
    detail = "\n".join(f"{item}: {live} live, {copy} here" for item, live, copy in differing)
    if differing:
        item, live, copy = differing[0]
        more = f" (and {len(differing) - 1} more)" if len(differing) > 1 else ""
        return subject.compared(name, False, expected, f"{item}: {live} live, {copy} here{more}", detail)
    return subject.compared(name, True, expected, _words(measured), detail)


def differing_counts(before: Measured, after: Measured, measured: Measured) -> list[tuple[str, str, str]]:
    """(what, live, copy) of counts that do not lie between the live ones around the copy, and of other settings.

    -1 means there and not counted. What came or went meanwhile may be there or not.
    """
    found = []
    for item in sorted(before.counts.keys() | after.counts.keys() | measured.counts.keys()):
        first, last, copy = (each.counts.get(item, 0) for each in (before, after, measured))
        low, high = min(first, last), max(first, last)
        if copy == -1 and first != 0:
            continue  # there, and on both sides too large to count
        if not low <= copy <= high:
            found.append(
                (
                    item,
                    str(low) if low == high else f"{low} to {high}",
                    str(copy) if item in measured.counts else "none",
                )
            )
    for name, value in sorted(after.settings.items()):
        if measured.settings.get(name, "") != value:
            found.append((name, value, measured.settings.get(name, "none")))
    return found


def _words(measured: Measured) -> str:
    counts = measured.counts
    tables = [count for name, count in counts.items() if name.startswith("table ")]
    if tables:
        rows = sum(count for count in tables if count > 0)
        return f"{len(tables)} tables with {rows} rows, {counts.get('accounts', 0)} accounts"
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "nothing"
