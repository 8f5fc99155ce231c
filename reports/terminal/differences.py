"""Differences between two scans or two versions of this program, on a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from assess.assessment_comparison import FindingChange, JudgementDifference, VerdictChange
from inventory.history.snapshot_diff import Change, FactChange, HostDifference
from reports.view.labels import count
from reports.view.visible_text import shown

LINES = 25
"""Changes of one section of one host that a terminal shows; ``--json`` has all."""

_SIGNS: Mapping[Change, str] = {"added": "+", "removed": "-", "changed": "~"}
_COLOURS: Mapping[Change, str] = {"added": "green", "removed": "red", "changed": "yellow"}


def print_host(difference: HostDifference, words: tuple[str, str]) -> None:
    """One host. ``words`` say that a section can be read in the new look only, or in the old one only."""
    _heading(difference.host)
    status = difference.status
    if status.old != status.new:
        click.echo(f"  was {status.old}, is {status.new}")
    for each in difference.sections:
        if each.new == "unknown":
            click.echo(shown(f"  {each.section} {words[1]}: {each.reason}"))
        elif each.old == "unknown":
            click.echo(f"  {each.section} {words[0]}")
        else:
            click.echo(f"  {each.section}: was {each.old}, is {each.new}")
    sections = Counter(each.section for each in difference.facts)
    for section in sections:
        changes = [each for each in difference.facts if each.section == section]
        kinds = Counter(each.change for each in changes)
        click.echo(f"  {section}: " + ", ".join(f"{kinds[kind]:,} {kind}" for kind in _SIGNS if kinds[kind]))
        for change in changes[:LINES]:
            click.secho(f"    {_SIGNS[change.change]} {_fact(change)}", fg=_COLOURS[change.change])
        if len(changes) > LINES:
            click.echo(f"    … {len(changes) - LINES:,} more; use --json for all")


def _fact(change: FactChange) -> str:
    name = f"{change.kind} {change.key}".strip()
    fields = ", ".join(f"{each.name} {_short(each.old)} → {_short(each.new)}" for each in change.fields[:4])
    more = f" and {len(change.fields) - 4} more" if len(change.fields) > 4 else ""
    return shown(f"{name}: {fields}{more}" if fields else name, 300)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else "none" if value is None else str(value)
    return (text if len(text) <= 50 else f"{text[:50]}…") or '""'


def print_judgements(difference: JudgementDifference) -> None:
    """Verdicts, then findings."""
    if difference.verdicts:
        _heading("Verdicts")
        for verdict in difference.verdicts:
            click.echo(shown(f"  {_verdict(verdict)}"))
    if difference.findings:
        _heading("Findings")
        _print_findings(difference.findings)


def _verdict(change: VerdictChange) -> str:
    old, new = ("none" if each is None else f"{each.verdict} ({each.score})" for each in (change.old, change.new))
    if change.old is None:
        return f"+ {change.workload}: {new}"
    return f"- {change.workload}: was {old}" if change.new is None else f"~ {change.workload}: {old} → {new}"


def _print_findings(findings: Sequence[FindingChange]) -> None:
    for each in findings[: 4 * LINES]:
        severity = " → ".join(dict.fromkeys(filter(None, (each.severity.old, each.severity.new))))
        target = f" on {each.target}" if each.target else ""
        line = f"  {_SIGNS[each.change]} {severity} {each.name}, {each.subject}{target}: {each.message}"
        click.secho(shown(line, 400), fg=_COLOURS[each.change])
    if len(findings) > 4 * LINES:
        click.echo(f"  … {len(findings) - 4 * LINES:,} more; use --json for all")


def _heading(text: str) -> None:
    click.secho(shown(text, 200), bold=True)


def summary(hosts: Iterable[HostDifference], judgements: JudgementDifference) -> str:
    """All of it in one sentence."""
    differing = [each for each in hosts if each]
    facts = sum(len(each.facts) for each in differing)
    parts = [f"{count(facts, 'fact')} on {count(len(differing), 'host')}"]
    parts.append(count(len(judgements.verdicts), "verdict"))
    parts.append(count(len(judgements.findings), "finding"))
    return f"Different: {', '.join(parts)}."
