"""Labels of the report: one label and one explanation for each verdict, severity and state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from assess.knowledge.system_families import SystemFamily
from assess.model import Severity, Verdict
from containerize.pilot.result import CheckVerdict
from inventory.snapshot import Status


@dataclass(frozen=True, slots=True)
class Label:
    """``key`` names the shape and colour (``ready``), ``label`` is what people read, ``meaning`` says it in full."""

    key: str
    label: str
    meaning: str


VERDICTS: dict[Verdict, Label] = {
    Verdict.READY: Label("ready", "Ready", "container settings only"),
    Verdict.NEEDS_WORK: Label("needs-work", "Needs work", "can move after the listed work"),
    Verdict.STAY: Label("stay", "Stay", "should stay on its own server"),
    Verdict.UNKNOWN: Label("unknown", "Unknown", "too few facts to judge"),
}

SEVERITIES: dict[Severity, Label] = {
    Severity.BLOCKER: Label("blocker", "Blocker", "cannot run on that container host"),
    Severity.MAJOR: Label("major", "Major", "needs rework or control of the container host"),
    Severity.MINOR: Label("minor", "Minor", "needs an option, a volume or a client change"),
    Severity.INFO: Label("info", "Note", "for information"),
}

STATUSES: dict[Status, Label] = {
    "complete": Label("complete", "Fully read", "all facts were read"),
    "partial": Label("partial", "Partly read", "some facts could not be read"),
    "unreachable": Label("unreachable", "Not reached", "no facts were collected"),
}

CHECKS: dict[CheckVerdict, Label] = {
    CheckVerdict.PASS: Label("pass", "Passed", "the container behaves like the live service"),
    CheckVerdict.FAIL: Label("fail", "Failed", "the container differs from the live service"),
    CheckVerdict.INCONCLUSIVE: Label("inconclusive", "Undecided", "the check was not conclusive"),
}

DANGEROUS = Label("blocker", "Dangerous", "denied; would give control of the container host")
DENIED = Label("minor", "Denied", "denied; an administrator can allow it")
IN_FORCE = Label("pass", "In force", "allowed by an administrator")
ENDED = Label("fail", "Expired", "allowed by an administrator, but expired: denied")

BUILT = Label("built", "Built", "image built, not piloted yet")
NOT_BUILT = Label("not-built", "Not built", "no image yet")


def confidence_word(confidence: float) -> str:
    """High from nine in ten decided checks, medium from six in ten."""
    if confidence >= 0.9:
        return "high"
    return "medium" if confidence >= 0.6 else "low"


def capped(family: SystemFamily) -> str:
    """``Confidence is at most 75 % on RPM hosts: …``; "" where it is not capped."""
    return f"Confidence is at most {percent(family.cap)} on {family.name}: {family.reason}" if family.reason else ""


def percent(share: float) -> str:
    """``93 %``; never 100 % for less than all, nor 0 % for more than nothing."""
    number = round(share * 100)
    if number == 100 and share < 1:
        number = 99
    if number == 0 and share > 0:
        number = 1
    return f"{number} %"


def count(number: int, one: str, many: str = "") -> str:
    """``1 workload``, ``1,204 workloads``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(names: tuple[str, ...], most: int = 3) -> str:
    """``a, b and c``, or ``a, b, c and 4 more``."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most:,} more"
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def size(number: int) -> str:
    """Bytes for people, in the units that engines print (1 MB = 1,000,000)."""
    value = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 10 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def memory(number: int) -> str:
    """Memory for people, in the units in which it is sold (8 GiB)."""
    gib = number / (1 << 30)
    return f"{gib:.0f} GiB" if gib >= 10 else f"{gib:.1f} GiB" if gib >= 1 else f"{number / (1 << 20):.0f} MiB"


def section_words(section: str) -> str:
    """A section's name as people say it: ``open_files`` is ``open files``."""
    return section.replace("_", " ")


def moment(seconds: float) -> str:
    """``24 November 2026, 13:08 UTC``."""
    at = datetime.fromtimestamp(seconds, UTC)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def iso(seconds: float) -> str:
    """The machine's form of a moment."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def fragment(text: str) -> str:
    """``text`` as part of a link's fragment and of an element's id. Both must be equal to the byte."""
    return quote(text, safe="/._-~", errors="surrogateescape")


def workload_link(workload_id: str) -> str:
    """The link to a workload's details."""
    return f"#w/{fragment(workload_id)}"


def host_link(host: str) -> str:
    """The link to a host's details."""
    return f"#h/{fragment(host)}"
