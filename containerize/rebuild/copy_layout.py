"""The folders of a build context, and the COPY instructions that put them into an image.

A directory whose files have one owner is copied as a whole, so that a person finds ``files/etc/nginx/`` and a line for
it. Names that a line of a Containerfile could take for something else, and directories of many owners, go into a tree
for each owner (``owners/33-33/``), which is copied without naming anything in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from containerize.plan.model import PlannedFile

FILES = "files"
OWNERS = "owners"

MOST_COPIES = 6
"""Instructions for one directory like /etc/nginx; with more its files go by owner."""

_PLAIN = re.compile(r"[A-Za-z0-9_.+@:/-]+", re.ASCII)

Owner = tuple[int, int]
_ROOT: Owner = (0, 0)


@dataclass(frozen=True, slots=True)
class Copy:
    """One instruction. ``sources`` are paths in the context; ``destination`` is a directory of the image."""

    owner: Owner
    sources: tuple[str, ...]
    destination: str
    files: tuple[PlannedFile, ...]


@dataclass(frozen=True)
class CopyLayout:
    """``folders`` maps the path of each file to its folder of the context. Of the directories above files, ``made`` has
    the owners that one may get which is not in the image, ``given`` those that one may get which is: builders differ.
    """

    copies: tuple[Copy, ...]
    folders: Mapping[str, str]
    made: Mapping[str, set[Owner]]
    given: Mapping[str, set[Owner]]


def copy_layout(files: Iterable[PlannedFile], directories: Iterable[PlannedFile]) -> CopyLayout:
    """The layout for these files. ``directories`` are those above them, with their owners."""
    groups: dict[str, list[PlannedFile]] = {}
    for file in sorted(files, key=lambda each: each.path):
        groups.setdefault(_concern(file.path), []).append(file)
    owners = {each.path: (each.uid, each.gid) for each in directories}
    copies: list[Copy] = []
    by_owner: dict[Owner, list[PlannedFile]] = {}
    made: dict[str, set[Owner]] = {}
    given: dict[str, set[Owner]] = {}
    for _, group in sorted(groups.items()):
        found, odd = _copies(group, owners)
        if len(found) > MOST_COPIES:
            found, odd = [], group
        copies += found
        for file in odd:
            by_owner.setdefault((file.uid, file.gid), []).append(file)
    for each in copies:
        _note(each, made, given)
    for owner, odd in sorted(by_owner.items()):
        for path in {path for file in odd for path in _parents(file.path)}:
            made.setdefault(path, set()).add(owner)
            given.setdefault(path, set()).add(owner)
        copies.append(Copy(owner, (f"{_tree(owner)}/",), "/", tuple(odd)))
    folders = {file.path: FILES for group in groups.values() for file in group}
    folders |= {file.path: _tree(owner) for owner, odd in by_owner.items() for file in odd}
    return CopyLayout(tuple(copies), folders, made, given)


def _tree(owner: Owner) -> str:
    return f"{OWNERS}/{owner[0]}-{owner[1]}"


def _concern(path: str) -> str:
    """The directory of a file that is a concern by itself, like /etc/nginx or /etc; "" for a file of the root."""
    return "".join(f"/{part}" for part in path.split("/")[1:-1][:2])


def _parents(path: str) -> list[str]:
    """The directories above a path, the nearest first, without the root."""
    found = []
    while path := path.rpartition("/")[0]:
        found.append(path)
    return found


def _copies(group: list[PlannedFile], owners: Mapping[str, Owner]) -> tuple[list[Copy], list[PlannedFile]]:
    """The instructions for the files of one concern, and the files that no instruction can name."""
    below: dict[str, set[Owner]] = {}
    inside: dict[str, list[PlannedFile]] = {}
    loose: dict[str, list[PlannedFile]] = {}
    for file in group:
        parents = _parents(file.path)
        loose.setdefault(parents[0] if parents else "", []).append(file)
        for number, place in enumerate(parents):
            inside.setdefault(place, []).append(file)
            found = below.setdefault(place, set())
            found.add((file.uid, file.gid))
            found.update(owners.get(each, _ROOT) for each in parents[:number])
    copies: list[Copy] = []
    odd: list[PlannedFile] = []
    done: list[str] = []
    for place in sorted(inside, key=lambda each: (each.count("/"), each)):
        if len(copies) > MOST_COPIES:
            return copies, []
        if place.count("/") < 2 or any(place.startswith(f"{each}/") for each in done):
            continue
        if len(below[place]) == 1 and _PLAIN.fullmatch(place):
            copies.append(Copy(next(iter(below[place])), (f"{FILES}{place}/",), f"{place}/", tuple(inside[place])))
            done.append(place)
    whole = {file.path for each in copies for file in each.files}
    for place, files in loose.items():
        by_owner: dict[Owner, list[PlannedFile]] = {}
        for file in files:
            if file.path in whole:
                continue
            if _PLAIN.fullmatch(file.path):
                by_owner.setdefault((file.uid, file.gid), []).append(file)
            else:
                odd.append(file)
        for owner, own in by_owner.items():
            sources = tuple(f"{FILES}{file.path}" for file in own)
            copies.append(Copy(owner, sources, f"{place}/", tuple(own)))
    return copies, odd


def _note(copy: Copy, made: dict[str, set[Owner]], given: dict[str, set[Owner]]) -> None:
    """Note which owner the instruction may give to directories."""
    root = copy.destination.rstrip("/")
    whole = copy.sources[0].endswith("/")
    for path in {path for file in copy.files for path in _parents(file.path)}:
        if whole and path.startswith(f"{root}/"):
            made.setdefault(path, set()).add(copy.owner)
            given.setdefault(path, set()).add(copy.owner)
        elif whole and path == root:
            made.setdefault(path, set()).add(copy.owner)
            given.setdefault(path, set()).update((copy.owner, _ROOT))
        else:
            made.setdefault(path, set()).update((copy.owner, _ROOT))


def copy_lines(layout: CopyLayout) -> Iterator[tuple[str, Copy]]:
    """The text of each instruction."""
    for each in layout.copies:
        owner = f"--chown={each.owner[0]}:{each.owner[1]} " if each.owner != _ROOT else ""
        yield f"COPY {owner}{' '.join(each.sources)} {each.destination}", each
