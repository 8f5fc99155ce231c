"""Host text in Markdown, quoted as code (https://spec.commonmark.org/0.31.2/)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from containerize.emitters.emission import comment


def code(text: str) -> str:
    """A code span of one line. What cannot be printed becomes a question mark."""
    line = comment(text)
    fence = _fence(line, 1)
    # A span of blanks is left alone by CommonMark; else one blank on each side is taken off again.
    pad = " " if line.strip() and (line[0] in "` " or line[-1] in "` ") else ""
    return f"{fence}{pad}{line}{pad}{fence}" if line else "(nothing)"


def cell(text: str) -> str:
    """A code span within a table (GitHub Flavored Markdown, "Tables"), where a bar would begin the next cell."""
    return code(text).replace("|", "\\|")


def block(lines: Iterable[str]) -> str:
    """A fenced block of shell commands, a line each."""
    shown = [comment(line) for line in lines]
    fence = _fence("\n".join(shown), 3)
    return "\n".join([f"{fence}sh", *shown, fence])


def _fence(text: str, least: int) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    return "`" * max(least, longest + 1)
