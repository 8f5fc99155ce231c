"""Images and pilots: builds and their comparison with the live service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from containerize.pilot.container_limits import UNLIMITED
from containerize.pilot.result import CheckVerdict, PilotResult
from containerize.plan.model import BuiltImage
from reports.view.blocks import Block, mono, text, word
from reports.view.labels import BUILT, CHECKS, Label, count, iso, memory, moment, size, workload_link
from reports.view.open_decisions import Security
from reports.view.open_decisions import summary as decided
from reports.view.visible_text import lines_of

ORDER = {CheckVerdict.FAIL: 0, CheckVerdict.INCONCLUSIVE: 1, CheckVerdict.PASS: 2}


@dataclass(frozen=True, slots=True)
class PilotRow:
    """An image, its pilot if it had one. ``facts`` are (name, value) of the image; ``tried`` says when and on what."""

    workload: str
    href: str
    verdict: Label
    summary: str
    tried: str
    tried_iso: str
    facts: tuple[tuple[str, str], ...]
    checks: Block | None


def tried(built: BuiltImage | None, pilot: PilotResult | None) -> bool:
    """Whether the pilot was of this very image: one that was built again since has not been tried."""
    return pilot is not None and (built is None or built.digest == pilot.digest)


def check_block(built: BuiltImage | None, pilot: PilotResult | None) -> Block | None:
    """The checks of a pilot: failures first, otherwise in the order in which they ran."""
    if pilot is None:
        return None
    rows = tuple(
        (
            text(check.name),
            word(CHECKS[check.verdict]),
            mono(check.expected),
            mono(check.actual),
            *map(mono, lines_of(check.detail)),
        )
        for check in sorted(pilot.checks, key=lambda check: ORDER[check.verdict])
    )
    title = "Pilot" if tried(built, pilot) else "Pilot of an earlier image"
    note = f"{moment(pilot.started)}, {pilot.seconds:.0f} s on {pilot.runtime}."
    return Block(title, "checks", rows, ("Check", "Result", "Live service", "Container"), note)


def image_facts(built: BuiltImage | None, pilot: PilotResult | None) -> tuple[tuple[str, str], ...]:
    """Facts of an image."""
    if built is None:
        return (("Image", pilot.image), ("Digest", pilot.digest), *_limits(pilot)) if pilot else ()
    return (
        ("Image", built.image),
        ("Size", f"{size(built.size)} ({size(built.compressed_size)} compressed), {built.files:,} files"),
        ("Where", built.layout),
        ("Digest", built.digest),
        *_limits(pilot),
    )


def _limits(pilot: PilotResult | None) -> tuple[tuple[str, str], ...]:
    if pilot is None or pilot.limits == UNLIMITED:
        return ()
    limits = pilot.limits
    cpus = count(int(limits.cpus), "processor") if limits.cpus == int(limits.cpus) else f"{limits.cpus:g} processors"
    root = "; read-only root file system" if pilot.read_only_root else ""
    words = f"{memory(limits.memory_bytes)} of memory, {limits.pids:,} processes and threads, {cpus}{root}"
    return (("Limits of the pilot", words),)


def pilot_rows(
    builds: Mapping[str, BuiltImage],
    pilots: Mapping[str, PilotResult],
    security: Mapping[str, Security] | None = None,
) -> tuple[PilotRow, ...]:
    """Failed pilots first, then undecided ones, passed ones, and images that were not tried."""
    rows: list[tuple[int, PilotRow]] = []
    for workload in dict.fromkeys((*pilots, *builds)):
        pilot, built = pilots.get(workload), builds.get(workload)
        place, verdict, summary = 3, BUILT, "This image has no pilot yet."
        if pilot is not None:
            passed = sum(check.verdict is CheckVerdict.PASS for check in pilot.checks)
            summary = f"{passed} of {count(len(pilot.checks), 'check')} passed"
            if tried(built, pilot):
                place, verdict = ORDER[pilot.verdict], CHECKS[pilot.verdict]
            else:
                summary = f"This image has no pilot yet. Pilot of an earlier image: {summary}"
        decisions = decided((security or {}).get(workload), pilot)
        rows.append(
            (
                place,
                PilotRow(
                    workload=workload,
                    href=workload_link(workload),
                    verdict=verdict,
                    summary=summary,
                    tried=f"{moment(pilot.started)}, {pilot.seconds:.0f} s on {pilot.runtime}" if pilot else "",
                    tried_iso=iso(pilot.started) if pilot else "",
                    facts=(
                        *image_facts(built, pilot),
                        *((("Decisions to make", decisions),) if decisions else ()),
                    ),
                    checks=check_block(built, pilot),
                ),
            )
        )
    return tuple(row for _place, row in sorted(rows, key=lambda pair: (pair[0], pair[1].workload)))
