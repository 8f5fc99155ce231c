"""Pages of the rules, and their index."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from assess.rule import Rule
from assess.rules import RULES
from docs.generator import MARK
from inventory.platforms import Platform

_PLATFORMS = {Platform.POSIX: "Linux", Platform.WINDOWS: "Windows", Platform.OTHER: "other"}


def pages(rules: Iterable[Rule] = RULES) -> dict[Path, str]:
    """Return one page for each rule and the index, by path below docs/reference."""
    known = tuple(rules)
    made = {Path(f"rules/{rule.name}.md"): rule_page(rule) for rule in known}
    return {**made, Path("rules/README.md"): rules_index(known)}


def rule_page(rule: Rule) -> str:
    """The manual of one rule."""
    needs = ", ".join(rule.needs) if rule.needs else "only the host's platform"
    of = f" on {_PLATFORMS[rule.platform]} hosts" if rule.platform else ""
    former = f" Former name: `{'`, `'.join(rule.aliases)}`." if rule.aliases else ""
    return (
        f"{MARK}# {rule.name}\n\n"
        f"`{rule.id}`, checked for each {rule.scope}{of}; needs {needs}.{former}\n\n"
        f"{rule.summary}\n\n"
        f"## Why\n\n{rule.why}\n\n"
        f"## Remedy\n\n{rule.remedy}\n\n"
        f"## Source\n\n{rule.source}\n"
    )


def rules_index(rules: Iterable[Rule]) -> str:
    """The list of all rules, in the order of their ids."""
    rows = [
        f"| {rule.id} | [{rule.name}]({rule.name}.md) | {rule.scope} | {rule.summary} |"
        for rule in sorted(rules, key=lambda each: each.id)
    ]
    return (
        f"{MARK}# Rules\n\n"
        "A rule whose required facts could not be read is *undetermined*, never a pass. Severities: `blocker` (cannot\n"
        "run on that target), `major` (host network, privilege or rework), `minor` (an option, a prepared host, a\n"
        "client change, a volume), `info`.\n\n"
        "| id | rule | asked of each | what it finds |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"
    )
