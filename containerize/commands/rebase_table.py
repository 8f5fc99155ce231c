"""Terminal output of a rebase."""

from __future__ import annotations

import click

from assess.commands.console import make_console, printable
from containerize.rebase.outcome import RebaseOutcome

_SHOWN = 12
"""As many paths of a kind as one reads; --json has all."""


def print_rebase(outcome: RebaseOutcome) -> None:
    """A table of the packages, then what people must know."""
    from rich.table import Table
    from rich.text import Text

    rebased, name = outcome.rebased, printable(outcome.before.workload)
    if not rebased.updates:
        click.echo(f"{name}: no package can be replaced from {printable(outcome.source)}")
    else:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in ("PACKAGE", "NOW", "NEWER"):
            table.add_column(heading, overflow="fold")
        for each in rebased.updates:
            table.add_row(*(Text(printable(text)) for text in (each.name, each.old, each.new)))
        make_console(markup=False).print(table)
        click.echo(
            f"\n{name}: {len(rebased.updates)} packages, {rebased.replaced:,} files replaced,"
            f" {len(rebased.added):,} new, {len(rebased.removed):,} gone"
        )
    for line in _remarks(outcome):
        click.echo(f"  {printable(line)}")
    if outcome.built is None:
        return
    application = any(layer.name == "application" for layer in outcome.changed)
    click.echo(
        f"  {len(outcome.changed)} layers are new, {len(outcome.unchanged)} as they were;"
        f" that of the application {'is new' if application else 'is as it was'}"
    )
    if outcome.pilots is not None:
        click.echo(f"  pilot before: {outcome.pilots.before}; after: {outcome.pilots.after}")
        for clause in outcome.pilots.worse:
            click.echo(f"  worse: {printable(clause)}")
    if outcome.applied:
        told = "" if outcome.pilots else ", without a passed pilot"
        click.echo(f"  image {outcome.built.digest}{told}; {outcome.before.digest} is stored for --back")
    else:
        click.echo(f"  the image stays {outcome.before.digest}: {_why_not(outcome)}")


def _why_not(outcome: RebaseOutcome) -> str:
    if outcome.pilots is not None and outcome.pilots.worse:
        return "the newer one did worse"
    return "its own pilot fails, so that of the newer one proves nothing; see assess pilot, or use --no-pilot"


def _remarks(outcome: RebaseOutcome) -> list[str]:
    rebased = outcome.rebased
    lines = [
        f"{each.name} stays {each.version} ({each.newer} there): {each.reason}" for each in rebased.kept if each.newer
    ]
    missing = [each.name for each in rebased.kept if not each.newer]
    if missing:
        lines.append(f"not there, and as they were: {_some(missing)}")
    lines += [f"{path} {why}" for path, why in rebased.stays[:_SHOWN]]
    if len(rebased.stays) > _SHOWN:
        lines.append(f"and {len(rebased.stays) - _SHOWN} more files stay")
    if scripts := [f"{each.name} ({', '.join(each.scripts)})" for each in rebased.updates if each.scripts]:
        lines.append(f"maintainer scripts changed and were not run: {_some(scripts)}")
    if rebased.dangling:
        lines.append(f"links that lead nowhere now: {_some(list(rebased.dangling))}")
    return lines


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"
