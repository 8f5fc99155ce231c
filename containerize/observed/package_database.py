"""The package database of an image that has lost files: it lists the packages of which a file is left, so that a
scanner is neither blind nor shows what is not there. Only dpkg so far, like :mod:`containerize.package_records`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import replace

from containerize.content import ContentStore
from containerize.package_records import INFO, STATUS
from containerize.plan import Plan, PlannedFile
from containerize.survey.dpkg import raw_stanzas


def owners(plan: Plan, read: Callable[[PlannedFile], bytes], real: Callable[[str], str]) -> Mapping[str, str]:
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


def with_packages_of(plan: Plan, stems: frozenset[str], content: ContentStore) -> Plan:
    """The plan with a status file of these packages alone. Raises ContentMismatch."""
    files = []
    for file in plan.files:
        if file.path == STATUS and file.digest:
            text = content.read(file.digest).decode("utf-8", "surrogateescape")
            kept = [raw for name, arch, raw in raw_stanzas(text) if stems & {name, f"{name}:{arch}"}]
            data = "\n".join(kept).encode("utf-8", "surrogateescape")
            files.append(replace(file, digest=content.put(data), size=len(data)))
        else:
            files.append(file)
    return replace(plan, files=tuple(files))
