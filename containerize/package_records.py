"""The package database of what is inside: scanners read it, and a package tool in the image believes it.

Only dpkg so far. The record of each package goes along as the host has it; the status file is cut down to the packages
of the image.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from containerize.closure.gathering import Gathering
from containerize.survey.dpkg import raw_stanzas
from containerize.survey.packages import PackageDatabase

STATUS = "/var/lib/dpkg/status"
DATABASE = "/var/lib/dpkg/"
INFO = f"{DATABASE}info/"
_WHOLE = ("/var/lib/dpkg/diversions", "/var/lib/dpkg/statoverride", "/var/lib/dpkg/arch", f"{INFO}format")


_SHIPPED = frozenset(
    ["clilibs", "config", "conffiles", "md5sums", "postinst", "postrm", "preinst", "prerm", "shlibs", "symbols",
     "templates", "triggers"]
)  # fmt: skip
"""Control files that dpkg keeps as the package brought them; ``list`` it writes itself."""


def shipped_record(path: str, database: PackageDatabase) -> str | None:
    """The package that brought a record of the package database, which is the same wherever that is installed."""
    if not path.startswith(INFO):
        return None
    stem, _, kind = path.removeprefix(INFO).rpartition(".")
    return database.find(stem) if kind in _SHIPPED else None


def is_written_by_tool(path: str) -> bool:
    """Whether a path is what the package tool itself writes: which packages there are, and which files they have. What
    packages bring for its database lies there as well (see :func:`shipped_record`).
    """
    return path.startswith(DATABASE)


def is_record(path: str) -> bool:
    """Whether a path is part of a package database, which holds what packages brought and nothing of the host's."""
    return path.startswith(INFO)


def claim_records(gathering: Gathering) -> None:
    """Take the records of the packages that are in the image."""
    if gathering.database.manager != "dpkg":
        return
    stems: dict[str, str] = {}
    for key in gathering.packages:
        package = gathering.database.packages[key]
        stems[package.name] = package.name
        stems[f"{package.name}:{package.architecture}"] = package.name
    for path in gathering.tree.children(INFO.rstrip("/")):
        stem = path.removeprefix(INFO).rpartition(".")[0]
        if stem in stems:
            gathering.claim(path, f"is the package database's record of {stems[stem]}")
    for path in _WHOLE:
        gathering.claim(path, "is part of the package database")
    for path in _alternatives(gathering):
        gathering.claim(path, "is the record of an alternative")


def _alternatives(gathering: Gathering) -> Iterator[str]:
    for path in gathering.tree.children("/var/lib/dpkg/alternatives"):
        if f"/etc/alternatives/{path.rpartition('/')[2]}" in gathering.claims:
            yield path


def status_of(status: bytes, packages: Iterable[tuple[str, str]]) -> bytes:
    """The status file with the paragraphs of these (name, architecture) only, in their order."""
    wanted = set(packages)
    text = status.decode("utf-8", "surrogateescape")
    kept = [raw for name, architecture, raw in raw_stanzas(text) if (name, architecture) in wanted]
    return "\n".join(kept).encode("utf-8", "surrogateescape")
