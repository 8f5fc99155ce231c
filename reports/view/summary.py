"""The first screen: services that can move, trust in the numbers, and first steps."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from assess.assessment import Assessment
from assess.model import Target, Verdict
from assess.planning.model import EstatePlan
from assess.totals import Outlook, Totals
from containerize.pilot.result import CheckVerdict
from inventory.depth import Depth
from reports.view.families import FamilyRow
from reports.view.labels import BUILT, CHECKS, VERDICTS, Label, count, listed, moment, percent
from reports.view.pilots import PilotRow
from reports.view.workload_table import WorkloadRow


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """The number of services with a verdict. ``href`` shows them."""

    word: Label
    number: int
    share: float
    href: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the trust line. ``key`` is ``good``, ``warn`` or ``plain``; ``href`` leads to the proof."""

    text: str
    key: str
    href: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The first screen. ``services`` and ``functions`` are numbers; ``pilots`` is a sentence."""

    headline: str
    subline: str
    counts: tuple[VerdictCount, ...]
    services: int
    functions: int
    coverage: tuple[Sentence, ...]
    pilots: str


def summary_of(
    assessment: Assessment,
    tally: Totals,
    rows: tuple[WorkloadRow, ...],
    families: tuple[FamilyRow, ...],
    pilots: tuple[PilotRow, ...],
) -> Summary:
    """Make the first screen from the totals and from rows of the other tables."""
    return Summary(
        headline(tally),
        subline(tally),
        verdict_counts(tally),
        tally.services,
        tally.functions,
        coverage(assessment, tally, rows, families),
        pilot_sentence(pilots),
    )


def verdict_counts(tally: Totals) -> tuple[VerdictCount, ...]:
    """Services by verdict, in the order of the words; zero is an answer too."""
    return tuple(
        VerdictCount(
            word,
            tally.verdicts[verdict],
            tally.verdicts[verdict] / tally.services if tally.services else 0.0,
            f"#workloads?verdict={word.key}",
        )
        for verdict, word in VERDICTS.items()
    )


def headline(tally: Totals) -> str:
    """The answer in one sentence."""
    total, now = tally.services, tally.outlooks[Outlook.NOW]
    if not total:
        if tally.hosts and len(tally.not_reached) == tally.hosts:
            return "No host could be reached"
        return "No services were found"
    if now == total:
        return (
            f"All {total:,} services are ready: container settings only"
            if total > 1
            else "The one service is ready: container settings only"
        )
    if tally.verdicts[Verdict.UNKNOWN] == total:
        return f"Too few facts to judge {'the one service' if total == 1 else f'any of {total:,} services'}"
    if not now and total == 1:
        return "The one service cannot move to a container now"
    if not now:
        return f"None of {count(total, 'service')} can move to a container now"
    return f"{now:,} of {count(total, 'service')} can move to containers now"


def subline(tally: Totals) -> str:
    """The rest of the answer, and what it leaves out."""
    texts = {
        Outlook.AFTER_OTHERS: ("is ready, but moves", "are ready, but move", " after services that are not"),
        Outlook.AFTER_WORK: ("needs", "need", " work first"),
        Outlook.STAYS: ("should stay where it is", "should stay where they are", ""),
        Outlook.NO_PLACE: ("has", "have", " no place on a container host"),
        Outlook.BY_ASSUMPTION: ("could not be judged", "could not be judged", ""),
    }
    text = ", ".join(
        f"{number:,} {one if number == 1 else many}{rest}"
        for outlook, (one, many, rest) in texts.items()
        if (number := tally.outlooks[outlook])
    )
    sentences = [f"{text}."] if text else []
    if uncounted := not_counted(tally):
        sentences.append(uncounted)
    if tally.functions:
        verb = "is" if tally.functions == 1 else "are"
        sentences.append(
            f"{count(tally.functions, 'host function')} such as ssh and cron {verb} not counted: every container host"
            " has its own."
        )
    return " ".join(sentences)


def not_counted(tally: Totals) -> str:
    """``2 hosts not reached and not counted.``; "" when the services of all hosts are known."""
    parts = []
    if tally.not_reached:
        parts.append(f"{count(len(tally.not_reached), 'host')} not reached and not counted.")
    if tally.unread:
        parts.append(f"{count(len(tally.unread), 'host')} whose services could not be read, not counted.")
    return " ".join(parts)


def plan_sentence(tally: Totals, plan: EstatePlan) -> str:
    """The plan's placement and savings: ``12 ready, 7 after work, 6 unknown placed by assumption: 25 services of 4
    hosts fit on 1 container host …``.
    """
    if not tally.placed:
        return " ".join(("No service could be placed on a container host.", not_counted(tally))).rstrip()
    kinds = (
        (tally.outlooks[Outlook.NOW], "ready"),
        (tally.after_work, "after work"),
        (tally.outlooks[Outlook.BY_ASSUMPTION], "unknown placed by assumption"),
    )
    hosts = {name.partition("/")[0] for each in plan.placements for name in each.workloads}
    said = ", ".join(f"{number:,} {kind}" for number, kind in kinds if number)
    found = "the cheapest plan" if plan.optimal else "a good plan, not proven to be the cheapest"
    what = f"{count(tally.placed, 'service')} of {count(len(hosts), 'host')}"
    fit = "fits" if tally.placed == 1 else "fit"
    sentences = [f"{said}: {what} {fit} on {count(tally.servers, 'container host')} ({found})."]
    if tally.freed:
        freed = f"Judged services alone free {count(len(tally.freed), 'host')}"
        saved = f": {count(tally.servers_saved, 'server')} fewer" if tally.servers_saved else ""
        sentences.append(f"{freed}{saved}.")
    else:
        sentences.append("The judged services alone free no host.")
    low, high = tally.hours
    if high:
        rest = " (without those placed by assumption)" if tally.outlooks[Outlook.BY_ASSUMPTION] else ""
        sentences.append(f"Work: {low:,.0f} to {high:,.0f} hours{rest}.")
    if uncounted := not_counted(tally):
        sentences.append(uncounted)
    return " ".join(sentences)


def coverage(
    assessment: Assessment, tally: Totals, rows: tuple[WorkloadRow, ...], families: tuple[FamilyRow, ...]
) -> tuple[Sentence, ...]:
    """Sentences about the reliability of the numbers."""
    sentences = [
        Sentence(
            f"{len(tally.fully_read):,} of {count(tally.hosts, 'host')} fully read",
            "good" if len(tally.fully_read) == tally.hosts else "plain",
            "#hosts",
        )
    ]
    if names := tuple(sorted(tally.partly_read)):
        sentences.append(Sentence(f"{len(names):,} partly read: {listed(names)}", "warn", "#hosts?status=partial"))
    if names := tuple(sorted(tally.not_reached)):
        sentences.append(Sentence(f"{len(names):,} not reached: {listed(names)}", "warn", "#hosts?status=unreachable"))
    quick = tuple(each.snapshot.host for each in assessment.hosts if each.snapshot.depth is Depth.QUICK)
    if quick:
        whose = "" if len(quick) == tally.hosts else f" of {listed(quick)}"
        sentences.append(
            Sentence(f"Quick scan only{whose}: to support the verdicts, scan with --depth standard", "warn", "#hosts")
        )
    services = [row.confidence for row in rows if row.service]
    if services:
        mean = sum(services) / len(services)
        sentences.append(
            Sentence(f"Confidence {percent(mean)} on average", "good" if mean >= 0.9 else "warn", "#unseen")
        )
    sentences += (
        Sentence(f"Confidence limited to {family.cap} on {family.name} ({family.where})", "warn", "#families")
        for family in families
        if family.cap
    )
    targets = listed(tuple(target_words(target) for target in assessment.targets), 2)
    sentences.append(Sentence(f"Judged for {targets}", "plain", ""))
    return tuple(sentences)


def target_words(target: Target) -> str:
    """``the container host local (docker 26.1.5, Linux 6.12.48, x86_64)``."""
    engine = f"{target.engine} {target.engine_version}".strip()
    system = "Linux" if target.system == "linux" else "Windows"
    kernel = f"{system} {target.kernel_release}" if target.kernel_release else f"{system}, kernel unknown"
    known = ", ".join(part for part in (engine, kernel, target.architecture) if part)
    return f"the container host {target.name} ({known})"


def taken(assessment: Assessment) -> str:
    """The time of the scan: a moment, or a span where it took longer than a day (a resumed scan)."""
    times = [each.snapshot.taken for each in assessment.hosts if each.snapshot.status != "unreachable"]
    if not times:
        return moment(assessment.made)
    if max(times) - min(times) > 86_400:
        return f"{moment(min(times))} to {moment(max(times))}"
    return moment(max(times))


def pilot_sentence(pilots: tuple[PilotRow, ...]) -> str:
    """The results of the pilots so far, or the next step to get one."""
    tried = Counter(each.verdict.key for each in pilots)
    if not pilots:
        return "No pilots yet. A verdict is a prediction; a pilot is the proof."
    parts = [
        f"{number:,} {label}"
        for key, label in (
            (CHECKS[CheckVerdict.PASS].key, "passed"),
            (CHECKS[CheckVerdict.FAIL].key, "failed"),
            (CHECKS[CheckVerdict.INCONCLUSIVE].key, "undecided"),
        )
        if (number := tried[key])
    ]
    if tried[BUILT.key]:
        parts.append(f"{tried[BUILT.key]:,} built, not piloted yet")
    return f"{count(len(pilots), 'image')}: {', '.join(parts)}."
