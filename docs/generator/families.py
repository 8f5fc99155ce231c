"""The page of system families and how far verdicts are proven on each."""

from __future__ import annotations

from pathlib import Path

from assess.knowledge.system_families import families
from docs.generator import MARK


def pages() -> dict[Path, str]:
    """Return the page by its path below docs/reference."""
    return {Path("families.md"): families_page()}


def families_page() -> str:
    """The table of families of systems."""
    rows = [f"| {each.name} | {each.cap:.0%} | {each.reason or '-'} | {each.proven} |" for each in families()]
    return (
        f"{MARK}# How far verdicts are proven\n\n"
        "The confidence of a verdict is the share of its checks that could be decided. Where lifting, rules or\n"
        "questions have not been proven on a family of systems, it is capped. A cap changes\n"
        "no verdict. The first family that a host fits counts, by ID and ID_LIKE of its\n"
        "os-release. The table is `assess/knowledge/data/system_families.toml`.\n\n"
        "| family | confidence at most | why | what was proven |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"
    )
