"""Pages that are made from the code: one for each rule, their index, and the schema of the export.

``python -m assess.export.reference_pages`` writes them, ``python -m assess.export.reference_pages --check`` says which
differ and fails.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from assess.export.export_schema import SCHEMA_VERSION, schema
from assess.export.json_schema import field_table
from assess.knowledge.system_families import families
from assess.policy.policy_schema import policy_schema
from assess.rule import Rule
from assess.rules import RULES
from inventory.platforms import Platform

_PLATFORMS = {Platform.POSIX: "Linux", Platform.WINDOWS: "Windows", Platform.OTHER: "other"}
_MADE = "<!-- Made by `python -m assess.export.reference_pages`; edit the code instead. -->\n"


def pages(rules: Iterable[Rule] = RULES) -> dict[Path, str]:
    """All pages: path below docs/, text."""
    known = tuple(rules)
    made = {Path(f"rules/{rule.name}.md"): rule_page(rule) for rule in known}
    made[Path("rules/README.md")] = rules_index(known)
    made[Path("schema.json")] = json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
    made[Path("judgement.schema.json")] = json.dumps(policy_schema(), indent=2, ensure_ascii=False) + "\n"
    made[Path("families.md")] = families_page()
    made[Path("schema.md")] = schema_page(schema())
    return made


def families_page() -> str:
    """The table of families of systems."""
    rows = [f"| {each.name} | {each.cap:.0%} | {each.reason or '-'} | {each.proven} |" for each in families()]
    return (
        f"{_MADE}# How far verdicts are proven\n\n"
        "The confidence of a verdict is the share of its checks that could be decided. Where lifting, rules or\n"
        "questions have not been proven on a family of systems, it is capped. A cap changes\n"
        "no verdict. The first family that a host fits counts, by ID and ID_LIKE of its\n"
        "os-release. The table is `assess/knowledge/data/system_families.toml`.\n\n"
        "| family | confidence at most | why | what was proven |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"
    )


def rule_page(rule: Rule) -> str:
    """The manual of one rule."""
    needs = ", ".join(rule.needs) if rule.needs else "only the host's platform"
    of = f" on {_PLATFORMS[rule.platform]} hosts" if rule.platform else ""
    former = f" Former name: `{'`, `'.join(rule.aliases)}`." if rule.aliases else ""
    return (
        f"{_MADE}# {rule.name}\n\n"
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
        f"{_MADE}# Rules\n\n"
        "A rule whose required facts could not be read is *undetermined*, never a pass. Severities: `blocker` (cannot\n"
        "run on that target), `major` (host network, privilege or rework), `minor` (an option, a prepared host, a\n"
        "client change, a volume), `info`.\n\n"
        "| id | rule | asked of each | what it finds |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"
    )


def schema_page(document: Mapping[str, Any]) -> str:
    """The schema of the export for people."""
    return (
        f"{_MADE}# The export\n\n"
        f"`assess export --json` prints one JSON object in version {SCHEMA_VERSION} of this form. Within a major\n"
        "version fields are only added, so readers must ignore what they do not know. For programs there is\n"
        "[schema.json](schema.json). `assess scan --json` prints [two members more](reports.md#for-programs);\n"
        "[`assess build`](schema-build.md) and [`assess pilot`](schema-pilot.md) have documents of their own.\n\n"
        f"{field_table(document)}\n"
    )


def stale(directory: Path) -> list[str]:
    """The pages in ``directory`` that differ from what the code says, are missing, or belong to no rule any more."""
    made = pages()
    differing = [
        path
        for path, text in made.items()
        if not (directory / path).is_file() or (directory / path).read_text(encoding="utf-8") != text
    ]
    left = [path for page in (directory / "rules").glob("*.md") if (path := Path("rules") / page.name) not in made]
    return sorted(str(path) for path in differing + left)


def write(directory: Path) -> None:
    """Write all pages, and remove those of rules that are no more."""
    made = pages()
    (directory / "rules").mkdir(parents=True, exist_ok=True)
    for page in (directory / "rules").glob("*.md"):
        if Path("rules") / page.name not in made:
            page.unlink()
    for path, text in made.items():
        (directory / path).write_text(text, encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Write the pages of this checkout, or with ``--check`` compare them; 1 when they differ."""
    directory = Path(__file__).resolve().parents[2] / "docs"
    if arguments == ["--check"]:
        differing = stale(directory)
        for path in differing:
            sys.stderr.write(f"docs/{path} is not what the code says; run `python -m assess.export.reference_pages`\n")
        return 1 if differing else 0
    if arguments:
        sys.stderr.write("usage: python -m assess.export.reference_pages [--check]\n")
        return 2
    write(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
