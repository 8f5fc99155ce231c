r"""The questions that a section asks a Windows host, in a form that both PowerShell and cmd.exe can be given.

The fragment of a Windows variant has one question a line; the first word says what kind, the second names the part:

``reg PART "HKLM\KEY" [/s]``
    ``reg query``: in no language but its own, and there since Server 2003.
``run PART PROGRAM ARGUMENTS``
    a program of Windows, with the same words in both shells.
``wmi PART CLASS PROPERTY,PROPERTY [where CONDITION]``
    Get-CimInstance, else Get-WmiObject; for cmd.exe ``wmic``.
``or PART PROGRAM ARGUMENTS``
    asked when the question before it failed.
``ps PART SCRIPT`` and ``cmd PART COMMAND``
    only where there is PowerShell, and only where there is none.

Arguments are constants without ``$``, backquotes, parentheses and braces; ``& | < >`` stand in no quotes (cmd.exe reads
the line twice). Nothing writes, and nothing opens a connection.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

KINDS = ("reg", "run", "wmi", "or", "ps", "cmd")

_WMI = re.compile(r"(?P<cls>\w+) (?P<names>\w+(?:,\w+)*)(?: where (?P<where>[\w= ]+))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class WindowsQuestion:
    """One line of a fragment."""

    kind: str
    part: str
    words: str


@dataclass(frozen=True, slots=True)
class WmiQuestion:
    """The words of a ``wmi`` question. ``where`` is a condition of WQL, or ""."""

    cls: str
    names: tuple[str, ...]
    where: str


def questions(fragment: str) -> tuple[WindowsQuestion, ...]:
    """The lines of ``fragment``. Raises ValueError on a line that is none (a mistake of ours)."""
    found: list[WindowsQuestion] = []
    for line in fragment.splitlines():
        if not line.strip():
            continue
        kind, part, words = line.strip().split(" ", 2)
        if kind not in KINDS:
            raise ValueError(f"no question: {line}")
        found.append(WindowsQuestion(kind, part, words))
    return tuple(found)


def wmi_question(words: str) -> WmiQuestion:
    """Take a ``wmi`` question apart; raises ValueError."""
    match = _WMI.fullmatch(words)
    if match is None:
        raise ValueError(f"no question of WMI: {words}")
    return WmiQuestion(match["cls"], tuple(match["names"].split(",")), match["where"] or "")
