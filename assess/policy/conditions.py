"""Conditions of custom rules: a kind of fact, and the values that its fields must have.

``process: {executable: "/opt/portal/*", user: root}`` holds when one process of the workload has both. Conditions are
joined by ``all``, ``any`` and ``none``. A value is a pattern (``*``, ``?``, ``[a-z]``), a number, a comparison of
numbers or versions (``< 3.10``), or a list of which one must hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from assess.model import Evidence
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import Origin, value_or_none

FactItem = tuple[Mapping[str, object], Origin | None]
"""The fields of one fact, and where it was read."""


@dataclass(frozen=True, slots=True)
class FactKind:
    """A kind of fact. ``needs`` are the sections without which nothing can be said."""

    name: str
    description: str
    fields: tuple[str, ...]
    needs: tuple[str, ...]
    items: Callable[[WorkloadSubject], Iterator[FactItem]]


def _processes(subject: WorkloadSubject) -> Iterator[FactItem]:
    for process in subject.workload.processes:
        yield (
            {
                "name": process.name,
                "executable": process.executable or "",
                "command": process.command,
                "user": subject.host.account(process.effective_uid),
                "directory": process.working_directory or "",
            },
            process.origin,
        )


def _listeners(subject: WorkloadSubject) -> Iterator[FactItem]:
    for owned in subject.workload.listeners:
        listener = owned.listener
        yield (
            {"port": listener.port, "address": listener.address, "protocol": listener.protocol.removesuffix("6")},
            listener.origin,
        )


def _connections(subject: WorkloadSubject) -> Iterator[FactItem]:
    for owned in subject.workload.connections:
        connection = owned.connection
        yield (
            {
                "address": connection.remote_address,
                "port": connection.remote_port,
                "direction": "in" if owned.inbound else "out",
            },
            connection.origin,
        )


def _packages(subject: WorkloadSubject) -> Iterator[FactItem]:
    packages = value_or_none(subject.host.snapshot.packages)
    own = {package.partition(":")[0] for package in subject.workload.packages}
    for package in packages.packages if packages else ():
        if package.name in own:
            yield {"name": package.name, "version": package.version}, package.origin


def _files(subject: WorkloadSubject) -> Iterator[FactItem]:
    for process in subject.workload.processes:
        for file in subject.host.files_by_pid.get(process.pid, ()):
            yield {"path": file.target}, file.origin


def _configuration(subject: WorkloadSubject) -> Iterator[FactItem]:
    for line in subject.host.configuration.under(subject.workload.configuration_roots):
        yield {"path": line.path, "text": line.text, "code": line.code}, line.origin


def _host(subject: WorkloadSubject) -> Iterator[FactItem]:
    snapshot = subject.host.snapshot
    system, kernel = value_or_none(snapshot.system), value_or_none(snapshot.kernel)
    distribution = system.distribution if system else None
    yield (
        {
            "name": snapshot.host,
            "group": snapshot.groups,
            "distribution": distribution.id if distribution else "",
            "version": distribution.version if distribution else "",
            "kernel": kernel.release if kernel else "",
            "architecture": system.architecture if system else "",
        },
        distribution.origin if distribution else None,
    )


def _workload(subject: WorkloadSubject) -> Iterator[FactItem]:
    workload = subject.workload
    yield {"name": workload.name, "id": workload.id, "data": [each.path for each in workload.data]}, None


def _sysctls(subject: WorkloadSubject) -> Iterator[FactItem]:
    for sysctl in value_or_none(subject.host.snapshot.sysctls) or ():
        yield {"name": sysctl.name, "value": sysctl.value}, sysctl.origin


KINDS: tuple[FactKind, ...] = (
    FactKind("process", "A process of the workload.", ("name", "executable", "command", "user", "directory"),
         ("processes",), _processes),
    FactKind("listener", "A port that it listens on.", ("port", "address", "protocol"), ("listeners",), _listeners),
    FactKind("connection", "A connection that was open; direction is in or out.", ("address", "port", "direction"),
         ("connections",), _connections),
    FactKind("package", "A package that owns one of its programs.", ("name", "version"), ("packages",), _packages),
    FactKind("file", "A file that it holds open.", ("path",), ("open_files",), _files),
    FactKind("configuration", "A line of its configuration or code.", ("path", "text", "code"), ("configuration",),
         _configuration),
    FactKind("sysctl", "A kernel setting of its host.", ("name", "value"), ("sysctls",), _sysctls),
    FactKind("host", "Its host.", ("name", "group", "distribution", "version", "kernel", "architecture"),
         ("system", "kernel"), _host),
    FactKind("workload", "The workload itself.", ("name", "id", "data"), (), _workload),
)  # fmt: skip

JOINS = {"all": "All of these hold.", "any": "One of these holds.", "none": "None of these holds."}

_BY_NAME = {kind.name: kind for kind in KINDS}
_COMPARISON = re.compile(r"\s*(<=|>=|<|>)\s*([0-9][0-9A-Za-z.+~:-]*)\s*")


class WrongCondition(ValueError):
    """A condition that does not have its form; ``place`` leads to the fault (keys and indexes)."""

    def __init__(self, place: tuple[str | int, ...], words: str) -> None:
        super().__init__(words)
        self.place = place


def check_condition(condition: object, place: tuple[str | int, ...]) -> None:
    """Raise WrongCondition unless it has the form that :func:`holds` needs."""
    if not isinstance(condition, dict) or len(condition) != 1:
        raise WrongCondition(place, f"a condition has exactly one of {', '.join((*JOINS, *_BY_NAME))}")
    ((key, value),) = condition.items()
    place = (*place, key)
    if key in JOINS:
        if not isinstance(value, list) or not value:
            raise WrongCondition(place, "must be a list of conditions")
        for index, each in enumerate(value):
            check_condition(each, (*place, index))
        return
    if key not in _BY_NAME:
        raise WrongCondition(place, f"unknown kind of fact; use one of {', '.join((*JOINS, *_BY_NAME))}")
    if not isinstance(value, dict) or not value:
        raise WrongCondition(place, f"needs one or more of {', '.join(_BY_NAME[key].fields)}")
    for name, wanted in value.items():
        if name not in _BY_NAME[key].fields:
            raise WrongCondition((*place, name), f"unknown field; use {', '.join(_BY_NAME[key].fields)}")
        words = wanted if isinstance(wanted, list) else [wanted]
        if not all(isinstance(each, str | int) for each in words) or (words is wanted and True in words):
            raise WrongCondition((*place, name), "must be a pattern, a number, true or false, or a list of patterns")


def needs_of(condition: Mapping[str, Any]) -> tuple[str, ...]:
    """The sections that a condition looks at, in the order of KINDS."""
    wanted = set(_kinds(condition))
    return tuple(dict.fromkeys(section for kind in KINDS if kind.name in wanted for section in kind.needs))


def _kinds(condition: Mapping[str, Any]) -> Iterator[str]:
    for key, value in condition.items():
        if key in _BY_NAME:
            yield key
        else:
            for each in value:
                yield from _kinds(each)


def holds(condition: Mapping[str, Any], subject: WorkloadSubject) -> tuple[Evidence, ...] | None:
    """The evidence when the condition holds (it may be empty: of ``none`` there is nothing to show), else None."""
    ((key, value),) = condition.items()
    if key == "all":
        every = [holds(each, subject) for each in value]
        if any(each is None for each in every):
            return None
        return tuple(evidence for each in every for evidence in each or ())
    if key == "any":
        return next((found for each in value if (found := holds(each, subject)) is not None), None)
    if key == "none":
        return None if any(holds(each, subject) is not None for each in value) else ()
    kind = _BY_NAME[key]
    for fields, origin in kind.items(subject):
        if all(_matches(wanted, fields[name]) for name, wanted in value.items()):
            said = ", ".join(f"{name} {_words(fields[name])}" for name in value)
            return (Evidence(f"{kind.name}: {said}", origin),)
    return None


def _matches(wanted: object, value: object) -> bool:
    if isinstance(wanted, list):
        return any(_matches(each, value) for each in wanted)
    if isinstance(value, (tuple, list)):
        return any(_matches(wanted, each) for each in value)
    if isinstance(wanted, bool) or isinstance(value, bool):
        return wanted is value
    if isinstance(wanted, str) and (match := _COMPARISON.fullmatch(wanted)):
        return _compared(match[1], _version(str(value)), _version(match[2]))
    return fnmatchcase(str(value), str(wanted))


def _compared(sign: str, left: tuple[int, ...], right: tuple[int, ...]) -> bool:
    if not left:
        return False
    width = max(len(left), len(right))
    a, b = (each + (0,) * (width - len(each)) for each in (left, right))
    return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[sign]


def _version(text: str) -> tuple[int, ...]:
    """The leading numbers of a version, without the epoch of a package (``2:1.18.0-6`` is 1.18.0)."""
    match = re.match(r"(?:\d+:)?v?(\d+(?:\.\d+)*)", text)
    return tuple(int(number) for number in match[1].split(".")) if match else ()


def _words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)
