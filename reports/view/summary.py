"""The first screen: what can move, how far to trust that, and what to do first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from assess.model import Assessment, Target, Verdict
from containerize.pilot.result import CheckVerdict
from inventory.depth import Depth
from reports.view.hosts import HostRow
from reports.view.proofs import ProofRow
from reports.view.words import BUILT, CHECKS, VERDICTS, Word, count, listed, moment, percent
from reports.view.workloads import WorkloadRow


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """How many services have a verdict. ``href`` shows them."""

    word: Word
    number: int
    share: float
    href: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the trust line. ``key`` is ``good``, ``warn`` or ``plain``; ``href`` leads to the proof."""

    text: str
    key: str
    href: str


def verdict_counts(rows: tuple[WorkloadRow, ...]) -> tuple[VerdictCount, ...]:
    """Services by verdict, in the order of the words; zero is an answer too."""
    counts = Counter(row.verdict.key for row in rows if row.service)
    total = sum(counts.values())
    return tuple(
        VerdictCount(
            word, counts[word.key], counts[word.key] / total if total else 0.0, f"#workloads?verdict={word.key}"
        )
        for word in VERDICTS.values()
    )


def headline(counts: tuple[VerdictCount, ...], hosts: tuple[HostRow, ...]) -> str:
    """The answer in one sentence."""
    total = sum(each.number for each in counts)
    ready = next(each.number for each in counts if each.word is VERDICTS[Verdict.READY])
    if not total:
        if hosts and all(row.status.key == "unreachable" for row in hosts):
            return "No host could be reached"
        return "No services were found"
    if ready == total:
        return (
            f"All {total:,} services are ready: container settings only"
            if total > 1
            else "The one service is ready: container settings only"
        )
    if all(not each.number or each.word is VERDICTS[Verdict.UNKNOWN] for each in counts):
        return f"Too little was seen to judge {'the one service' if total == 1 else f'any of {total:,} services'}"
    if not ready and total == 1:
        return "The one service is not ready to move to a container"
    if not ready:
        return f"None of {count(total, 'service')} is ready to move to a container"
    return f"{ready:,} of {count(total, 'service')} can move to containers now"


def subline(counts: tuple[VerdictCount, ...], functions: int) -> str:
    """The rest of the answer."""
    number = {each.word.key: each.number for each in counts}
    parts = []
    if number["needs-work"]:
        parts.append(f"{number['needs-work']:,} {'needs' if number['needs-work'] == 1 else 'need'} work first")
    if number["stay"]:
        parts.append(f"{number['stay']:,} should stay where {'it is' if number['stay'] == 1 else 'they are'}")
    if number["unknown"]:
        parts.append(f"{number['unknown']:,} could not be judged")
    text = ", ".join(parts)
    sentences = [text[0].upper() + text[1:] + "."] if text else []
    if functions:
        verb = "is" if functions == 1 else "are"
        sentences.append(
            f"{count(functions, 'host function')} such as ssh and cron {verb} not counted: every container host has its"
            " own."
        )
    return " ".join(sentences)


def coverage(assessment: Assessment, hosts: tuple[HostRow, ...], rows: tuple[WorkloadRow, ...]) -> tuple[Sentence, ...]:
    """How far to trust the numbers."""
    by_status: dict[str, list[str]] = {"complete": [], "partial": [], "unreachable": []}
    for host in hosts:
        by_status[host.status.key].append(host.name)
    sentences = [
        Sentence(
            f"{len(by_status['complete']):,} of {count(len(hosts), 'host')} fully read",
            "good" if len(by_status["complete"]) == len(hosts) else "plain",
            "#hosts",
        )
    ]
    if by_status["partial"]:
        names = tuple(by_status["partial"])
        sentences.append(Sentence(f"{len(names):,} partly read: {listed(names)}", "warn", "#hosts?status=partial"))
    if by_status["unreachable"]:
        names = tuple(by_status["unreachable"])
        sentences.append(Sentence(f"{len(names):,} not reached: {listed(names)}", "warn", "#hosts?status=unreachable"))
    quick = tuple(each.snapshot.host for each in assessment.hosts if each.snapshot.depth is Depth.QUICK)
    if quick:
        whose = "" if len(quick) == len(hosts) else f" of {listed(quick)}"
        sentences.append(
            Sentence(f"A quick look only{whose}: for what a fit rests on, scan with --depth standard", "warn", "#hosts")
        )
    services = [row.confidence for row in rows if row.service]
    if services:
        mean = sum(services) / len(services)
        sentences.append(
            Sentence(f"{percent(mean)} of all checks could be decided", "good" if mean >= 0.9 else "warn", "#unseen")
        )
    targets = listed(tuple(target_words(target) for target in assessment.targets), 2)
    sentences.append(Sentence(f"Judged for {targets}", "plain", ""))
    return tuple(sentences)


def target_words(target: Target) -> str:
    """``the container host local (docker 26.1.5, Linux 6.12.48, x86_64)``."""
    engine = f"{target.engine} {target.engine_version}".strip()
    system = "Linux" if target.system == "linux" else "Windows"
    kernel = f"{system} {target.kernel_release}" if target.kernel_release else f"{system}, kernel not known"
    known = ", ".join(part for part in (engine, kernel, target.architecture) if part)
    return f"the container host {target.name} ({known})"


def taken(assessment: Assessment) -> str:
    """When the hosts were read: a moment, or a span where it took longer than a day (a scan taken up again)."""
    times = [each.snapshot.taken for each in assessment.hosts if each.snapshot.status != "unreachable"]
    if not times:
        return moment(assessment.made)
    if max(times) - min(times) > 86_400:
        return f"{moment(min(times))} to {moment(max(times))}"
    return moment(max(times))


def proof_sentence(proofs: tuple[ProofRow, ...]) -> str:
    """What the pilots say so far, or what to do to get one."""
    tried = Counter(proof.verdict.key for proof in proofs)
    if not proofs:
        return "Nothing was tried in a container yet. A verdict is a forecast; a pilot is the proof."
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
        parts.append(f"{tried[BUILT.key]:,} built and not tried yet")
    return f"{count(len(proofs), 'image')}: {', '.join(parts)}."
