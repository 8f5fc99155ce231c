"""Recipes: what each host is made of, as data read from ``hosts/NAME/recipe.toml``."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from tests.estate.errors import EstateError
from tests.estate.places import BASE, RECIPES

Machine = Literal["namespaces", "qemu"]
Init = Literal["sysvinit", "systemd"]

# Part of every cache key: raise it when the builder changes in a way that makes old trees wrong.
BUILDER_VERSION = 1

MAX_CLONES = 250
_CLONE = re.compile(r"(?P<recipe>[a-z0-9]+)-(?P<number>[0-9]{3})")


@dataclass(frozen=True)
class Recipe:
    """One host: what it is built from and where it is reached."""

    name: str
    folder: Path
    description: str
    group: str
    machine: Machine
    suite: str
    init: Init
    packages: tuple[str, ...]
    loopback: str
    publish: Mapping[int, int]
    """Port on the host to port on the loopback address."""
    address: str | None = None
    """Address on the estate's network; a virtual machine has none, it is only reached through its loopback address."""
    memory_mb: int = 512
    disk_mb: int = 2048

    @property
    def built_from(self) -> str:
        """Name of the recipe, which clones share."""
        return self.folder.name

    @property
    def ssh_port(self) -> int:
        """Port on the loopback address behind which the host's sshd is."""
        return self.publish[22]

    def clone(self, number: int) -> Recipe:
        """The same host once more, at addresses of its own."""
        if not 1 <= number <= MAX_CLONES:
            raise EstateError(f"A host can be cloned at most {MAX_CLONES} times.")
        if self.machine != "namespaces":
            raise EstateError(f"{self.name} is a virtual machine and cannot be cloned; clone small01.")
        return replace(
            self, name=f"{self.built_from}-{number:03d}", address=f"10.77.1.{number}", loopback=f"127.0.78.{number}"
        )


def names() -> list[str]:
    """All hosts that have a recipe."""
    return sorted(path.parent.name for path in RECIPES.glob("*/recipe.toml"))


def load(name: str) -> Recipe:
    """The recipe of a host, or of a clone such as ``small01-007``."""
    clone = _CLONE.fullmatch(name)
    known = names()
    if clone and clone["recipe"] in known:
        return load(clone["recipe"]).clone(int(clone["number"]))
    if name not in known:
        raise EstateError(f"There is no host {name!r}; the hosts are {', '.join(known)}.")
    folder = RECIPES / name
    table = tomllib.loads((folder / "recipe.toml").read_text("utf-8"))
    try:
        return Recipe(
            name=name,
            folder=folder,
            publish={int(inside): int(outside) for inside, outside in table.pop("publish").items()},
            packages=tuple(table.pop("packages")),
            **table,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise EstateError(f"The recipe of {name} is incomplete ({error}); compare it with another host's.") from error


@dataclass(frozen=True)
class Base:
    """What all hosts of one suite and init system have in common."""

    suite: str
    init: Init
    packages: tuple[str, ...]

    @property
    def key(self) -> str:
        """Changes when the base would be built differently."""
        return _digest(iter([repr((BUILDER_VERSION, self.suite, self.init, self.packages)).encode()]))


def base_of(recipe: Recipe) -> Base:
    """The base on which a host is built."""
    table = tomllib.loads((BASE / "base.toml").read_text("utf-8"))
    packages = [*table["packages"], *table[recipe.init]["packages"], *table[recipe.init].get(recipe.suite, [])]
    return Base(recipe.suite, recipe.init, tuple(packages))


def host_key(recipe: Recipe, *also: bytes) -> str:
    """Cache key of a built host: changes with every byte, name and mode that goes into it."""
    what = repr((recipe.machine, recipe.packages, recipe.disk_mb)).encode()
    return _digest(iter([base_of(recipe).key.encode(), what, *also, *_contents(BASE), *_contents(recipe.folder)]))


def _contents(folder: Path) -> Iterator[bytes]:
    for path in sorted(folder.rglob("*")):
        # The mode counts only as far as git keeps it, so that two checkouts with different umasks share a cache.
        executable = bool(path.lstat().st_mode & 0o100)
        yield repr((str(path.relative_to(folder)), path.is_symlink(), path.is_dir(), executable)).encode()
        if path.is_symlink():
            yield str(path.readlink()).encode()
        elif path.is_file() and path.name != "recipe.toml":
            yield path.read_bytes()


def _digest(parts: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:16]
