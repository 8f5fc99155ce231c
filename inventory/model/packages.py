"""Installed packages and the files of interest they own."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class Package:
    """An installed package. ``manager`` is dpkg, rpm or apk; ``essential`` as the package manager says."""

    name: str
    version: str
    architecture: str
    source: str
    manager: str
    essential: bool
    size_bytes: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class Ownership:
    """``path`` belongs to ``package``. Asked for executables, mapped libraries, units and init scripts."""

    path: str
    package: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Packages:
    """The package database. ``owners`` answers only for the paths that were asked about, under both of their names
    where /bin, /lib and /sbin are links into /usr.
    """

    manager: str
    packages: tuple[Package, ...]
    owners: tuple[Ownership, ...]

    def owner_of(self, path: str) -> str | None:
        """The package that owns ``path`` or the same file under its merged-/usr name; None when none does."""
        names = {path}
        for top in ("/bin/", "/sbin/", "/lib/", "/lib64/"):
            if path.startswith(top):
                names.add("/usr" + path)
            elif path.startswith("/usr" + top):
                names.add(path[4:])
        return next((owner.package for owner in self.owners if owner.path in names), None)
