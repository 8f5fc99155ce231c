"""One way to select workloads, for every command that moves or lists them: names, patterns, and what was judged."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Protocol

import click
import cloup

from assess.commands.command import collect
from assess.commands.completion import complete_application, complete_host_or_workload
from assess.commands.console import note
from assess.commands.matching import is_pattern
from inventory.errors import BrownfieldError

if TYPE_CHECKING:
    from assess.assessment import Assessment

VERDICTS = ("ready", "needs-work", "stay", "unknown")

NAME_THEM = (
    "name the workloads (HOST/WORKLOAD, HOST, or a pattern such as 'web*/*'), or select them with --ready, --verdict,"
    " --application, --wave or --all"
)

_SHOWN = 6


class WorkloadUnknown(BrownfieldError):
    """Nothing in the scan is what was asked for; the sentence suggests what is alike."""


class NothingMatches(WorkloadUnknown):
    """No workload meets all filters. A list is empty then."""


class Selectable(Protocol):
    """A workload as a selection sees it."""

    @property
    def id(self) -> str:
        """``host/name``."""
        ...

    @property
    def host(self) -> str:
        """Its host's name in the inventory."""
        ...

    @property
    def name(self) -> str:
        """Its name on the host."""
        ...

    @property
    def kind(self) -> str:
        """``service`` or ``host function``."""
        ...


@dataclass(frozen=True, slots=True)
class WorkloadJudgement:
    """The result of an assessment for a workload. ``wave`` is 0 for one that does not move."""

    verdict: str
    application: str
    wave: int


@dataclass(frozen=True)
class ScannedWorkloads:
    """The workloads of a scan in the order of the inventory. ``unread`` returns why a host could not be read, ""
    where it could.
    """

    hosts: Sequence[str]
    workloads: Sequence[Selectable]
    unread: Callable[[str], str] = lambda _host: ""


@dataclass(frozen=True)
class Selection:
    """Workloads as a command line selects them: those of the ``patterns`` (all without any) that meet every filter.

    A pattern or a filter means services only: a function of the host has to be named.
    """

    patterns: tuple[str, ...] = ()
    ready: bool = False
    verdicts: tuple[str, ...] = ()
    applications: tuple[str, ...] = ()
    waves: tuple[int, ...] = ()
    every: bool = False

    @property
    def given(self) -> bool:
        """Whether anything was selected."""
        return any(getattr(self, each.name) for each in fields(self))

    @property
    def filtered(self) -> bool:
        """Whether an assessment is needed to tell what is meant."""
        return bool(self.ready or self.verdicts or self.applications or self.waves)

    @property
    def named(self) -> bool:
        """Whether each workload was named, so that a person thought of just these."""
        return not (self.filtered or self.every) and all("/" in each and not is_pattern(each) for each in self.patterns)

    def check(self) -> None:
        """Raise UsageError when nothing was selected, or for ``--all`` with patterns."""
        if not self.given:
            raise click.UsageError(NAME_THEM)
        if self.every and self.patterns:
            raise click.UsageError("--all selects every service; leave it out to name workloads")

    def choose(self, known: ScannedWorkloads, judged: Callable[[], Mapping[str, WorkloadJudgement]]) -> list[str]:
        """Return the ids, each once, in the order of the patterns. ``judged`` is called for filters only.

        Raises UsageError as :meth:`check` does, and WorkloadUnknown.
        """
        self.check()
        found: dict[str, None] = {}
        for pattern in self.patterns:
            found.update(dict.fromkeys(each.id for each in matching(pattern, known)))
        if not self.patterns:
            found = dict.fromkeys(each.id for each in known.workloads if each.kind == "service")
        chosen = self._filtered(list(found), judged()) if self.filtered else list(found)
        if not chosen:
            raise NothingMatches("the last scan found no service; assess hosts lists what could not be read")
        return chosen

    def _filtered(self, found: list[str], judged: Mapping[str, WorkloadJudgement]) -> list[str]:
        self._check_names(judged)
        verdicts = {each.replace("-", " ") for each in self.verdicts} | ({"ready"} if self.ready else set())
        kept = [
            name
            for name in found
            if (each := judged.get(name)) is not None
            and (not verdicts or each.verdict in verdicts)
            and (not self.applications or each.application in self.applications)
            and (not self.waves or each.wave in self.waves)
        ]
        if not kept:
            words = [f"--verdict {each.replace(' ', '-')}" for each in sorted(verdicts)]
            words += [f"--application {each}" for each in self.applications] + [f"--wave {each}" for each in self.waves]
            among = "1 workload" if len(found) == 1 else f"{len(found)} workloads"
            raise NothingMatches(
                f"none of {among} matches {' '.join(words)}; assess workloads and assess waves list what does"
            )
        return kept

    def _check_names(self, judged: Mapping[str, WorkloadJudgement]) -> None:
        names = list(dict.fromkeys(each.application for each in judged.values() if each.application))
        for name in self.applications:
            if name not in names:
                alike = difflib.get_close_matches(name, names, 3)
                hint = f"did you mean {', '.join(alike)}?" if alike else "assess waves lists the applications"
                raise WorkloadUnknown(f"there is no application {name!r} in the last scan; {hint}")
        last = max((each.wave for each in judged.values()), default=0)
        for number in self.waves:
            if not any(each.wave == number for each in judged.values()):
                there = "1 wave" if last == 1 else f"{last} waves"
                raise NothingMatches(f"there is no wave {number}; the plan has {there}, see: assess waves")


