"""The public base image of a distribution (``data/base_images.toml``)."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from importlib import resources
from typing import Literal

from containerize.data_tables import data_table

Manager = Literal["apt", "dnf", "yum", "zypper", "apk"]

_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Base:
    """``image`` as engines pull it. ``archive`` is the name of the server that holds the packages of a release past its
    end, "" where the usual servers hold them; ``archive_lines`` are shell that points to it, and ``expired_keys`` says
    that they accept signatures of keys that have expired since. ``remark`` is a clause. ``digest`` (``sha256:…``) says
    which bytes the name stands for, "" where that is not known here.
    """

    image: str
    manager: Manager
    archive: str = ""
    archive_lines: tuple[str, ...] = ()
    expired_keys: bool = False
    remark: str = ""
    digest: str = ""

    @property
    def reference(self) -> str:
        """The image by its digest, where that is known or part of its name."""
        return f"{self.image}@{self.digest}" if self.digest and "@" not in self.image else self.image

    @property
    def pinned(self) -> bool:
        """Whether it names these bytes and no others."""
        return "@" in self.reference


def how_to_pin(image: str) -> str:
    """The command that prints an image with its digest, for Docker and Podman alike."""
    name = shlex.quote(image)
    return f"docker pull {name} && docker image inspect --format '{{{{index .RepoDigests 0}}}}' {name}"


def base_of(distribution: str, version: str) -> Base | None:
    """The base for ID and VERSION_ID of os-release; None when none is known."""
    if not _VERSION.fullmatch(version):
        return None
    rows = data_table("base_images")
    row = next((each for each in rows["distribution"] if each["id"] == distribution), None)
    if row is None:
        return None
    image = _fitting(row["images"], version)
    if image is None:
        return None
    archive = _fitting(row.get("archived", {}), version)
    servers = data_table("registries")
    server = ""
    lines: list[str] = []
    expired_keys = False
    if archive is not None:
        key = rows["archives"][archive]["server"]
        server = servers["packages"][key]
        values = {
            "server": server,
            "usual": servers["packages"].get(f"{key}-usual", ""),
            "codename": _fitting(row.get("codenames", {}), version) or "",
            "vault": _fitting(row.get("vaults", {}), version) or "",
        }
        lines = [_filled(line, values) for line in rows["archives"][archive]["lines"]]
        if expired_keys := rows["archives"][archive].get("expired_keys", False):
            lines += _taking_expired_keys()
    manager: Manager = _fitting(row.get("managers", {}), version) or row["manager"]  # type: ignore[assignment]
    return Base(
        _filled(image, {**servers["images"], "version": version, "minor": ".".join(version.split(".")[:2])}),
        manager,
        server,
        tuple(lines),
        expired_keys,
        row.get("remark", ""),
    )


VERIFIER = "/etc/apt/gpgv-of-archives"


def _taking_expired_keys() -> list[str]:
    """Lines that let apt verify signatures of keys that have expired since: an archive is not signed again.

    The program that apt verifies with is ``Dir::Bin::gpg`` before its version 1.1, ``APT::Key::gpgvcommand`` later.
    """
    script = resources.files("containerize").joinpath("data/expired_keys.sh").read_text(encoding="utf-8").splitlines()
    settings = ("Acquire::Check-Valid-Until", "false"), ("Dir::Bin::gpg", VERIFIER), ("APT::Key::gpgvcommand", VERIFIER)
    configuration = " ".join(f'{name} "{value}";' for name, value in settings)
    return [
        f"printf '%s\\n' {' '.join(shlex.quote(line) for line in script)} > {VERIFIER}",
        f"chmod 755 {VERIFIER}",
        f"echo '{configuration}' > /etc/apt/apt.conf.d/99archive",
    ]


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
