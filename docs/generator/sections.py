"""The page of the sections: every question that a host is asked."""

from __future__ import annotations

from pathlib import Path

from docs.generator import MARK
from inventory.sections import SECTIONS


def pages() -> dict[Path, str]:
    """Return the page by its path below docs/reference."""
    return {Path("sections.md"): sections()}


def sections() -> str:
    """Return the table of sections."""
    blocks = [
        MARK,
        "# Sections",
        "",
        "One file of `inventory/sections/` each: the question, the reader of the answer, and the redaction of secrets.",
        "",
        "| section | what it answers | depth | platforms | parts that need root | limit |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for section in SECTIONS:
        platforms = ", ".join(variant.platform.value for variant in section.variants)
        root = sorted(
            {
                line.split()[1]
                for variant in section.variants
                for line in variant.fragment.splitlines()
                if line.strip().startswith("root ")
            }
        )
        limit = ", ".join(f"{variant.seconds} s, {variant.cap >> 20} MiB" for variant in section.variants)
        cells = (f"`{section.name}`", section.summary, section.depth, platforms, ", ".join(root) or "-", limit)
        blocks.append(f"| {' | '.join(cells)} |")
    return "\n".join([*blocks, ""])
