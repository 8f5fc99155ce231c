"""Triggers: the lines of a text that may show secrets, so that the rules read no others.

Where a trigger is a common word, the text around it decides: ``key`` in a sentence is not a setting. Every condition
here is one that a rule needs in order to find anything, so that leaving a line out changes no result.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from inventory.privacy.secrets import assignments, secret_names
from inventory.privacy.secrets.secret_names import NameStrength
from inventory.privacy.secrets.word_search import WordSearch


class Trigger(NamedTuple):
    """A text that must occur in a line, in lower case, for rules to be tried.

    ``rules`` are tried wherever it occurs, as bits. ``checks`` are more rules, each only where its pattern matches from
    the beginning of the trigger on. ``named``: a word of names of settings, whose surroundings decide.
    """

    text: bytes
    rules: int
    checks: tuple[tuple[int, re.Pattern[bytes]], ...] = ()
    named: bool = False


class Near(NamedTuple):
    """A trigger that is more than a text: ``pattern``, which begins with one of ``starts``."""

    starts: tuple[bytes, ...]
    pattern: re.Pattern[bytes]


class TriggerSearch:
    """Finds the lines in which triggers occur.

    ``assignment`` is the bit of the rule for settings, ``option`` a bit that is set where a name is the option of a
    command, with something after it.
    """

    def __init__(self, triggers: Iterable[Trigger], *, assignment: int, option: int) -> None:
        self._triggers = tuple(triggers)
        self._search = WordSearch(trigger.text for trigger in self._triggers)
        self._assignment = assignment
        self._option = option

    def lines(self, content: bytes, lowered: bytes) -> Iterator[tuple[int, int, int]]:
        """Start and end of each line with triggers, in order, and the bits of the rules for it. ``lowered`` is the
        content in lower case.
        """
        triggers = self._triggers
        named_rules = self._assignment | self._option
        around = assignments.around
        start = rules = name_end = 0
        end = -1
        for number, at, _ in self._search.hits(lowered):
            if at > end:
                if rules:
                    yield start, end, rules
                start = lowered.rfind(b"\n", end + 1, at) + 1 or end + 1
                end = lowered.find(b"\n", at)
                end = len(lowered) if end < 0 else end
                rules = 0
            _, always, checks, named = triggers[number]
            rules |= always
            if checks:
                for bit, pattern in checks:
                    if not rules & bit and pattern.match(lowered, at, end):
                        rules |= bit
            if named and at >= name_end and rules & named_rules != named_rules:
                rest = around(lowered, at, end)
                name_end = rest.end()
                if rest.lastgroup:
                    assigned = rest.lastgroup == "assigned"
                    rules |= self._around(content, lowered, at, name_end, start, end, assigned)
        if rules:
            yield start, end, rules

    def _around(
        self, content: bytes, lowered: bytes, at: int, name_end: int, start: int, end: int, assigned: bool
    ) -> int:
        """The rules for the name that has a trigger at ``at``."""
        name_start = secret_names.start(lowered, at, start)
        promised = secret_names.strength(content[name_start:name_end])
        if promised is NameStrength.NONE:
            return 0
        rules = self._option if lowered.startswith(b"-", name_start) else 0
        if promised is not NameStrength.STRONG and promised is not NameStrength.KEY:
            return rules | self._assignment if assigned else rules
        quoted = assigned or assignments.QUOTED.match(lowered, name_end, end)
        if (
            quoted
            or assignments.HEAD.fullmatch(lowered, start, name_start)
            or lowered[max(start, name_start - 8) : name_start].rstrip().endswith((b"{", b";"))
        ):
            rules |= self._assignment
        return rules
