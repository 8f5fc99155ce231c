"""Write the pages in docs/reference, which are made from the code, or check that they are current.

python docs/generate.py            write them
python docs/generate.py --check    exit 1 and name every page that differs
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

REFERENCE = Path(__file__).resolve().parent / "reference"
sys.path.insert(0, str(REFERENCE.parents[1]))

from docs.generator import command_line, documents, families, image_contents, rules, sections  # noqa: E402
from tests.assess.reality.page import reality_page  # noqa: E402
from tests.wild.page import wild_page  # noqa: E402


def pages() -> Mapping[Path, str]:
    """Return every generated page by its path below docs/reference."""
    made = {Path("reality.md"): reality_page(), Path("wild.md"): wild_page()}
    for module in (command_line, documents, families, image_contents, rules, sections):
        made |= module.pages()
    return made


def stale(folder: Path) -> list[str]:
    """Return the pages in a folder that differ, are missing, or are made from nothing any more."""
    made = pages()
    there = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    differing = [path for path, text in made.items() if path not in there or (folder / path).read_text("utf-8") != text]
    return sorted(map(str, [*differing, *(there - made.keys())]))


def write(folder: Path) -> None:
    """Write all pages, and remove those that are made from nothing any more."""
    for path, text in pages().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    for path in stale(folder):
        (folder / path).unlink()


def main(arguments: list[str]) -> int:
    """Write or check; 1 when a page differs, 2 for a wrong argument."""
    if arguments == ["--check"]:
        differing = stale(REFERENCE)
        if differing:
            sys.stderr.write("run docs/generate.py; it would change: " + ", ".join(differing) + "\n")
        return 1 if differing else 0
    if arguments:
        sys.stderr.write("usage: python docs/generate.py [--check]\n")
        return 2
    write(REFERENCE)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
