"""The table of hosts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from assess.assessment import Assessment
from assess.model import HostAssessment, Verdict
from assess.totals import services_known
from inventory.observation import Found
from inventory.platforms import Platform
from inventory.snapshot import Snapshot
from reports.view.labels import STATUSES, VERDICTS, Label, count, host_link, memory, section_words

ORDER = {"unreachable": 0, "partial": 1, "complete": 2}


@dataclass(frozen=True, slots=True)
class HostRow:
    """One host. ``reason`` says why it was not read in full; ``services`` is None where nothing is known of them;
    ``verdicts`` counts them by the key of a verdict.
    """

    name: str
    href: str
    address: str
    status: Label
    reason: str
    system: str
    kernel: str
    machine: str
    login: str
    services: int | None
    verdicts: Mapping[str, int]
    target: bool

    @property
    def services_text(self) -> str:
        """The number of services, or ``unknown``."""
        return "unknown" if self.services is None else f"{self.services:,}"

    @property
    def judged(self) -> str:
        """``1 ready, 2 needs work``; "" without services."""
        parts = ((word, self.verdicts.get(word.key, 0)) for word in VERDICTS.values())
        return ", ".join(f"{number:,} {word.label.lower()}" for word, number in parts if number)


def system_name(snapshot: Snapshot) -> str:
    """The distribution's own name, else the kernel's, else ""."""
    system, kernel = snapshot.system, snapshot.kernel
    if isinstance(system, Found) and system.value.distribution is not None:
        return str(system.value.distribution.pretty_name)
    if isinstance(kernel, Found):
        return str(kernel.value.name)
    return ""


def host_rows(assessment: Assessment) -> tuple[HostRow, ...]:
    """Those that need a look first."""
    verdicts: dict[str, Counter[Verdict]] = {}
    for each in assessment.workloads:
        if each.workload.kind == "service":
            verdicts.setdefault(each.workload.host, Counter())[each.verdict] += 1
    ordered = sorted(assessment.hosts, key=lambda each: (ORDER[each.snapshot.status], each.snapshot.host))
    return tuple(_row(each, verdicts.get(each.snapshot.host, Counter())) for each in ordered)


def _row(each: HostAssessment, verdicts: Counter[Verdict]) -> HostRow:
    snapshot = each.snapshot
    system, kernel = snapshot.system, snapshot.kernel
    machine = ""
    if isinstance(system, Found):
        cpus = f"{system.value.cpus} CPU" + ("s" if system.value.cpus != 1 else "")
        machine = f"{system.value.architecture}, {cpus}, {memory(system.value.memory_bytes)}"
    rank = _rank(snapshot)
    login = snapshot.user and (f"{snapshot.user}, {'as' if snapshot.privileged else 'not as'} {rank}")
    return HostRow(
        name=snapshot.host,
        href=host_link(snapshot.host),
        address=snapshot.address,
        status=STATUSES[snapshot.status],
        reason=snapshot.reason or _missing(each),
        system=system_name(snapshot),
        kernel=str(kernel.value.release) if isinstance(kernel, Found) else "",
        machine=machine,
        login="root" if snapshot.user == "root" else login,
        services=sum(verdicts.values()) if services_known(each) else None,
        verdicts={VERDICTS[verdict].key: number for verdict, number in verdicts.items()},
        target="container_hosts" in snapshot.groups,
    )


def _missing(each: HostAssessment) -> str:
    gaps = len(each.unseen) + len(each.gaps)
    if not gaps:
        return ""
    if not each.snapshot.privileged and each.snapshot.user:
        rank = _rank(each.snapshot)
        return f"read as {each.snapshot.user}, not as {rank}: {count(gaps, 'fact')} could not be read"
    section, reason = each.unseen[0] if each.unseen else (each.gaps[0][1].what, each.gaps[0][1].reason)
    more = f" and {gaps - 1:,} more" if gaps > 1 else ""
    return f"could not read {section_words(section)}{more}: {reason}"


def _rank(snapshot: Snapshot) -> str:
    """The account that can read everything."""
    return "an administrator" if snapshot.platform == Platform.WINDOWS else "root"
