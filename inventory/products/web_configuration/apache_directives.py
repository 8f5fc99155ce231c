"""The directives of a file of Apache's httpd, split as ap_cfg_getline and ap_getword_conf do:
https://httpd.apache.org/docs/2.4/configuring.html.

A line that ends in a backslash continues in the next one, a comment too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inventory.model.configuration import ConfigLine

_TAG = re.compile(r"<(?P<end>/?)\s*+(?P<name>[A-Za-z]\w*+)\s*+(?P<value>.*)", re.DOTALL)
_DIRECTIVE = re.compile(r"(?P<name>[A-Za-z][\w:-]*+)\s++(?P<value>\S.*)", re.DOTALL)
_LONGEST = 1 << 16
"""Characters of a directive with all the lines that it goes over."""


@dataclass(frozen=True, slots=True)
class ApacheDirective:
    """``name`` is in lower case, ``written`` as written. Sections: ``opens`` for ``<Name value>``, ``closes``."""

    name: str
    written: str
    value: str
    line: ConfigLine
    opens: bool = False
    closes: bool = False


def directives(lines: Sequence[ConfigLine], _whole: bool) -> Iterator[ApacheDirective]:
    """All directives of a file, of which perhaps only some lines are there."""
    for line, text in _joined(lines):
        if text.startswith("#"):
            continue
        if text.startswith("<"):
            if tag := _TAG.match(text):
                value, closes = tag["value"].strip().removesuffix(">").rstrip(), bool(tag["end"])
                yield ApacheDirective(tag["name"].lower(), tag["name"], value, line, not closes, closes)
        elif match := _DIRECTIVE.match(text):
            yield ApacheDirective(match["name"].lower(), match["name"], match["value"].strip(), line)


def _joined(lines: Sequence[ConfigLine]) -> Iterator[tuple[ConfigLine, str]]:
    """The lines joined with their continuation lines, each with its first."""
    pieces: list[str] = []
    first = last = None
    size = 0
    for line in lines:
        if first is None or last is None or line.number != last.number + 1 or size > _LONGEST:
            if first is not None:
                yield first, " ".join(pieces).strip()
            first, pieces, size = line, [], 0
        text = line.text.rstrip("\r")
        goes_on = text.endswith("\\")
        pieces.append(text.removesuffix("\\").rstrip() if goes_on else text)
        size += len(text)
        last = line
        if not goes_on:
            yield first, " ".join(pieces).strip()
            first = None
    if first is not None:
        yield first, " ".join(pieces).strip()
