"""The package list inside an image, in the form of its package manager or of scanners.

dpkg and apk keep a text that is cut down to the packages of the image. An rpm database is none, and the whole of the
host's would name packages of which nothing is inside; so a manifest takes its place, as in the images of Azure Linux
that have no rpm (``toolkit/docs/how_it_works/5_misc.md`` of CBL-Mariner; Trivy and Syft read it).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from containerize.host import apk_database, dpkg_database, rpm_database
from containerize.host.file_tree import HostTree
from containerize.host.installed_packages import InstalledPackage, PackageDatabase


class ImagePackage(NamedTuple):
    """An installed package. ``manager`` is dpkg, apk or rpm; ``source`` the source package, "" where it has the same
    name. A version of rpm has its epoch before a colon.
    """

    manager: str
    name: str
    version: str
    architecture: str
    source: str = ""


Cut = Callable[[Mapping[str, bytes], PackageDatabase, Sequence[InstalledPackage]], Mapping[str, bytes]]
"""Content by path, from what the host answered and the packages that are inside."""


@dataclass(frozen=True, slots=True)
class PackageList:
    """The package list of one package manager. ``places`` are its paths: the image has the host's, or the first.
    ``cut`` makes the list and its accompanying files; ``read`` parses it; ``keep`` is the list without the packages
    whose name, or name and architecture (``libc6:amd64``), is not among these.
    """

    manager: str
    places: tuple[str, ...]
    reason: str
    cut: Cut
    read: Callable[[bytes], Iterator[ImagePackage]]
    keep: Callable[[bytes, frozenset[str]], bytes]

    def place(self, path: str, tree: HostTree) -> str:
        """The path in the image for the output of ``cut`` for ``path``: of several places, the one that the host uses.
        A link to another directory is not followed, since scanners do not follow it.
        """
        for place in self.places if path in self.places else ():
            if (real := tree.resolve(place)) is not None and real.path in self.places:
                return real.path
        return path


# dpkg

STATUS = "/var/lib/dpkg/status"


def status_of(status: bytes, packages: Iterable[tuple[str, str]]) -> bytes:
    """The status file with the paragraphs of these (name, architecture) only, in their order."""
    wanted = set(packages)
    kept = [
        raw for name, architecture, raw in dpkg_database.raw_stanzas(_text(status)) if (name, architecture) in wanted
    ]
    return _bytes("\n".join(kept))


def _cut_status(
    answers: Mapping[str, bytes], _database: PackageDatabase, inside: Sequence[InstalledPackage]
) -> Mapping[str, bytes]:
    return {STATUS: status_of(answers[dpkg_database.STATUS], [(each.name, each.architecture) for each in inside])}


def _read_status(content: bytes) -> Iterator[ImagePackage]:
    for fields in dpkg_database.stanzas(_text(content)):
        if name := fields.get("Package"):
            source = fields.get("Source", "").partition(" ")[0]
            yield ImagePackage("dpkg", name, fields.get("Version", ""), fields.get("Architecture", ""), source)


def _keep_status(content: bytes, stems: frozenset[str]) -> bytes:
    rows = dpkg_database.raw_stanzas(_text(content))
    return _bytes("\n".join(raw for name, arch, raw in rows if stems & {name, f"{name}:{arch}"}))


# apk

APK_INSTALLED = "/lib/apk/db/installed"
APK_WORLD = "/etc/apk/world"


def _cut_installed(
    answers: Mapping[str, bytes], database: PackageDatabase, inside: Sequence[InstalledPackage]
) -> Mapping[str, bytes]:
    keys = frozenset(each.key for each in inside)
    return {
        APK_INSTALLED: _keep_installed(answers[apk_database.INSTALLED], keys),
        APK_WORLD: _world(answers.get(apk_database.WORLD, b""), database, keys),
    }


def _world(world: bytes, database: PackageDatabase, keys: frozenset[str]) -> bytes:
    """The world file of apk for the image: the host's entries for packages inside, and packages that no entry requires,
    which apk would otherwise remove at the first opportunity.
    """
    wishes = {name: word for word in _text(world).split() for name in apk_database.names(word)}
    kept = {name: word for name, word in wishes.items() if database.find(name) in keys}
    needs = {
        key: {
            other
            for group in database.packages[key].depends
            for other in database.meets(group, database.packages[key].architecture)
            if other != key and other in keys
        }
        for key in sorted(keys)
    }
    asked = frozenset(chain.from_iterable(needs.values()))
    safe: set[str] = set()
    _follow((key for name in kept if (key := database.find(name)) is not None), needs, safe)
    rest = []
    # First what nothing asks for; what is left then asks for each other in a circle.
    for key in sorted(needs, key=lambda key: (key in asked, key)):
        if key not in safe:
            rest.append(key)
            _follow([key], needs, safe)
    return _bytes("".join(f"{word}\n" for word in sorted([*kept.values(), *rest])))


def _follow(keys: Iterable[str], needs: Mapping[str, Iterable[str]], found: set[str]) -> None:
    todo = list(keys)
    while todo:
        key = todo.pop()
        if key not in found:
            found.add(key)
            todo.extend(needs[key])


def _read_installed(content: bytes) -> Iterator[ImagePackage]:
    for paragraph in apk_database.paragraphs(_text(content)):
        fields = dict(reversed([*apk_database.fields_of(paragraph)]))
        if name := fields.get("P"):
            origin = fields.get("o", "")
            source = origin if origin != name else ""
            yield ImagePackage("apk", name, fields.get("V", ""), fields.get("A", ""), source)


def _keep_installed(content: bytes, names: frozenset[str]) -> bytes:
    kept = [
        paragraph
        for paragraph in apk_database.paragraphs(_text(content))
        if next((value for letter, value in apk_database.fields_of(paragraph) if letter == "P"), "") in names
    ]
    return _bytes("".join(f"{paragraph}\n\n" for paragraph in kept))


# rpm

RPM_MANIFEST = "/var/lib/rpmmanifest/container-manifest-2"


def _cut_rows(
    answers: Mapping[str, bytes], _database: PackageDatabase, inside: Sequence[InstalledPackage]
) -> Mapping[str, bytes]:
    """Name, version-release, times of installation and of the build, vendor, nothing, size, architecture, epoch and
    source package, with tabs between them. Where the epoch stands a second time in some manifests there is nothing, as
    in those of Dalec: Syft (1.18) takes the size for an epoch else.
    """
    wanted = {(each.name, each.version, each.architecture) for each in inside}
    rows = set()
    for name, epoch, version, architecture, source, installed, built, size, vendor in rpm_database.package_rows(
        answers[rpm_database.INSTALLED]
    ):
        full = version if epoch in ("", "0") else f"{epoch}:{version}"
        if (name, full, architecture) in wanted:
            row = (name, version, installed, built, vendor, "", size, architecture, epoch or "0", source)
            rows.add("\t".join(value or "(none)" for value in row))
    return {RPM_MANIFEST: _bytes("".join(f"{row}\n" for row in sorted(rows)))}


def _rows(content: bytes) -> Iterator[tuple[str, list[str]]]:
    for line in _text(content).split("\n"):
        if line.count("\t") == 9:
            yield line, line.split("\t")


def _read_rows(content: bytes) -> Iterator[ImagePackage]:
    for _, row in _rows(content):
        name, version, architecture, epoch, file = row[0], row[1], row[7], row[8], row[9]
        source = file.removesuffix(".src.rpm").removesuffix(".nosrc.rpm").rsplit("-", 2)[0]
        yield ImagePackage(
            "rpm",
            name,
            version if epoch == "0" else f"{epoch}:{version}",
            "" if architecture == "(none)" else architecture,
            source if source not in (name, "(none)") else "",
        )


def _keep_rows(content: bytes, names: frozenset[str]) -> bytes:
    return _bytes("".join(f"{line}\n" for line, row in _rows(content) if names & {row[0], f"{row[0]}:{row[7]}"}))


_REASON = "lists the packages of the image, for scanners and package tools"

PACKAGE_LISTS: tuple[PackageList, ...] = (
    PackageList("dpkg", (STATUS,), _REASON, _cut_status, _read_status, _keep_status),
    PackageList(
        "apk", (APK_INSTALLED, "/usr/lib/apk/db/installed"), _REASON, _cut_installed, _read_installed, _keep_installed
    ),
    PackageList(
        "rpm",
        (RPM_MANIFEST,),
        "lists the packages of the image, for scanners: rpm's own database cannot be cut down to them",
        _cut_rows,
        _read_rows,
        _keep_rows,
    ),
)


def list_of(manager: str) -> PackageList | None:
    """The row of a package manager; None for one that is not known."""
    return next((each for each in PACKAGE_LISTS if each.manager == manager), None)


def list_at(path: str) -> PackageList | None:
    """The row whose list lies at ``path``."""
    return next((each for each in PACKAGE_LISTS if path in each.places), None)


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
