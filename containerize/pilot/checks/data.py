"""The copy holds the data of the live service: the same tables with as many rows, the same accounts, as many keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from containerize.pilot.result import CheckResult
from containerize.pilot.seeds.seeding import Counts, Seeded, SeedFailed
from containerize.pilot.subject import Subject
from containerize.runtimes.runtime import ExecResult


def check(subject: Subject) -> tuple[CheckResult, ...]:
    """One result for each volume that was seeded, or could not be."""
    return tuple(_volume(subject, path, seeded) for path, seeded in subject.seeded.items())


def _volume(subject: Subject, path: str, seeded: Seeded | str) -> CheckResult:
    name = f"data {path}"
    if isinstance(seeded, str):
        return subject.undecided(name, "a copy of the live data", seeded)
    if seeded.measure is None:
        return subject.compared(name, True, "a copy of the live data", seeded.words)

    def run(arguments: Sequence[str], *, user: str = "0:0", stdin: bytes = b"") -> ExecResult:
        return subject.runtime.execute(subject.container, arguments, user=user, stdin=stdin, timeout=600)

    expected = _words(seeded.after)
    try:
        counted = seeded.measure(run)
    except SeedFailed as error:
        return subject.compared(name, False, expected, str(error))
    differing = differing_counts(seeded.before, seeded.after, counted)
    detail = "\n".join(f"{item}: {live} live, {copy} here" for item, live, copy in differing)
    if differing:
        item, live, copy = differing[0]
        more = f" (and {len(differing) - 1} more)" if len(differing) > 1 else ""
        return subject.compared(name, False, expected, f"{item}: {live} live, {copy} here{more}", detail)
    return subject.compared(name, True, expected, _words(counted), detail)


def differing_counts(before: Counts, after: Counts, counted: Counts) -> list[tuple[str, str, str]]:
    """(what, live, copy) of what does not lie between the live counts around the copy.

    -1 means there and not counted. What came or went meanwhile may be there or not.
    """
    found = []
    for item in sorted(before.keys() | after.keys() | counted.keys()):
        first, last, copy = (_get(counts, item) for counts in (before, after, counted))
        low, high = min(first, last), max(first, last)
        if copy == -1 and first != 0:
            continue  # there, and on both sides too large to count
        if not low <= copy <= high:
            found.append(
                (item, str(low) if low == high else f"{low} to {high}", str(copy) if item in counted else "none")
            )
    return found


def _get(counts: Counts, item: str) -> int:
    return counts.get(item, 0)


def _words(counts: Mapping[str, int]) -> str:
    tables = [count for name, count in counts.items() if name.startswith("table ")]
    if tables:
        rows = sum(count for count in tables if count > 0)
        return f"{len(tables)} tables with {rows} rows, {counts.get('accounts', 0)} accounts"
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "nothing"
