"""Rules: functions whose docstring is their manual.

A rule reports one obstacle to a container (or a fact worth knowing), for one kind of subject. It gets typed facts and
yields findings; it reads no file, connects to no host and knows no clock. Its docstring has a summary, the
effect (``Why``), the action (``Remedy``) and the source of the knowledge (``Source``); :func:`rule` rejects one that
lacks any of them, because the generated pages and ``assess rules`` are made from it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from assess.model import Evidence, Severity
from inventory.errors import BrownfieldError
from inventory.platforms import Platform

_ID = re.compile(r"[A-Z]{3}[0-9]{3}")
# Areas that are about one platform as a whole: the kernel of Linux, and Windows.
_PLATFORM_OF_AREA = {"KRN": Platform.POSIX, "WIN": Platform.WINDOWS}
_HEADING = re.compile(r"^(Why|Remedy|Source):[ \t]*(.*)$")


class Scope(StrEnum):
    """The subject of a rule, and with it the type of its one argument (see :mod:`assess.subjects.host_facts`)."""

    WORKLOAD_ON_TARGET = "workload on a target"
    WORKLOAD = "workload"
    HOST_ON_TARGET = "host on a target"
    HOST = "host"
    ESTATE = "estate"


@dataclass(frozen=True, slots=True)
class Hit:
    """A finding of a rule, to which the engine adds the rule and the subject.

    ``remedy`` is "" when the rule's general remedy says all. ``host`` and ``workload`` (an id) are set by rules of
    the estate only, whose argument is not one subject. ``about`` names the thing of which there may be several
    (``80/tcp``), "" where the rule says one thing. ``settings`` of a container are all that it takes, as an operator
    would call them ("capability NET_RAW", "shm_size 256m"); () where they are not enough, or none is needed.
    ``affects`` is for what is said of a host as a whole: the ids of the services that use the thing, None for all.
    """

    severity: Severity
    message: str
    evidence: tuple[Evidence, ...]
    remedy: str = ""
    host: str = ""
    workload: str | None = None
    about: str = ""
    settings: tuple[str, ...] = ()
    affects: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Undecided:
    """A rule cannot say yes or no here: ``section`` is what was not seen ("" when it is about the target)."""

    section: str
    reason: str


RuleAnswer = Iterator[Hit | Undecided]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with its documentation.

    ``id`` is permanent and never reused; ``name`` is the function's name in kebab case, and ``aliases`` are its former
    names, which are accepted wherever a name is. ``needs`` are sections without which the rule is undetermined.
    ``check`` takes the subject of ``scope``. A rule with a ``platform`` is applied to hosts of that platform only, so
    it does not count for the confidence of others; kernel rules (KRN) are about Linux, Windows rules (WIN) about
    Windows.
    """

    id: str
    name: str
    scope: Scope
    needs: tuple[str, ...]
    summary: str
    why: str
    remedy: str
    source: str
    check: Callable[[Any], RuleAnswer]
    platform: Platform | None = None
    aliases: tuple[str, ...] = ()


class UnknownRule(BrownfieldError):
    """No rule has this id or name."""


class BadRule(TypeError):
    """A rule is not documented as rules must be. A fault of ours, found by the first import."""


def rule(
    id: str,  # noqa: A002 - it is the word people use for it
    *,
    scope: Scope,
    needs: Iterable[str] = (),
    platform: Platform | None = None,
    aliases: Iterable[str] = (),
) -> Callable[[Callable[[Any], RuleAnswer]], Rule]:
    """Make a rule of a generator function; raises BadRule when its docstring lacks a part."""

    def make(check: Callable[[Any], RuleAnswer]) -> Rule:
        if not _ID.fullmatch(id):
            raise BadRule(f"{id!r} is not a rule id: three capital letters and three digits")
        parts = read_docstring(check.__doc__ or "")
        missing = [heading for heading in ("summary", "why", "remedy", "source") if not parts[heading]]
        if missing:
            raise BadRule(f"rule {id} ({check.__name__}) lacks {', '.join(missing)} in its docstring")
        return Rule(
            id=id,
            name=check.__name__.replace("_", "-"),
            scope=scope,
            needs=tuple(needs),
            summary=parts["summary"],
            why=parts["why"],
            remedy=parts["remedy"],
            source=parts["source"],
            check=check,
            platform=platform or _PLATFORM_OF_AREA.get(id[:3]),
            aliases=tuple(aliases),
        )

    return make


def read_docstring(docstring: str) -> dict[str, str]:
    """Split a rule's docstring into ``summary``, ``why``, ``remedy`` and ``source``; paragraphs stay apart."""
    sections: dict[str, list[str]] = {"summary": [], "why": [], "remedy": [], "source": []}
    current = "summary"
    for line in inspect.cleandoc(docstring).splitlines():
        if heading := _HEADING.match(line):
            current = heading[1].lower()
            sections[current].append(heading[2])
        else:
            sections[current].append(line.strip())
    return {name: _paragraphs(lines) for name, lines in sections.items()}


def _paragraphs(lines: list[str]) -> str:
    text = "\n".join(lines).strip("\n")
    return "\n\n".join(" ".join(block.split()) for block in re.split(r"\n{2,}", text) if block.strip())


def find_rule(rules: Iterable[Rule], text: str) -> Rule:
    """Return the rule with this id (in any case), name or former name; UnknownRule suggests the closest one."""
    import difflib

    known = tuple(rules)
    for each in known:
        if text.upper() == each.id or text.lower() in (each.name, *each.aliases):
            return each
    names = {word: each.name for each in known for word in (each.name, *each.aliases)} | {
        each.id: each.id for each in known
    }
    close = difflib.get_close_matches(text, names, n=1, cutoff=0.6)
    hint = f"; did you mean {names[close[0]]}?" if close else "; `assess rules` lists them"
    raise UnknownRule(f"There is no rule {text!r}{hint}")
