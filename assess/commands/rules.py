"""``assess rules``: list the rules, or explain one."""

from __future__ import annotations

import json
import textwrap
from typing import Any

import click

from assess.commands.command import command
from assess.commands.completion import complete_rule
from assess.commands.console import make_console
from assess.rule import Rule, UnknownRule, find_rule
from assess.rules import RULES

_WIDTH = 88
_NARROW = 60
"""Columns below which a table would cut ids and names."""


@command(example="assess rules")
@click.argument("rule", required=False, metavar="[RULE]", shell_complete=complete_rule)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def rules(rule: str | None, as_json: bool) -> None:
    """List the rules, or explain the one called RULE (an id or a name)."""
    if rule is None:
        known = sorted(RULES, key=lambda each: each.id)
        if as_json:
            click.echo(json.dumps({"rules": [_row(each) for each in known]}, indent=2))
        else:
            _list(known)
        return
    show_rule(rule, as_json=as_json)


def show_rule(rule: str, *, as_json: bool) -> None:
    """Print the manual of one rule; raises UsageError when there is none of this id or name."""
    found = rule_named(rule)
    if as_json:
        click.echo(json.dumps({"rules": [_row(found)]}, indent=2))
    else:
        _explain(found)


def rule_named(name: str) -> Rule:
    """Return the rule of an id or a name; raises UsageError when there is none."""
    try:
        return find_rule(RULES, name)
    except UnknownRule as error:
        raise click.UsageError(str(error)) from error


def _row(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": rule.name,
        "scope": str(rule.scope),
        "needs": list(rule.needs),
        "summary": rule.summary,
        "why": rule.why,
        "remedy": rule.remedy,
        "source": rule.source,
    }


def _list(known: list[Rule]) -> None:
    from rich.table import Table

    console = make_console()
    if not console.is_terminal or console.width < _NARROW:
        for each in known:
            click.echo(f"{each.id}  {each.name:<27}  {each.summary}")
        return
    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column("id", no_wrap=True)
    table.add_column("rule", no_wrap=True)
    table.add_column("what it finds")
    for each in known:
        table.add_row(each.id, each.name, each.summary)
    console.print(table)


def _explain(rule: Rule) -> None:
    needs = ", ".join(rule.needs) if rule.needs else "only the host's platform"
    former = f" Former name: {', '.join(rule.aliases)}." if rule.aliases else ""
    click.secho(f"{rule.name} ({rule.id})", bold=True)
    click.echo(_wrapped(f"Checked for each {rule.scope}; needs {needs}.{former}"))
    click.echo("\n" + _wrapped(rule.summary))
    for heading, text in (("Why", rule.why), ("Remedy", rule.remedy), ("Source", rule.source)):
        click.secho(f"\n{heading}", bold=True)
        click.echo(_wrapped(text, "  "))


def _wrapped(text: str, indent: str = "") -> str:
    return "\n\n".join(
        textwrap.fill(paragraph, _WIDTH, initial_indent=indent, subsequent_indent=indent)
        for paragraph in text.split("\n\n")
    )