def matching(pattern: str, known: ScannedWorkloads) -> list[Selectable]:
    """The workloads that a name (``host/name``), a host, or a pattern of either means; raises WorkloadUnknown."""
    exact = [each for each in known.workloads if each.id == pattern]
    if exact:
        return exact
    if "/" not in pattern:
        # A name may hold the signs of a pattern (a host called "[::1]"), so it is tried as it is first.
        hosts = {pattern} if pattern in known.hosts else {each for each in known.hosts if fnmatchcase(each, pattern)}
        found = [each for each in known.workloads if each.host in hosts and each.kind == "service"]
    elif is_pattern(pattern):
        found = [each for each in known.workloads if each.kind == "service" and fnmatchcase(each.id, pattern)]
    else:
        found = []
    if not found:
        raise WorkloadUnknown(_unknown(pattern, known))
    return found


def _unknown(pattern: str, known: ScannedWorkloads) -> str:
    host = pattern.partition("/")[0]
    told = f"there is no workload {pattern!r} in the last scan"
    here = [each for each in known.workloads if each.host == host]
    if host in known.hosts and not here and (reason := known.unread(host)):
        return f"{told}, because {host} could not be read: {reason}"
    if alike := _alike(pattern, known.workloads):
        return f"{told}; did you mean {', '.join(alike[:_SHOWN])}?"
    if host in known.hosts:
        return f"{told}: no service was found on {host}"
    if "/" not in pattern and (hosts := difflib.get_close_matches(pattern, known.hosts, 3)):
        return f"{told}; did you mean {', '.join(hosts)}?"
    return f"{told}; its hosts are {few(known.hosts)}"


def _alike(pattern: str, every: Sequence[Selectable]) -> list[str]:
    """Suggestions for a misspelt workload. Only names are compared where the host is right or missing: a long host
    name makes all its workloads look alike.
    """
    host, _, name = pattern.partition("/")
    here = [each for each in every if each.host == host]
    if not here and name:
        return difflib.get_close_matches(pattern, [each.id for each in every], 3, 0.75)
    wanted = name or host
    among = here if name or here else every
    close = set(difflib.get_close_matches(wanted, {each.name for each in among}, 3, 0.7))
    found = [each.id for each in among if each.name in close and wanted]
    return found or sorted(each.id for each in here if each.kind == "service")


def few(names: Sequence[str]) -> str:
    """The first names of a list, and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def say_selected(ids: Sequence[str]) -> None:
    """Print on a terminal what was selected, before work begins that takes long. One workload needs no words."""
    if len(ids) > 1 and sys.stderr.isatty():
        hosts = len({each.partition("/")[0] for each in ids})
        note(f"selected {len(ids)} workloads on {'1 host' if hosts == 1 else f'{hosts} hosts'}: {few(ids)}")


def judged_workloads(assessment: Assessment) -> dict[str, WorkloadJudgement]:
    """The result of an assessment for each workload, by id."""
    plan = assessment.plan
    of = {member: each.name for each in plan.applications for member in each.members} if plan else {}
    waves = {move.application: wave.number for wave in plan.waves for move in wave.moves} if plan else {}
    found = {}
    for each in assessment.workloads:
        name = of.get(each.workload.id, "")
        found[each.workload.id] = WorkloadJudgement(str(each.verdict), name, waves.get(name, 0))
    return found


def selection_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the argument and the options; the command gets them as one argument, ``selection``."""
    decorated = collect("selection", Selection)(function)
    for option in (_ARGUMENT, _GROUP):
        decorated = option(decorated)
    return decorated


_ARGUMENT = click.argument(
    "patterns", nargs=-1, metavar="[HOST/WORKLOAD|HOST|PATTERN]...", shell_complete=complete_host_or_workload
)

_GROUP = cloup.option_group(
    "Selection",
    cloup.option("--ready", is_flag=True, help="Only workloads with the verdict ready."),
    cloup.option(
        "--verdict", "verdicts", type=click.Choice(VERDICTS), multiple=True, help="Only this verdict; repeatable."
    ),
    cloup.option(
        "--application",
        "applications",
        multiple=True,
        metavar="NAME",
        help="Only workloads of this application; repeatable.",
        shell_complete=complete_application,
    ),
    cloup.option(
        "--wave",
        "waves",
        type=click.IntRange(1),
        multiple=True,
        metavar="N",
        help="Only workloads that move in this wave; repeatable.",
    ),
    cloup.option("--all", "every", is_flag=True, help="All services of the scan."),
)
