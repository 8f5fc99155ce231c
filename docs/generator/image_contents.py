"""The page of everything that images leave out on purpose."""

from __future__ import annotations

from pathlib import Path

from containerize.data_tables import data_table
from docs.generator import MARK


def pages() -> dict[Path, str]:
    """Return the page by its path below docs/reference."""
    return {Path("left-out.md"): left_out_page()}


def left_out_page() -> str:
    """Return the tables of paths that images leave out, and why."""
    never = "\n".join(f"| `{row['path']}` | {row['reason']} |" for row in data_table("places")["left_out"])
    lean = "\n".join(
        f"| {row['name']} | {row['reason']} | {_patterns(row['paths'])}{_but(row)} |"
        for row in data_table("lean")["group"]
    )
    kept = "\n".join(f"| {_patterns(row['paths'])} | {row['reason']} |" for row in data_table("observed")["kept"])
    return (
        f"{MARK}# What images leave out\n\n"
        "[Levels](../howto/levels.md) explains the levels. Every plan (`plan.json`) lists what it left out, with\n"
        "files and bytes, and `assess why HOST/WORKLOAD PATH` answers for one path.\n\n"
        "## At every level\n\n"
        "| path | why |\n| --- | --- |\n"
        f"{never}\n\n"
        "Data directories, files that hold secrets, files that no account of the service can read, logs, and packages\n"
        "that only boot or manage a machine stay out too. `--not-secret PATH` takes a file that only looks secret.\n\n"
        "## From `lean` on\n\n"
        "In these patterns `*` stands for any text. A file that a process maps or has open, or that a setting, a\n"
        "script or an argument names, stays whatever it is called.\n\n"
        "| group | why | paths |\n| --- | --- | --- |\n"
        f"{lean}\n\n"
        "## What `observed` keeps unseen\n\n"
        "| paths | why |\n| --- | --- |\n"
        f"{kept}\n"
    )


def _patterns(patterns: list[str]) -> str:
    return ", ".join(f"`{pattern}`" for pattern in patterns)


def _but(row: dict[str, list[str]]) -> str:
    return f", but not {_patterns(row['but'])}" if "but" in row else ""
