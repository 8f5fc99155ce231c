"""The documentation page of everything that images leave out on purpose."""

from __future__ import annotations

from containerize.data_tables import data_table


def left_out_page(mark: str) -> str:
    """Markdown; ``mark`` says that it is made."""
    never = "\n".join(f"| `{row['path']}` | {row['reason']} |" for row in data_table("places")["left_out"])
    lean = "\n".join(
        f"| {row['name']} | {row['reason']} | {_patterns(row['paths'])}{_but(row)} |"
        for row in data_table("lean")["group"]
    )
    kept = "\n".join(f"| {_patterns(row['paths'])} | {row['reason']} |" for row in data_table("observed")["kept"])
    return (
        f"{mark}# What images leave out\n\n"
        "What the [levels](levels.md) mean is told there. Every plan (`plan.json`) lists what it left out of its own\n"
        "workload, with files and bytes, and `assess why HOST/WORKLOAD PATH` answers for one path.\n\n"
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
