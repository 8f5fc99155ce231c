"""Write the documents that are made from the code, or check that they are current.

python docs/generate.py            write them
python docs/generate.py --check    exit 1 and name every page that differs
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from click.testing import CliRunner

from assess.cli import COMMANDS, assess
from assess.export.reference_pages import pages as assessment_pages
from containerize.docs import pages as image_pages
from inventory.sections import SECTIONS
from reports.docs import pages as report_pages

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))

from tests.assess.reality.page import reality_page  # noqa: E402

MARK = "<!-- Made by docs/generate.py; edit the code it describes instead. -->"


def command_line() -> str:
    """Return the page of all commands: their help pages, as the program prints them at 80 columns."""
    blocks = [MARK, "", "# Command line", "", *_help_page()]
    for name in COMMANDS:
        blocks += [f"## assess {name}", "", *_help_page(name)]
    return "\n".join(blocks)


def _help_page(*command: str) -> list[str]:
    ran = CliRunner(env={"COLUMNS": "80"}).invoke(
        assess, [*command, "--help"], prog_name="assess", catch_exceptions=False
    )
    return ["```text", ran.output.rstrip(), "```", ""]


def sections() -> str:
    """The page of all questions that the probe asks."""
    blocks = [
        MARK,
        "",
        "# What a host is asked",
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


def pages() -> Mapping[Path, str]:
    """Every generated page by its path below ``docs``."""
    made = {Path("cli.md"): command_line(), Path("sections.md"): sections(), Path("reality.md"): reality_page()}
    return {**made, **assessment_pages(), **image_pages(), **report_pages()}


def main() -> None:
    """Write or check."""
    check = "--check" in sys.argv[1:]
    stale: list[str] = []
    made = pages()
    for relative, text in made.items():
        path = DOCS / relative
        if check:
            if not path.exists() or path.read_text() != text:
                stale.append(str(relative))
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for path in sorted((DOCS / "rules").glob("*.md")):
        relative = path.relative_to(DOCS)
        if relative not in made:
            if check:
                stale.append(f"{relative} (no such rule)")
            else:
                path.unlink()
    if stale:
        sys.stderr.write("docs/generate.py would change: " + ", ".join(stale) + "\n")
        raise SystemExit(1)


if __name__ == "__main__":
    main()
