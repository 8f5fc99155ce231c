"""Find applications: alike workloads of several hosts, which share one image.

Two workloads are alike when they run the same programs for the same ports on the same release and architecture, and
their configuration is mostly the same. Twenty web servers behind a load balancer are one application; two web servers
of the same package that serve different sites are two.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assess.model import Workload
from assess.planning.model import Application, InstanceDifference
from assess.subjects.estate_index import Interner
from assess.subjects.host_facts import HostFacts
from assess.workloads.published_ports import wanted_ports
from inventory.observation import value_or_none

ALIKE = 0.6
"""Share of the lines of configuration that two workloads must have in common."""

_FAMILIES = 32
"""Families of one shape that a workload is compared with; in an estate with more, further ones stay apart."""

_OWN_VALUES = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
"""Addresses differ from host to host and say nothing about what a program is for."""


@dataclass(frozen=True, slots=True)
class _Member:
    """The facts that decide its application. ``digest`` stands for its configuration.

    ``versions`` are those of its packages, ``texts`` a fingerprint of each file of its configuration, both by name.
    """

    host: str
    name: str
    digest: int
    versions: tuple[tuple[str, str], ...]
    command: str
    user: str
    data: str
    schedules: str
    texts: tuple[tuple[str, int], ...]

    @property
    def id(self) -> str:
        return f"{self.host}/{self.name}"


@dataclass(slots=True)
class _Family:
    """``lines`` are those of its first member, and none where nothing is compared with it any more."""

    lines: frozenset[int]
    members: list[_Member]


class ApplicationFinder:
    """Takes the services of the estate one by one, in the order of the inventory. Linear in their number."""

    def __init__(self, shared: Interner) -> None:
        self._one = shared.one
        self._shapes: dict[object, list[_Family]] = defaultdict(list)

    def add(self, host: HostFacts, workload: Workload) -> None:
        """Put a service into the application that it is like, or make it the first of one."""
        lines, texts = _configuration(host, workload)
        member = self._member(host, workload, hash(lines), texts)
        families = self._shapes[_shape(host, workload)]
        alike = next((one for one in families[:_FAMILIES] if _alike(one.lines, lines)), None)
        if alike is not None:
            alike.members.append(member)
        else:
            compared = len(families) < _FAMILIES
            families.append(_Family(lines if compared else frozenset(), [member]))

    def applications(self) -> tuple[Application, ...]:
        """Every service in exactly one application."""
        everyone = [family.members for group in self._shapes.values() for family in group]
        return tuple(_application(name, members) for name, members in zip(_names(everyone), everyone, strict=True))

    def _member(self, host: HostFacts, workload: Workload, digest: int, texts: tuple[tuple[str, int], ...]) -> _Member:
        one = self._one
        main = workload.main
        return _Member(
            host=workload.host,
            name=one(workload.name),
            digest=digest,
            versions=one(_versions(host, workload)),
            command=one(main.command),
            user=one(host.account(main.effective_uid)),
            data=one(", ".join(data.path for data in workload.data)),
            schedules=one(f"{len(workload.schedules)} jobs"),
            texts=one(tuple(one(each) for each in texts)),
        )


def _shape(host: HostFacts, workload: Workload) -> object:
    system = value_or_none(host.snapshot.system)
    distribution = system.distribution if system else None
    roots = frozenset(root for root in workload.configuration_roots if not root.startswith("/etc/"))
    return (
        frozenset(executable.rpartition("/")[2] for executable in workload.executables),
        frozenset(package.partition(":")[0] for package in workload.packages),
        wanted_ports(workload),
        roots,
        (distribution.id, distribution.version) if distribution else None,
        system.architecture if system else "",
    )


def _configuration(host: HostFacts, workload: Workload) -> tuple[frozenset[int], tuple[tuple[str, int], ...]]:
    """Hashes of the configuration's lines, in which the host's own name and addresses count for nothing; and for each
    file a fingerprint of what it says, as it stands.
    """
    system = value_or_none(host.snapshot.system)
    own = {name.lower() for name in (host.name, system.hostname if system else "") if name}
    found: set[int] = set()
    texts: dict[str, list[str]] = defaultdict(list)
    for line in host.configuration.under(workload.configuration_roots):
        texts[line.path].append(line.text)
        text = line.text.strip()
        if text.count(".") > 2:
            text = _OWN_VALUES.sub("ADDRESS", text)
        lowered = text.lower()
        if any(name in lowered for name in own):
            for name in own:
                text = _named(text, name)
        if text:
            found.add(hash((line.path, text)))
    return frozenset(found), tuple((path, hash(tuple(lines))) for path, lines in texts.items())


def _named(text: str, name: str) -> str:
    """The text with HOST for ``name``, which is in lower case, however it is written."""
    if not text.isascii():
        return re.sub(re.escape(name), "HOST", text, flags=re.IGNORECASE)
    # Each host has another name: to compile an expression for it takes longer than all of its lines.
    pieces, start, lowered = [], 0, text.lower()
    while (found := lowered.find(name, start)) >= 0:
        pieces.append(text[start:found])
        start = found + len(name)
    return "HOST".join([*pieces, text[start:]])


def _alike(one: frozenset[int], other: frozenset[int]) -> bool:
    return len(one & other) >= ALIKE * len(one | other)


def _names(families: Sequence[list[_Member]]) -> list[str]:
    """The workloads' own name; where several families have it, with the host of the first member before it."""
    wished = [Counter(member.name for member in family).most_common(1)[0][0] for family in families]
    count = Counter(wished)
    return [
        name if count[name] == 1 else f"{family[0].host}/{name}" for name, family in zip(wished, families, strict=True)
    ]


