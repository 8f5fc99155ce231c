"""Relations between packages with versions (deb-control(5)): ``Depends: a (>= 1) | b, c``, and ``Breaks``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from containerize.rebase.debian_version import compare

_ITEM = re.compile(r"\s*([a-z0-9][a-z0-9+.-]*)(?::[a-z0-9-]+)?\s*(?:\(\s*(<<|<=|=|>=|>>|<|>)\s*([^\s)]+)\s*\))?")

_HOLDS = {
    "<<": lambda order: order < 0,
    "<": lambda order: order <= 0,
    "<=": lambda order: order <= 0,
    "=": lambda order: order == 0,
    ">=": lambda order: order >= 0,
    ">": lambda order: order >= 0,
    ">>": lambda order: order > 0,
}


class Relation(NamedTuple):
    """A name, and the versions of it that are meant: any when ``operator`` is ""."""

    name: str
    operator: str = ""
    version: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.operator} {self.version})" if self.operator else self.name

    def holds(self, version: str) -> bool:
        """Whether a version is among those that are meant; "" is unknown."""
        if not self.operator:
            return True
        return bool(version) and _HOLDS[self.operator](compare(version, self.version))


Group = tuple[Relation, ...]
"""Any one of these will do."""


def relations(field: str) -> tuple[Group, ...]:
    """The groups of a field. What is not a name is skipped."""
    found = []
    for group in field.replace("\n", " ").split(","):
        items = (match for item in group.split("|") if (match := _ITEM.match(item)))
        if row := tuple(Relation(item[1], item[2] or "", item[3] or "") for item in items):
            found.append(row)
    return tuple(found)


class Installed:
    """A set of packages with what they provide. Made from the fields of each."""

    def __init__(self, packages: Iterable[Mapping[str, str]]) -> None:
        self._versions: dict[str, list[str]] = {}
        self._provided: dict[str, list[tuple[str, str]]] = {}
        for fields in packages:
            name = fields.get("Package", "")
            self._versions.setdefault(name, []).append(fields.get("Version", ""))
            for relation, *_ in relations(fields.get("Provides", "")):
                self._provided.setdefault(relation.name, []).append((name, relation.version))

    def knows(self, group: Group) -> bool:
        """Whether there is anything of a name of the group, whatever its version."""
        return any(each.name in self._versions or each.name in self._provided for each in group)

    def meets(self, group: Group) -> bool:
        """Whether one of the group is there."""
        return any(True for relation in group for _ in self.matching(relation))

    def matching(self, relation: Relation) -> Iterator[str]:
        """The names of the packages that are meant."""
        if any(relation.holds(version) for version in self._versions.get(relation.name, ())):
            yield relation.name
        for name, version in self._provided.get(relation.name, ()):
            if relation.holds(version):
                yield name
