"""The image of a base and its packages as far as the host tells, for a comparison where no engine has the base.

What packages own is there as on the host. What their scripts make is known from the scripts' text, from the records of
the tools that they call, and from ``data/rebuild.toml``.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from containerize.closure import path_rules
from containerize.content_store import ContentStore
from containerize.data_tables import data_table
from containerize.host.file_tree import HostTree
from containerize.plan.collected_workload import CollectedWorkload
from containerize.plan.model import ImagePlan, PlannedFile
from containerize.rebuild.baseline import Baseline, ImageFile
from containerize.rebuild.host_changes import made_again
from containerize.rebuild.host_records import PackageRecords
from containerize.rebuild.package_tools import is_alternative
from containerize.rebuild.recipe import Recipe

_RUN_TIME = ("/run", "/tmp")  # noqa: S108 - paths of the image

_PAM = re.compile(r"\bpam_[a-z0-9_]+\.so", re.ASCII)
_PAM_OF_EVERY_HOST = frozenset({"pam_unix.so", "pam_deny.so", "pam_permit.so", "pam_umask.so", "pam_systemd.so"})
"""pam-auth-update(8) writes these where no package brings another method."""

_LETTER: dict[str, str] = {"file": "f", "hardlink": "f", "directory": "d", "symlink": "l"}


def expected_image(gathered: CollectedWorkload, plan: ImagePlan, draft: Recipe, records: PackageRecords) -> Baseline:
    """By absolute path. It has the host's own owners, modes and contents: what packages bring is not compared."""
    return _Expecting(gathered, plan, draft, records).files()


def _same(file: PlannedFile) -> ImageFile:
    kind = _LETTER[file.kind]
    return ImageFile(kind, file.mode, file.uid, file.gid, file.size, file.digest, file.link)  # type: ignore[arg-type]


def _matches(path: str, table: str) -> bool:
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in data_table("rebuild")[table])


@dataclass(frozen=True)
class _Expecting:
    gathered: CollectedWorkload
    plan: ImagePlan
    draft: Recipe
    records: PackageRecords

    def files(self) -> Baseline:
        found = {file.path: _same(file) for file in self.plan.files if self._comes(file)}
        for each in self.draft.removals:
            if each.path not in self.gathered.files.tree or self._is_packaged(each.path):
                found.setdefault(each.path, ImageFile("f", 0o644, 0, 0))
        for path in self._enabled:
            found.setdefault(path, ImageFile("l", 0o777, 0, 0))
        for place in self.draft.emptied:
            if place.path in self.records.named or self.gathered.file_set.ownership.owners(place.path):
                found.setdefault(place.path, ImageFile("d", 0o755, 0, 0))
            else:
                found.pop(place.path, None)
        return found

    @cached_property
    def _taken(self) -> frozenset[str]:
        return frozenset(file.path for file in self.draft.files)

    @cached_property
    def _enabled(self) -> frozenset[str]:
        return enabled_links(self.gathered.files.tree)

    @cached_property
    def _packaged_names(self) -> Mapping[str, Sequence[str]]:
        """The names of files below /usr that packages own, by their content."""
        found: dict[str, list[str]] = {}
        owner = self.gathered.file_set.ownership.owner
        for path, digest in self.gathered.reader.hashes.sha256.items():
            if path.startswith("/usr/") and owner(path) is not None:
                found.setdefault(digest, []).append(path.rpartition("/")[2])
        return found

    def _is_packaged(self, path: str) -> bool:
        file_set = self.gathered.file_set
        return path in self.records.named or not file_set.packages.keys().isdisjoint(file_set.ownership.owners(path))

    def _comes(self, file: PlannedFile) -> bool:
        """Whether a path of the host is there, as it is, once base and packages are installed."""
        if made_again(file.path):
            return True
        if file.kind == "directory":
            return self._directory_comes(file.path)
        if file.kind == "symlink":
            return self._link_comes(file)
        return file.path not in self._taken or self._is_written_by_scripts(file)

    def _directory_comes(self, path: str) -> bool:
        if path in path_rules.skeleton() or path in path_rules.shared_directories() or _matches(path, "standard"):
            return True
        if path_rules.below_any(path, _RUN_TIME):
            return False
        above = path.rpartition("/")[0]
        # Some scripts make a directory and what is in it through a variable.
        return self._is_packaged(path) or (above in self.records.named and above.startswith("/var/"))

    def _link_comes(self, file: PlannedFile) -> bool:
        if made_again(file.path, link=True) or is_alternative(file) or file.path in self._enabled:
            return True
        file_set = self.gathered.file_set
        if not file_set.packages.keys().isdisjoint(file_set.ownership.owners(file.path)):
            return True
        resolved = file_set.tree.resolve(file.path)
        owned = resolved is not None and file_set.ownership.owner(resolved.path) in file_set.packages
        # /etc/localtime is in a script too, and where it leads is a person's choice.
        made = {file.path, file.link} <= self.records.named
        return owned and (made or _matches(file.path, "links_to_packages"))

    def _is_written_by_scripts(self, file: PlannedFile) -> bool:
        if _matches(file.path, "written_by_scripts"):
            return True
        if fnmatch.fnmatchcase(file.path, "/etc/pam.d/common-*"):
            return _is_default_pam(self.gathered.content, file)
        # ucf(1) and scripts put copies of what a package has below /usr.
        if not file.size or not file.path.startswith(("/etc/", "/var/www/html/")):
            return False
        name = file.path.rpartition("/")[2]
        stem = name.rpartition(".")[0] or name
        return any(each.startswith(stem) for each in self._packaged_names.get(file.digest, ()))


def _is_default_pam(content: ContentStore, file: PlannedFile) -> bool:
    if file.digest not in content:
        return False
    rows = content.read(file.digest).decode("utf-8", "replace").split("\n")
    active = "\n".join(row for row in rows if not row.startswith("#"))
    return frozenset(_PAM.findall(active)) <= _PAM_OF_EVERY_HOST


_STATES = ("enabled_by_maint", "disabled_by_admin")
"""What scripts enabled, and what a person disabled that they had enabled, in the records of the tools' library."""


def enabled_links(tree: HostTree) -> frozenset[str]:
    """The links that scripts of web servers and of PHP make when they are installed."""
    return frozenset((*_apache(tree), *_php(tree), *_sites(tree)))


def _apache(tree: HostTree) -> Iterator[str]:
    for kind, folder, endings in (
        ("module", "mods", (".load", ".conf")),
        ("conf", "conf", (".conf",)),
        ("site", "sites", (".conf",)),
    ):
        for state in _STATES:
            for record in tree.children(f"/var/lib/apache2/{kind}/{state}"):
                name = record.rpartition("/")[2]
                for ending in endings:
                    if f"/etc/apache2/{folder}-available/{name}{ending}" in tree:
                        yield f"/etc/apache2/{folder}-enabled/{name}{ending}"


def _php(tree: HostTree) -> Iterator[str]:
    for version in tree.children("/var/lib/php/modules"):
        for sapi in tree.children(version):
            place = f"/etc/php/{version.rpartition('/')[2]}/{sapi.rpartition('/')[2]}/conf.d"
            there = {path.rpartition("/")[2].partition("-")[2]: path for path in tree.children(place)}
            for state in _STATES:
                for record in tree.children(f"{sapi}/{state}"):
                    name = record.rpartition("/")[2]
                    yield there.get(f"{name}.ini", f"{place}/20-{name}.ini")


def _sites(tree: HostTree) -> Iterator[str]:
    for row in data_table("rebuild")["enabled_by_default"]:
        if row["available"] in tree:
            yield row["link"]
