"""Directories that carry the name of a service or of its package, whoever made them.

Packages often make ``/etc/rabbitmq`` or ``/var/log/exim4`` when they are installed and do not own them, and programs
look there although no setting says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assess.model import Workload
from containerize.closure import path_rules
from containerize.closure.file_set import FileSet

_PARTS_OF_NAMES = re.compile(r"[-_](?:server|daemon|core|bin|common|main|base|service)$")

_OF_UNITS = (
    ("ConfigurationDirectory", "/etc"),
    ("LogsDirectory", "/var/log"),
    ("CacheDirectory", "/var/cache"),
    ("StateDirectory", "/var/lib"),
)
"""systemd.exec(5)."""


def own_names(workload: Workload) -> tuple[str, ...]:
    """The names of a service: of its unit or init script and its packages, also without ``-server`` or a version."""
    given = [workload.name, *workload.packages]
    if workload.service is not None:
        given.append(workload.service.name)
    found: dict[str, None] = {}
    for each in given:
        name = each.partition("@")[0]
        bare = _without_version(name)
        short = _PARTS_OF_NAMES.sub("", bare)
        for form in (name, bare, short, _without_version(short)):
            if len(form) > 1 and "/" not in form and form.strip("."):
                found[form] = None
    return tuple(found)


def _without_version(name: str) -> str:
    return name.rstrip("0123456789.").rstrip("-_")


def add_named_places(file_set: FileSet, workload: Workload) -> None:
    """Take the directories that are named for the service or that its unit declares."""
    for path, clause in _places(workload):
        resolved = file_set.tree.resolve(path)
        if resolved is None or path in path_rules.shared_directories():
            continue
        if not path_rules.below_any(resolved.path, path_rules.not_read()):
            file_set.use(path, clause)


def _places(workload: Workload) -> Iterator[tuple[str, str]]:
    for name in own_names(workload):
        for path in (f"/etc/{name}", f"/etc/{name}.conf", f"/etc/{name}.d", f"/var/log/{name}", f"/var/cache/{name}"):
            yield path, f"has the name of {workload.id} or of its package"
    if workload.service is not None:
        for setting, place in _OF_UNITS:
            for word in workload.service.property(setting).split():
                yield f"{place}/{word.partition(':')[0]}", f"is {setting}= of the service's unit"
