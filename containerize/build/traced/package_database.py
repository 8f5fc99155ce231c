"""The package database of a reduced image: only packages that still have a file there."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import replace

from containerize.content_store import ContentStore
from containerize.image.package_lists import list_at
from containerize.image.package_records import INFO
from containerize.plan.model import ImagePlan, PlannedFile


def owners(plan: ImagePlan, read: Callable[[PlannedFile], bytes], real: Callable[[str], str]) -> Mapping[str, str]:
    """Path to the package (``libc6:amd64`` or ``adduser``) that owns it, by the database's own lists of files. ``real``
    gives the path of a directory with its links followed: /lib may be /usr/lib.
    """
    found: dict[str, str] = {}
    places: dict[str, str] = {}
    for file in plan.files:
        if not (file.path.startswith(INFO) and file.path.endswith(".list") and file.digest):
            continue
        stem = file.path.removeprefix(INFO).removesuffix(".list")
        for line in read(file).decode("utf-8", "surrogateescape").split("\n"):
            directory, name = posixpath.split(line)
            if name and line.startswith("/"):
                if directory not in places:
                    places[directory] = real(directory)
                found.setdefault(posixpath.join(places[directory], name), stem)
    return found


def with_packages_of(plan: ImagePlan, stems: frozenset[str], content: ContentStore) -> ImagePlan:
    """The plan with a list of these packages alone. Raises ContentMismatch."""
    files = []
    for file in plan.files:
        known = list_at(file.path)
        if known is not None and file.digest:
            data = known.keep(content.read(file.digest), stems)
            files.append(replace(file, digest=content.put(data), size=len(data)))
        else:
            files.append(file)
    return replace(plan, files=tuple(files))
