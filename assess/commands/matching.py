"""Names on the command line: a rule, a host, a workload (host/name), or a pattern of hosts or workloads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase

import click


def is_pattern(text: str) -> bool:
    """Return whether a name can match several things."""
    return any(sign in text for sign in "*?[")


def is_rule(text: str) -> bool:
    """Return whether a name is that of a rule: its id or its name."""
    from assess.rule import UnknownRule, find_rule
    from assess.rules import RULES

    if "/" in text or is_pattern(text):
        return False
    try:
        find_rule(RULES, text)
    except UnknownRule:
        return False
    return True


def matching_hosts(text: str, hosts: Iterable[str]) -> list[str]:
    """Return the hosts that a name or a pattern matches; raises UsageError with a similar name when there is none."""
    return _matching(text, list(hosts), "host", "assess hosts")


def matching_workloads(text: str, workloads: Iterable[str]) -> list[str]:
    """Return the ids of workloads that match: a pattern with a slash those ids, one without the ids of those hosts.

    Raises UsageError with similar ids when there is none.
    """
    known = list(workloads)
    return _matching(text if "/" in text else f"{text}/*", known, "workload", "assess workloads", text)


def _matching(pattern: str, known: Sequence[str], what: str, listed_by: str, text: str = "") -> list[str]:
    # A name may hold the signs of a pattern (a host called "[::1]"), so it is tried as it is first.
    found = [name for name in known if name == pattern] or [name for name in known if fnmatchcase(name, pattern)]
    if found:
        return found
    text = text or pattern
    alike = (
        get_close_matches(text, known, 3)
        or [name for name in known if name.startswith(text.partition("/")[0] + "/")][:6]
    )
    hint = f"did you mean {', '.join(alike)}?" if alike else f"{listed_by} lists all"
    raise click.UsageError(f"there is no {what} {text!r} in this scan; {hint}")
