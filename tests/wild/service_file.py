"""Service files: one TOML file describes one service, its set-up and its functional check."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from tests.wild.errors import WildError

Release = Literal["bullseye", "bookworm", "trixie"]
Init = Literal["systemd", "sysvinit", "supervisor", "runit", "inetd"]


class ServiceFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The contents of ``services/NAME.toml``. Scripts are POSIX sh and run with ``set -eu``."""

    summary: str
    releases: tuple[Release, ...]
    init: Init
    packages: tuple[str, ...] = ()
    """Debian packages of the host; those of the init are added."""
    setup: str = ""
    """Root runs it in the host after its packages were installed, before anything was started; no daemon runs."""
    start: str = ""
    """Root runs it in the booted host: a start that the init does not do, data that users would add."""
    check: str
    """Runs on a client with HOST, the address of the server. It must compare content; exit status 0 means it works."""
    client: tuple[str, ...] = ()
    """Debian packages that the client needs beside those that every client has."""
    workloads: tuple[str, ...] = ()
    """Names of the workloads that make up the service. Default: the name of the file, or the only workload."""
    grants: tuple[str, ...] = ()
    """Options for ``assess build``, such as ``--allow-privilege-gain``."""
    secrets: dict[str, str] = {}
    """Values of secret variables. Secret files are copied from the host."""
    expected: str = ""
    """Why it cannot work in a container, where that is known: the build must report it before it runs."""


@dataclass(frozen=True)
class Case:
    """One service on one release."""

    name: str
    release: Release
    service: ServiceFile

    @property
    def id(self) -> str:
        """``NAME@RELEASE``."""
        return f"{self.name}@{self.release}"

    @property
    def host(self) -> str:
        """Host name of its legacy host."""
        return f"{self.name}-{self.release}"

    @property
    def key(self) -> str:
        """Changes with the contents of the service file."""
        return hashlib.sha256(msgspec.json.encode(self.service)).hexdigest()[:12]


_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
_GRANT = re.compile(r"--allow-(device|capability|privilege-gain|network|logged-paths)(=\S+)?|--not-secret=\S+")


def load(path: Path) -> ServiceFile:
    """Read and check one service file. Raises WildError with the reason."""
    try:
        service = msgspec.toml.decode(path.read_bytes(), type=ServiceFile)
    except msgspec.MsgspecError as error:
        raise WildError(f"{path}: {error}") from error
    wrong = {
        f"its name must match {_NAME.pattern}": not _NAME.fullmatch(path.stem),
        "releases is empty": not service.releases,
        "a release is named twice": len(set(service.releases)) != len(service.releases),
        "summary is empty": not service.summary.strip(),
        "check does not use $HOST": "HOST" not in service.check,
        "grants takes --allow-NAME, --allow-NAME=VALUE or --not-secret=PATH": not all(
            map(_GRANT.fullmatch, service.grants)
        ),
    }
    for reason, applies in wrong.items():
        if applies:
            raise WildError(f"{path}: {reason}")
    return service


def load_all(folder: Path, only: Sequence[str] = ()) -> list[Case]:
    """Every service of a folder on each of its releases; ``only`` has names or NAME@RELEASE."""
    cases = []
    for path in sorted(folder.glob("*.toml")):
        service = load(path)
        cases += [Case(path.stem, release, service) for release in service.releases]
    if not cases:
        raise WildError(f"There are no service files in {folder}.")
    unknown = set(only) - {case.name for case in cases} - {case.id for case in cases}
    if unknown:
        raise WildError(f"{folder} has no service {', '.join(sorted(unknown))}.")
    return [case for case in cases if not only or case.name in only or case.id in only]
