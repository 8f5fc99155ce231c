"""Installed packages with their files and dependencies, the same for every package manager."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple


class Alternative(NamedTuple):
    """One way to meet a dependency: a package, or something that packages provide. Versions are the past's concern:
    what is installed was found to fit by the package manager.
    """

    name: str
    architecture: str = ""


Dependency = tuple[Alternative, ...]
"""Any one of these will do."""


@dataclass(frozen=True, slots=True)
class InstalledPackage:
    """A package with everything that it put on the host.

    ``files`` are its paths as the package names them (``/lib/…`` where the host has ``/usr/lib/…``); ``checksums`` maps
    those it keeps one of (:mod:`containerize.checksums`); ``conffiles`` are the paths that people may edit;
    ``not_brought`` are its own although it does not bring them, such as logs and what its programs make (rpm's
    ``%ghost``). ``key`` distinguishes two architectures of one package (``libc6:i386``). ``required``: the distribution
    installs it on every system. ``maker`` is its maintainer or vendor as it names them, "" where it names none.
    """

    key: str
    name: str
    version: str
    architecture: str
    essential: bool
    depends: tuple[Dependency, ...]
    recommends: tuple[Dependency, ...]
    provides: tuple[str, ...]
    files: tuple[str, ...]
    checksums: Mapping[str, str]
    conffiles: frozenset[str]
    required: bool = False
    not_brought: frozenset[str] = frozenset()
    maker: str = ""


@dataclass(frozen=True)
class PackageDatabase:
    """All installed packages of a host.

    ``manager`` is dpkg, rpm, apk or "" where there is none. ``moved`` maps a path of a package to where the host put
    it instead (dpkg's diversions). ``trouble``: why it could not be read, or not whole; "" when it was.
    """

    manager: str
    packages: Mapping[str, InstalledPackage]
    native_architecture: str = ""
    moved: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    trouble: str = ""

    @cached_property
    def _by_name(self) -> Mapping[str, tuple[str, ...]]:
        names: dict[str, list[str]] = {}
        for key, package in self.packages.items():
            names.setdefault(package.name, []).append(key)
        return {name: tuple(keys) for name, keys in names.items()}

    @cached_property
    def _providers(self) -> Mapping[str, tuple[str, ...]]:
        providers: dict[str, list[str]] = {}
        for key, package in self.packages.items():
            for name in package.provides:
                providers.setdefault(name, []).append(key)
        return {name: tuple(keys) for name, keys in providers.items()}

    def find(self, name: str, architecture: str = "") -> str | None:
        """The key of an installed package by name (of dpkg ``libc6:i386`` too), the native architecture first."""
        # Elsewhere a colon is part of what packages provide: so:libz.so.1 of apk, perl(:VERSION) of rpm.
        bare, _, suffix = name.partition(":") if self.manager == "dpkg" else (name, "", "")
        keys = self._by_name.get(bare, ())
        wanted = suffix if suffix not in ("", "any") else architecture
        for key in keys:
            if wanted and self.packages[key].architecture == wanted:
                return key
        for key in keys:
            if self.packages[key].architecture in (self.native_architecture, "all", "noarch"):
                return key
        return keys[0] if keys else None

    def meets(self, dependency: Dependency, architecture: str) -> tuple[str, ...]:
        """The installed packages that meet a dependency: the first alternative that is installed, else everything
        that provides one (which of them is used is a matter of links, so all come). Empty when nothing does.
        """
        for name, suffix in dependency:
            key = self.find(name, suffix if suffix not in ("", "any") else architecture)
            if key is not None:
                return (key,)
        for name, _ in dependency:
            if providers := self._providers.get(name):
                return providers
        return ()

    def place(self, key: str, path: str) -> str:
        """The path of a package's file on the host, which differs when another package diverted it."""
        diversion = self.moved.get(path)
        if diversion is None:
            return path
        target, by = diversion
        return path if by == self.packages[key].name else target


ReadDatabase = Callable[[Mapping[str, bytes]], PackageDatabase]


@dataclass(frozen=True, slots=True)
class PackageReader:
    """The queries of one package manager. ``parts`` are shell texts by name, harmless where the manager is missing;
    ``read`` parses their answers. ``kept`` are those from which the lists of an image are made.
    """

    manager: str
    parts: Mapping[str, str]
    read: ReadDatabase
    kept: tuple[str, ...]


NO_PACKAGES = PackageDatabase("", {})
"""A host whose package manager we cannot read: every file is then one that no package owns."""
