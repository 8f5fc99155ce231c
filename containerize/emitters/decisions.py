"""Needs that the emitted files do not grant, each with its meaning and its evidence.

Everything here came from a host that may be hostile: a person decides, and a file says how. What a person allowed is
granted, with who, when, why and until when next to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from containerize.emitters.emission import Emission, comment
from containerize.grants.grant_names import MEANINGS, Kind, danger_of, is_device_path
from containerize.grants.model import Grant
from containerize.plan.model import ImagePlan
from containerize.profile.workload_profile import WorkloadProfile

DecisionKind = Kind | Literal["host-network", "system-calls", "kernel-setting", "huge-pages", "real-time"]

KINDS: tuple[DecisionKind, ...] = (
    "privilege-gain", "capability", "device", "host-network", "system-calls", "kernel-setting",
    "huge-pages", "real-time",
)  # fmt: skip

MOST = 50
"""Decisions of one kind in one file: a hostile host claims as many as it likes."""

_LONGEST = 300
"""Characters of one text of a host in a comment."""

_MEANINGS: dict[str, str] = {
    **{str(kind): meaning for kind, meaning in MEANINGS.items()},
    "host-network": "The container shares all network interfaces, ports and loopback services of its container host.",
    "system-calls": "The container may make system calls that engines deny because they expose more of the kernel.",
    "kernel-setting": "The container's own network or IPC namespace gets this kernel setting of the server.",
    "huge-pages": "The container takes huge pages that its container host must have reserved.",
    "real-time": "Processes can run before all others on a processor, those of other containers too.",
}

_DANGERS: dict[str, str] = {
    "host-network": "Host network: it can reach every service that the container host offers to itself alone.",
    "system-calls": "Faults of the kernel behind these system calls have been used to leave containers.",
    "real-time": "Real time: a process that does not yield can stop everything else on its processor.",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """Something that a person has to decide on. ``reason`` says what shows that it may be needed, ``meaning`` in one
    sentence what it would grant, ``danger`` what makes it dangerous ("" for what is not), ``option`` what allows it on
    the command line ("" where only the line in a file does). ``grant`` is what a person allowed, None when denied.
    """

    kind: DecisionKind
    name: str
    reason: str
    meaning: str
    danger: str = ""
    option: str = ""
    grant: Grant | None = None


def decisions_of(emission: Emission) -> tuple[Decision, ...]:
    """All of them; those that an option allows come first. Grants for what nothing was observed to need are among
    them.
    """
    return (*_by_option(emission), *_by_hand(emission.plan, emission.seen))


def denied_of(emission: Emission, kind: DecisionKind) -> list[Decision]:
    """Those of one kind that were not allowed, :data:`MOST` and one that says how many more there are."""
    found = [each for each in decisions_of(emission) if each.kind == kind and each.grant is None]
    return found if len(found) <= MOST else [*found[:MOST], _more(kind, len(found) - MOST)]


def allowed_of(emission: Emission, kind: DecisionKind) -> list[Decision]:
    """Those of one kind that a person allowed."""
    return [each for each in decisions_of(emission) if each.kind == kind and each.grant is not None]


def _more(kind: DecisionKind, number: int) -> Decision:
    return Decision(kind, f"{number:,} more", "all are in decisions.json", _MEANINGS[kind])


def _by_option(emission: Emission) -> Iterator[Decision]:
    held = {(grant.kind, grant.name): grant for grant in emission.allowed.grants}
    told = set()
    for need in emission.needs:
        key = (need.kind, need.name)
        told.add(key)
        danger = danger_of(need.kind, need.name)
        yield Decision(*key, need.reason, _MEANINGS[need.kind], danger, need.option, held.get(key))
    for key, grant in held.items():
        # Destinations and paths of logs are for pilots alone: a deployed container has a network. What is not secret
        # is in the image.
        if key not in told and grant.kind not in ("network", "logged-paths", "not-secret"):
            reason = "nothing that was observed needs it"
            yield Decision(*key, reason, _MEANINGS[grant.kind], danger_of(*key), grant.option, grant)


def _by_hand(plan: ImagePlan, seen: WorkloadProfile) -> Iterator[Decision]:
    evidence = dict(plan.evidence)
    for path in plan.devices:
        if not is_device_path(path):
            reason = f"{evidence.get(path, 'it was open on the host')}; no option takes a name like this"
            yield Decision("device", path, reason, _MEANINGS["device"], "Check this name: it is unusual.")
    for sentence in seen.host_network:
        yield _hand("host-network", "host network", sentence.removesuffix("."))
    for call in seen.system_calls:
        yield _hand("system-calls", call.name, call.reason)
    for name, value in seen.sysctls:
        yield _hand("kernel-setting", f"{name}={value}", "it was changed on the host; a pilot runs without it")
    if seen.huge_page_bytes:
        yield _hand("huge-pages", f"{seen.huge_page_bytes >> 20} MiB of huge pages", "its processes have them mapped")
    if seen.real_time_priority:
        yield _hand("real-time", f"real-time priority {seen.real_time_priority}", "its processes run with it")


def _hand(kind: DecisionKind, name: str, reason: str) -> Decision:
    return Decision(kind, name, reason, _MEANINGS[kind], _DANGERS.get(kind, ""))


def brief(text: str) -> str:
    """One line of a host's text for a comment, at most 300 characters, with nothing at its end that joins lines."""
    line = comment(text).rstrip("\\ ")
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]} ... ({len(line) - _LONGEST:,} characters more)"


def told(decisions: Sequence[Decision], workload: str) -> list[str]:
    """Lines of a comment: what each would grant and why it may be needed, or who allowed it. What is said of several
    alike is said once.
    """
    lines: list[str] = []
    for (grant, meaning, reason, danger, option), group in groupby(decisions, _alike):
        if grant is not None:
            lines.append(allowed_line(grant))
            continue
        names = ", ".join(brief(each.name) for each in group)
        lines += [f"Denied: {names}. {meaning}", f"Observed: {brief(reason)}."]
        if danger:
            lines.append(f"Dangerous: {brief(danger)}")
        if option:
            lines.append(f"Allow it with: assess build {brief(workload)} {brief(option)} --reason WHY")
    return lines


def _alike(each: Decision) -> tuple[Grant | None, str, str, str, str]:
    return each.grant, each.meaning, each.reason, each.danger, each.option


def allowed_line(grant: Grant) -> str:
    """The author, days and reason of a grant."""
    why = brief(grant.reason) or "no reason was given"
    return f"Allowed: {brief(grant.name)}, by {brief(grant.by)} on {grant.granted} until {grant.until}: {why}"
