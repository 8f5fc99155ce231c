"""Packages of distributions, whose files are public and hold no secret of the host's owners.

A package says itself who made it. One that was made in house under the name of a distribution's maintainer is taken for
public, unless the scan knows that no repository of the host has it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from assess.subjects.host_facts import HostFacts
from containerize.checksums import fits
from containerize.closure.file_set import FileSet
from containerize.data_tables import data_table
from containerize.image.package_records import is_record, shipped_record
from containerize.plan.planned_files import FileHashes, as_shipped
from inventory.observation import value_or_none

_LIBRARY_FOLDERS = frozenset({"lib", "lib32", "lib64", "libx32"})
_DOMAIN = re.compile(r"@([\w.-]+)>?\s*$")


@lru_cache(maxsize=4096)
def is_distributor(maker: str) -> bool:
    """Whether a package's maintainer or vendor is a distribution."""
    known = data_table("distributors")
    if maker in known["vendors"]:
        return True
    match = _DOMAIN.search(maker)
    domain = match[1].lower() if match else ""
    return any(domain == each or domain.endswith(f".{each}") for each in known["mail_domains"])


def from_no_repository(host: HostFacts) -> frozenset[str]:
    """Names of packages that were installed from a file, so that no repository of the host has them."""
    packages = value_or_none(host.snapshot.packages)
    return frozenset(each.name for each in (packages.packages if packages else ()) if each.repositories == ())


class Publishers:
    """Answers for the files of one host. ``in_house`` are names of packages that no repository of the host has."""

    def __init__(self, file_set: FileSet, in_house: frozenset[str] = frozenset()) -> None:
        self._file_set = file_set
        self._in_house = in_house

    def owns(self, path: str) -> bool:
        """Whether a package of a distribution owns a real path."""
        owners = self._file_set.ownership.owners(path)
        if _is_system_library(path) and any(not self._is_in_house(key) for key in owners):
            return True
        return any(map(self._is_public, owners))

    def vouches(self, path: str, hashes: FileHashes) -> bool:
        """Whether a file is as a distribution's package brought it, or a record of one in the package database."""
        if is_record(path):
            owner = shipped_record(path, self._file_set.database)
            return owner is None or self._is_public(owner)
        return self.owns(path) and as_shipped(self._file_set, path, hashes)

    def ships(self, path: str, content: bytes) -> bool:
        """Whether ``content`` is what a package of a distribution brought at a real path."""
        checksum = self._file_set.ownership.checksum(path)
        return checksum is not None and fits(content, checksum) and self.owns(path)

    def _is_public(self, key: str) -> bool:
        return not self._is_in_house(key) and is_distributor(self._file_set.database.packages[key].maker)

    def _is_in_house(self, key: str) -> bool:
        return self._file_set.database.packages[key].name in self._in_house


def _is_system_library(path: str) -> bool:
    """Whether a path is a shared library in the directories of the system itself.

    Many packages of Debian name a person's own address. One of their libraries that is kept out of an image for a
    string that only looks like a secret breaks every program in it; passwords of owners are not in these directories.
    """
    folder, _, name = path.rpartition("/")
    parts = folder.removeprefix("/usr").split("/")[1:]
    if not parts or parts[0] not in _LIBRARY_FOLDERS or any("-linux-" not in each for each in parts[1:]):
        return False
    return len(parts) <= 2 and (name.endswith(".so") or ".so." in name)
