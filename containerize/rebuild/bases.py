"""The public base image for a distribution, from ``data/base_images.toml``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from containerize.tables import table

Manager = Literal["apt", "dnf", "yum", "zypper", "apk"]

_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Base:
    """``image`` as engines pull it. ``archive`` is the name of the server that holds the packages of a release past its
    end, "" where the usual servers hold them; ``archive_lines`` are shell that points to it. ``remark`` is a clause.
    """

    image: str
    manager: Manager
    archive: str = ""
    archive_lines: tuple[str, ...] = ()
    remark: str = ""


def base_of(distribution: str, version: str) -> Base | None:
    """The base for ID and VERSION_ID of os-release; None when none is known."""
    if not _VERSION.fullmatch(version):
        return None
    rows = table("base_images")
    row = next((each for each in rows["distribution"] if each["id"] == distribution), None)
    if row is None:
        return None
    image = _fitting(row["images"], version)
    if image is None:
        return None
    archive = _fitting(row.get("archived", {}), version)
    lines: list[str] = []
    if archive is not None:
        values = {
            "codename": _fitting(row.get("codenames", {}), version) or "",
            "vault": _fitting(row.get("vaults", {}), version) or "",
        }
        lines = [_filled(line, values) for line in rows["archives"][archive]["lines"]]
    manager: Manager = _fitting(row.get("managers", {}), version) or row["manager"]  # type: ignore[assignment]
    return Base(
        _filled(image, {"version": version, "minor": ".".join(version.split(".")[:2])}),
        manager,
        rows["archives"][archive]["name"] if archive is not None else "",
        tuple(lines),
        row.get("remark", ""),
    )


def _fitting(rows: dict[str, str], version: str) -> str | None:
    """The row of the longest beginning of a version."""
    numbers = version.split(".")
    for count in range(len(numbers), -1, -1):
        if (key := ".".join(numbers[:count])) in rows:
            return rows[key]
    return None


def _filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text
