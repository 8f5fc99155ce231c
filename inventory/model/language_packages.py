"""Packages of programming languages, which the package manager of the system knows nothing of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from inventory.observation import Origin

Language = Literal["python", "ruby", "node", "java", "php", "perl"]


@dataclass(frozen=True, slots=True)
class LanguagePackage:
    """A package of ``language`` at ``path`` (its metadata, or the archive itself).

    ``version`` is "" where neither the name nor a metadata file has it; that of a Java archive comes from its name.
    ``place`` is the directory that it is installed in: a virtual environment's site-packages, the node_modules of an
    application. ``open``: a running process holds the file open (asked for Java archives).
    """

    language: Language
    name: str
    version: str
    place: str
    path: str
    open: bool
    origin: Origin


@dataclass(frozen=True, slots=True)
class Manifest:
    """A file in which an application names the packages it needs (requirements.txt, Gemfile.lock, composer.lock …)."""

    language: Language
    path: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class LanguagePackages:
    """``packages`` by language, place and name. ``manifests`` is None when the file systems were not searched."""

    packages: tuple[LanguagePackage, ...]
    manifests: tuple[Manifest, ...] | None
