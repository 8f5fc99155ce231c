"""Installed packages, the files of interest they own, where packages come from, and which versions are held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class Package:
    """An installed package. ``manager`` is dpkg, rpm, apk, opkg, pacman or slackware; ``essential`` as it reports.

    ``held``: not upgraded until it is released. ``installed_at``: seconds since the epoch (UTC) of the last
    installation or upgrade, None where the package manager does not record it. ``automatic``: came as a dependency of
    another; None where that is not recorded. ``repositories``: the known repositories that offer a package of this
    name, or the one it was installed from; () when none does, so it was installed from a file; None when it is not
    known.
    """

    name: str
    version: str
    architecture: str
    source: str
    manager: str
    essential: bool
    size_bytes: int
    origin: Origin
    held: bool = False
    installed_at: int | None = None
    automatic: bool | None = None
    vendor: str = ""
    repositories: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Ownership:
    """``path`` belongs to ``package``. Asked for executables, mapped libraries, units and init scripts."""

    path: str
    package: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Repository:
    """A place that packages come from, as configured in ``path``.

    ``name`` is its name in the configuration, "" where it has no name; ``urls`` are its addresses without credentials,
    mirror lists included; ``suites`` and ``components`` are those of apt, else empty. ``verified`` is False where
    signatures are not checked, None where the file does not set it.
    """

    path: str
    name: str
    urls: tuple[str, ...]
    suites: tuple[str, ...]
    components: tuple[str, ...]
    enabled: bool
    verified: bool | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class Pin:
    """A rule in ``path`` that keeps packages at a version or out: ``packages`` as the rule names them (patterns too),
    ``rule`` the rest of it (``version 1.4*, priority 1001``).
    """

    path: str
    packages: str
    rule: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class ShippedFile:
    """A configuration file that is as its package brought it. ``package`` is "" where only ucf(1) knows the file."""

    path: str
    package: str


@dataclass(frozen=True, slots=True)
class Packages:
    """The package database. ``owners`` answers only for the paths that were asked about, under both of their names
    where /bin, /lib and /sbin are links into /usr. ``repositories`` and ``pins`` are None when they were not asked for.
    ``shipped`` are the configuration files that are as their package brought them, as far as dpkg and ucf(1) record it.
    """

    manager: str
    packages: tuple[Package, ...]
    owners: tuple[Ownership, ...]
    repositories: tuple[Repository, ...] | None = None
    pins: tuple[Pin, ...] | None = None
    shipped: tuple[ShippedFile, ...] = ()

    @property
    def by_name(self) -> Mapping[str, Sequence[Package]]:
        """The packages of each name: several of an architecture or a version each."""
        names: dict[str, list[Package]] = {}
        for package in self.packages:
            names.setdefault(package.name, []).append(package)
        return names

    def owner_of(self, path: str) -> str | None:
        """The package that owns ``path`` or the same file under its merged-/usr name; None when none does."""
        names = {path}
        for top in ("/bin/", "/sbin/", "/lib/", "/lib64/"):
            if path.startswith(top):
                names.add("/usr" + path)
            elif path.startswith("/usr" + top):
                names.add(path[4:])
        return next((owner.package for owner in self.owners if owner.path in names), None)
