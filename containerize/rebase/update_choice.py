"""The packages that can be replaced together: newer ones that fit everything that stays.

A package stays when its files or libraries stand against it, or when what packages say of each other would not hold any
more. What held before and names nothing that is in the image (a package that only boots a machine) is of no account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

import msgspec

from containerize.rebase.debian_version import compare
from containerize.rebase.errors import RebaseError
from containerize.rebase.file_replacement import Replacement, Replacer
from containerize.rebase.package_relations import Group, Installed, relations
from containerize.rebase.packaged_roots import PackagedRoot
from inventory.described import doc

_NEEDS = ("Pre-Depends", "Depends")
_REFUSES = ("Breaks", "Conflicts")


class Update(msgspec.Struct, frozen=True):
    """A package that is replaced."""

    name: Annotated[str, doc("Name of the package.")]
    architecture: Annotated[str, doc("Its architecture; `all` for every one.")]
    old: Annotated[str, doc("Version in the image before.")]
    new: Annotated[str, doc("Version now.")]
    scripts: Annotated[tuple[str, ...], doc("Maintainer scripts and triggers that changed. They were not run.")] = ()


class KeptPackage(msgspec.Struct, frozen=True):
    """A package that stays."""

    name: Annotated[str, doc("Name of the package.")]
    architecture: Annotated[str, doc("Its architecture; `all` for every one.")]
    version: Annotated[str, doc("Version in the image.")]
    newer: Annotated[str | None, doc("Available version; null when there is none.")]
    reason: Annotated[str, doc("Why it stays.")]


@dataclass(frozen=True)
class UpdateChoice:
    """``replacements`` by key of the image's database."""

    replacements: Mapping[str, Replacement]
    updates: tuple[Update, ...]
    kept: tuple[KeptPackage, ...]


def check_release(image: PackagedRoot, newer: PackagedRoot, distribution: str, source: str) -> None:
    """Raise RebaseError unless both are of one release of one distribution."""
    ours, theirs = image.release, newer.release
    if not ours[0]:
        raise RebaseError(
            f"the image ({distribution}) has no os-release inside, so its release cannot be compared; build it again"
        )
    if ours != theirs:
        told = " ".join(theirs).strip() or "a distribution without a name"
        raise RebaseError(
            f"{source} is {told} and the image is {' '.join(ours)}; another release is another build, not a rebase"
        )


def choose(
    image: PackagedRoot, newer: PackagedRoot, replacer: Replacer, step: Callable[[str], None] = lambda _words: None
) -> UpdateChoice:
    """Choose, and make the replacements of what is chosen. Raises WorkspaceError."""
    chosen: dict[str, Replacement] = {}
    kept: dict[str, str] = {}
    for key, package in image.database.packages.items():
        newer_key = _match(newer, package.name, package.architecture)
        if newer_key is None:
            kept[key] = "is not there"
            continue
        order = compare(package.version, newer.database.packages[newer_key].version)
        if order > 0:
            kept[key] = "is older there"
        elif order < 0:
            step(f"{package.name} {newer.database.packages[newer_key].version}")
            chosen[key] = replacer.replace(key, newer_key)
    while (found := next(_obstacles(image, newer, replacer, chosen), None)) is not None:
        key, reason = found
        kept[key] = reason
        del chosen[key]
    return UpdateChoice(
        chosen,
        tuple(sorted((_update(image, newer, each) for each in chosen.values()), key=lambda each: each.name)),
        tuple(sorted((_kept(image, newer, key, why) for key, why in kept.items()), key=lambda each: each.name)),
    )


def _match(side: PackagedRoot, name: str, architecture: str) -> str | None:
    """The same package there; one for all architectures may have become one of this, and the other way round."""
    for key, package in side.database.packages.items():
        if package.name == name and (
            package.architecture == architecture or "all" in (package.architecture, architecture)
        ):
            return key
    return None


def _obstacles(
    image: PackagedRoot, newer: PackagedRoot, replacer: Replacer, chosen: Mapping[str, Replacement]
) -> Iterator[tuple[str, str]]:
    """(key, reason) of chosen packages that must stay."""
    for key, replacement in chosen.items():
        if replacement.obstacle:
            yield key, replacement.obstacle
    yield from _lost_libraries(image, replacer, chosen)
    yield from _broken_relations(image, newer, chosen)


def _lost_libraries(
    image: PackagedRoot, replacer: Replacer, chosen: Mapping[str, Replacement]
) -> Iterator[tuple[str, str]]:
    present = {path.rpartition("/")[2] for path in image.tree.paths() if ".so" in path}
    sonames = {name for each in chosen.values() for name in each.sonames}
    brought = sonames | {path.rpartition("/")[2] for each in chosen.values() for path in each.files if ".so" in path}
    for key, replacement in chosen.items():
        for name in sorted(replacer.sonames_before(replacement) - sonames):
            yield key, f"the newer version has no {name} any more, which programs of the image may load"
        for name, path in sorted(replacement.needed.items()):
            if name not in present and name not in brought:
                yield key, f"{path} needs {name}, which is not in the image"


def _broken_relations(
    image: PackagedRoot, newer: PackagedRoot, chosen: Mapping[str, Replacement]
) -> Iterator[tuple[str, str]]:
    fields = {
        key: newer.fields[chosen[key].newer_key] if key in chosen else image.fields[key]
        for key in image.database.packages
    }
    before, after = Installed(image.fields.values()), Installed(fields.values())
    for key, row in fields.items():
        name = image.database.packages[key].name
        known = {_names(group) for field in _NEEDS for group in relations(image.fields[key].get(field, ""))}
        for group in (group for field in _NEEDS for group in relations(row.get(field, ""))):
            if after.meets(group) or (not after.knows(group) and _names(group) in known):
                continue
            words = " or ".join(map(str, group))
            if key in chosen:
                yield key, f"the newer version needs {words}, and the image has not got that"
            for other in _blamed(image, chosen, group):
                yield other, f"{name}, which stays, needs {words}"
        for relation in (each for field in _REFUSES for group in relations(row.get(field, "")) for each in group):
            struck = set(after.matching(relation)) - {name}
            if struck and not (key not in chosen and struck & set(before.matching(relation))):
                if key in chosen:
                    yield key, f"the newer version does not go with {relation}"
                for other in _blamed(image, chosen, (relation,)):
                    yield other, f"{name}, which stays, does not go with {relation}"


def _names(group: Group) -> frozenset[str]:
    return frozenset(each.name for each in group)


def _blamed(image: PackagedRoot, chosen: Mapping[str, Replacement], group: Group) -> list[str]:
    """The chosen packages that a group names, or that provided what it names."""
    names = _names(group)
    return [
        key
        for key in chosen
        if image.database.packages[key].name in names or names & set(image.database.packages[key].provides)
    ]


def _update(image: PackagedRoot, newer: PackagedRoot, replacement: Replacement) -> Update:
    package = image.database.packages[replacement.key]
    old, new = image.records(replacement.key), newer.records(replacement.newer_key)
    scripts = [
        kind
        for kind in ("preinst", "postinst", "prerm", "postrm", "triggers")
        if kind in new and (kind not in old or image.read(old[kind]) != newer.read(new[kind]))
    ]
    version = newer.database.packages[replacement.newer_key].version
    return Update(package.name, package.architecture, package.version, version, tuple(scripts))


def _kept(image: PackagedRoot, newer: PackagedRoot, key: str, reason: str) -> KeptPackage:
    package = image.database.packages[key]
    match = _match(newer, package.name, package.architecture)
    version = newer.database.packages[match].version if match else None
    return KeptPackage(package.name, package.architecture, package.version, version, reason)
