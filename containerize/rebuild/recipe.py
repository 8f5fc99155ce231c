"""The parts of a Containerfile before they are written, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass

from containerize.plan.model import PlannedFile
from containerize.rebuild.base_images import Base


@dataclass(frozen=True, slots=True)
class ChosenPackage:
    """A package that is named; what it depends on follows. ``version`` is in the form of its package manager, "" for
    any;
    ``architecture`` only where it is not the image's own.
    """

    name: str
    version: str
    reason: str
    architecture: str = ""


@dataclass(frozen=True, slots=True)
class RecipeAccount:
    """A line of passwd, without a password."""

    name: str
    uid: int
    gid: int
    gecos: str
    home: str
    shell: str


@dataclass(frozen=True, slots=True)
class RecipeGroup:
    """A line of group, without a password."""

    name: str
    gid: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Because:
    """A path, and why something is done with it."""

    path: str
    reason: str


@dataclass(frozen=True)
class Recipe:
    """All of it.

    ``emptied`` are directories whose content the scripts of packages make and the host's data takes the place of;
    ``removals`` are paths that go. ``directories`` and ``modes`` (files) get the host's owner and mode; ``files`` come
    from the context, and ``parents`` are the directories above them as on the host.
    ``capabilities`` are (path, text as setcap takes it). ``commands`` are (shell, reason), run at the end.
    ``compared`` says that it was held against what the base and the packages bring, and not against what the host's
    records tell of that.
    """

    base: Base
    packages: tuple[ChosenPackage, ...]
    accounts: tuple[RecipeAccount, ...] = ()
    groups: tuple[RecipeGroup, ...] = ()
    emptied: tuple[Because, ...] = ()
    removals: tuple[Because, ...] = ()
    links: tuple[PlannedFile, ...] = ()
    directories: tuple[PlannedFile, ...] = ()
    files: tuple[PlannedFile, ...] = ()
    parents: tuple[PlannedFile, ...] = ()
    modes: tuple[PlannedFile, ...] = ()
    capabilities: tuple[tuple[str, str], ...] = ()
    commands: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    compared: bool = False
