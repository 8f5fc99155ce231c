"""EOL001: distributions that get no security updates, or soon none."""

from __future__ import annotations

from datetime import UTC, date, datetime

from assess.knowledge.system_tables import end_of_life
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import HostSubject
from inventory.model.system import Distribution
from inventory.observation import Found

_SOON = 365


@rule("EOL001", scope=Scope.HOST, needs=("system",))
def end_of_life_distribution(subject: HostSubject) -> RuleAnswer:
    """Distribution has reached end of life, or will soon.

    Why:
        The image inherits the distribution's vulnerabilities. In a container they remain exploitable, and image
        scanners list every one of them.
    Remedy:
        Rebuild the service on a current release (assess rebuild), or lift it now and set a date for changing
        the base. While it runs, isolate it from untrusted networks.
    Source:
        End-of-support dates published by the distributions (data: distributions_end_of_life.csv). Extended support
        often requires a contract; for Windows it is Extended Security Updates. Days are counted from the assessment.
    """
    system = subject.host.snapshot.system
    if not isinstance(system, Found):
        return
    distribution = system.value.distribution
    if distribution is None:
        yield Undecided("system", "the host does not report its distribution")
        return
    end = end_of_life(_table_id(distribution), distribution.version)
    if end is None:
        if distribution.version:
            yield Undecided("", f"no end-of-life dates are known for {distribution.pretty_name or distribution.id}")
        return
    today = datetime.fromtimestamp(subject.estate.now, UTC).date()
    name = distribution.pretty_name or f"{distribution.id} {distribution.version}"
    evidence = (Evidence(f"the host runs {name}", distribution.origin),)
    regular, extended = end.support_ends, end.extended_support_ends
    last = max((each for each in (regular, extended) if each is not None), default=None)
    if last is None:
        return
    if last < today:
        yield Hit(Severity.MAJOR, f"{name} reached end of life on {_on(last, today)}.", evidence)
    elif regular is not None and regular < today:
        yield Hit(
            Severity.MINOR,
            f"Regular support for {name} ended on {_on(regular, today)}; extended support ends on {last}.",
            evidence,
        )
    elif regular is not None and (regular - today).days <= _SOON:
        days = (regular - today).days
        yield Hit(Severity.INFO, f"Regular support for {name} ends on {regular}, in {days} days.", evidence)


def _table_id(distribution: Distribution) -> str:
    # Both have the id centos; Stream is a different product with different dates.
    if distribution.id == "centos" and "stream" in distribution.pretty_name.lower():
        return "centos-stream"
    # Windows and Windows Server share builds (17763, 26100) and end on different days.
    if distribution.id == "windows" and "server" in distribution.pretty_name.lower():
        return "windows-server"
    return distribution.id


def _on(day: date, today: date) -> str:
    return f"{day} ({(today - day).days} days ago)"