def _application(name: str, family: list[_Member]) -> Application:
    # On the most hosts: one with many copies does not decide what is built for the others.
    on_hosts = dict.fromkeys((member.host, member.digest) for member in family)
    commonest = Counter(digest for _, digest in on_hosts).most_common(1)[0][0]
    model = next(member for member in family if member.digest == commonest)
    return Application(
        name=name,
        members=tuple(member.id for member in family),
        model=model.id,
        differences=tuple(_differences(family)) if len(family) > 1 else (),
    )


def _differences(family: list[_Member]) -> Iterable[InstanceDifference]:
    ids = [member.id for member in family]
    versions = [dict(member.versions) for member in family]
    for package in sorted(set().union(*versions)):
        yield from _difference(
            f"version of package {package}", ids, [each.get(package, "not installed") for each in versions]
        )
    yield from _difference("command line", ids, [member.command for member in family])
    yield from _difference("user", ids, [member.user for member in family])
    yield from _difference("data directories", ids, [member.data for member in family])
    yield from _difference("schedules", ids, [member.schedules for member in family])
    texts = [dict(member.texts) for member in family]
    for path in sorted(set().union(*texts)):
        yield from _difference(
            f"file {path}", ids, [str(each[path]) if path in each else "not there" for each in texts], numbered=True
        )


def _difference(
    what: str, ids: list[str], values: list[str], *, numbered: bool = False
) -> Iterable[InstanceDifference]:
    """Nothing when all are equal. ``numbered``: the values mean nothing to people, so they are called by numbers."""
    by_value: dict[str, list[str]] = defaultdict(list)
    for member, value in zip(ids, values, strict=True):
        by_value[value].append(member)
    if len(by_value) < 2:
        return
    # Of equally common ones the first in the inventory is first.
    ordered = sorted(by_value.items(), key=lambda item: -len(item[1]))
    if numbered:
        ordered = [
            (value if value == "not there" else f"variant {number}", ids)
            for number, (value, ids) in enumerate(ordered, 1)
        ]
    yield InstanceDifference(what, tuple((value or "none", tuple(ids)) for value, ids in ordered))


def _versions(host: HostFacts, workload: Workload) -> tuple[tuple[str, str], ...]:
    wanted = {package.partition(":")[0] for package in workload.packages}
    return tuple((package.name, package.version) for package in host.package_owners.called(wanted))
