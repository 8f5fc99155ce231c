"""The records of the host's packages that tell what installing them makes: scripts, alternatives, enabled modules."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from containerize.image.package_records import DATABASE, INFO

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from containerize.closure.file_set import FileSet
    from containerize.plan.collected_workload import CollectedWorkload

ALTERNATIVES = f"{DATABASE}alternatives/"

LARGEST = 256 << 10
"""Bytes of a script or record that is read; a larger one tells nothing."""

MOST = 16 << 20
"""Bytes of all scripts together."""

_PATH = re.compile(r"/[A-Za-z0-9_.+/-]+", re.ASCII)

_PLAIN = re.compile(r"[A-Za-z0-9_.+-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class PackageRecords:
    """``named`` are absolute paths in maintainer scripts of the image's packages. ``chosen`` maps the name of an
    alternative that a person set to its path; every other alternative is in automatic mode.
    """

    named: frozenset[str] = frozenset()
    chosen: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def record_paths(file_set: FileSet) -> frozenset[str]:
    """The collected files to read for this."""
    return frozenset(
        path
        for path in file_set.claims
        if (entry := file_set.tree.get(path)) is not None
        and entry.kind == "f"
        and entry.size <= LARGEST
        and (path.startswith(ALTERNATIVES) or (path.startswith(INFO) and path.endswith((".postinst", ".preinst"))))
    )


def read_records(gathered: CollectedWorkload) -> PackageRecords:
    """Read them; their content was fetched before."""
    named: set[str] = set()
    chosen: dict[str, str] = {}
    read = 0
    for path, text in _texts(gathered):
        if path.startswith(ALTERNATIVES):
            name = path.removeprefix(ALTERNATIVES)
            if text.startswith("manual\n") and _PLAIN.fullmatch(name):
                link = gathered.files.tree.get(f"/etc/alternatives/{name}")
                if link is not None and link.kind == "l":
                    chosen[name] = link.link
        elif (read := read + len(text)) <= MOST:
            named.update(each.rstrip("/.") for each in _PATH.findall(text))
    return PackageRecords(frozenset(named), MappingProxyType(chosen))


def _texts(gathered: CollectedWorkload) -> Iterator[tuple[str, str]]:
    hashes = gathered.reader.hashes.sha256
    for path in sorted(record_paths(gathered.file_set)):
        digest = hashes.get(path)
        if digest is not None and digest in gathered.content:
            yield path, gathered.content.read(digest).decode("utf-8", "replace")
