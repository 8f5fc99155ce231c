"""The secrets of one workload, held in memory during its build.

A value from a file that an account outside of the workload can write counts for that file alone: no account may blank
another's settings by planting words in a file of theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from containerize.closure.permissions import Permissions
from containerize.host.process_listing import LiveProcess
from containerize.plan.model import ImagePlan
from inventory.privacy.secrets.known_secrets import KnownSecrets
from inventory.privacy.secrets.recognition import recognised
from inventory.privacy.secrets.secret_names import is_secret
from inventory.privacy.secrets.values import is_path, is_switch

HIDDEN = "<secret>"
"""What a text says in place of a value."""

SHORTEST = 6
"""Bytes of a value that counts where it is only a part."""
_LARGEST = 256 << 10
_ASSIGNMENT = re.compile(rb"^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w{0,127})=([^\n]{0,4096})$", re.MULTILINE)
_DISTINCT = re.compile(rb"(?=\D*\d)(?=[^A-Za-z]*[A-Za-z])[^\s\"'()<>\\]{8,512}")


@dataclass(frozen=True)
class LearnedSecrets:
    """The secrets in one file. ``values`` are the secrets, ``assigned`` all its ``NAME=value``."""

    values: frozenset[bytes] = field(repr=False)
    assigned: Mapping[bytes, bytes] = field(repr=False)

    @classmethod
    def of(cls, content: bytes, values: frozenset[bytes]) -> LearnedSecrets:
        """Read a file's content."""
        pairs = _ASSIGNMENT.findall(content) if len(content) <= _LARGEST else ()
        return cls(values, {name: _unquoted(value) for name, value in pairs})


_WORKING_DIRECTORIES = frozenset({b"PWD", b"OLDPWD"})
"""Shells leave these in the environment; Postfix has its queue_directory there too."""


@dataclass(frozen=True)
class WorkloadSecrets:
    """``known`` are values that are looked for anywhere; ``exact`` are those that are too short or too plain for it,
    and count where they are all of a value. ``assigned`` are the variables that files with secrets set.
    """

    known: KnownSecrets = field(default_factory=lambda: KnownSecrets(()), repr=False)
    exact: frozenset[bytes] = field(default=frozenset(), repr=False)
    assigned: Mapping[bytes, frozenset[bytes]] = field(default_factory=dict, repr=False)

    def has(self, value: bytes) -> bool:
        """Whether a whole value is or holds one of them."""
        return value in self.exact or self.known.within(value)

    def text(self, text: str) -> str:
        """A text without them."""
        return self.known.replaced(text, HIDDEN)


def collect(
    learned: Mapping[str, LearnedSecrets], processes: Iterable[LiveProcess], permissions: Permissions
) -> WorkloadSecrets:
    """The secrets of the workload that these processes are."""
    running = tuple(processes)
    accounts = {process.uid for process in running}
    values: set[bytes] = set()
    assigned: dict[bytes, set[bytes]] = {}
    for path, each in learned.items():
        if permissions.writers(path) <= accounts:
            values |= each.values
            for name, value in each.assigned.items():
                assigned.setdefault(name, set()).add(value)
    for process in running:
        for entry in process.environment:
            name, _, value = entry.partition(b"=")
            if is_secret(name) and name not in _WORKING_DIRECTORIES:
                values.add(value)
            values.update(found for _, found in recognised(entry, "environment", code=False))
        for word in process.arguments:
            values.update(found for _, found in recognised(word, "arguments", code=False))
    values = {value for value in values if len(value) >= SHORTEST and not is_switch(value)}
    return WorkloadSecrets(
        KnownSecrets(value for value in values if _is_distinct(value)),
        frozenset(values),
        {name: frozenset(each) for name, each in assigned.items()},
    )


def masked(plan: ImagePlan, secrets: WorkloadSecrets) -> ImagePlan:
    """A plan whose sentences show none of them. Paths stay: what is found in one ends the build."""
    if not secrets.known:
        return plan
    text = secrets.text
    return replace(
        plan,
        start=replace(plan.start, reason=text(plan.start.reason)),
        files=tuple(replace(each, reason=text(each.reason), also=tuple(map(text, each.also))) for each in plan.files),
        volumes=tuple(replace(each, reason=text(each.reason)) for each in plan.volumes),
        secrets=tuple(replace(each, reason=text(each.reason)) for each in plan.secrets),
        run_directories=tuple(replace(each, reason=text(each.reason)) for each in plan.run_directories),
        peers=tuple((text(name), port, workload) for name, port, workload in plan.peers),
        socket_peers=tuple(replace(each, reason=text(each.reason)) for each in plan.socket_peers),
        left_out=tuple(replace(each, path=text(each.path), reason=text(each.reason)) for each in plan.left_out),
        notes=tuple(map(text, plan.notes)),
        groups=tuple(replace(each, reason=text(each.reason)) for each in plan.groups),
        packages=tuple(replace(each, reasons=tuple(map(text, each.reasons))) for each in plan.packages),
    )


def _is_distinct(value: bytes) -> bool:
    """Whether other occurrences of a value are surely the same secret."""
    return _DISTINCT.fullmatch(value) is not None and b"://" not in value and not is_path(value)


def _unquoted(value: bytes) -> bytes:
    value = value.strip()
    return value[1:-1] if len(value) >= 2 and value[:1] == value[-1:] and value[:1] in (b'"', b"'") else value
