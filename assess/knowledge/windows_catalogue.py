"""Windows base images, roles, products and components."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import lru_cache

import msgspec

from assess.knowledge.data_files import KnowledgeTable, data_toml, read_table
from assess.model import Severity


class WindowsRelease(KnowledgeTable, frozen=True):
    """A release of Windows Server that has images. ``images`` maps ``servercore``, ``nanoserver`` and ``full`` to the
    image's name; ``framework`` is the version of the .NET Framework that its images have or can have.
    """

    build: int
    name: str
    tag: str
    images: dict[str, str]
    framework: str


class WindowsImages(KnowledgeTable, frozen=True):
    """``releases`` are in the order of their builds; ``process`` the tags that a build runs in process isolation."""

    releases: tuple[WindowsRelease, ...] = msgspec.field(name="release")
    process: dict[int, tuple[str, ...]]


@lru_cache(maxsize=1)
def windows_images() -> WindowsImages:
    """The table of base images."""
    return msgspec.convert(data_toml("windows_images.toml"), WindowsImages, strict=False)


class WindowsRole(KnowledgeTable, frozen=True):
    """A role of the server, or a product. ``severity`` is for the workload that is it; names are in small letters."""

    name: str
    services: tuple[str, ...]
    severity: Severity
    instead: str
    features: frozenset[str | int] = frozenset()
    packages: tuple[str, ...] = ()


class _Roles(KnowledgeTable, frozen=True):
    role: tuple[WindowsRole, ...]
    product: tuple[WindowsRole, ...]


def windows_roles() -> tuple[WindowsRole, ...]:
    """Roles of Windows Server (``windows_roles.toml``)."""
    return read_table("windows_roles.toml", _Roles).role


def windows_products() -> tuple[WindowsRole, ...]:
    """Products that are not supported in containers (``windows_roles.toml``)."""
    return read_table("windows_roles.toml", _Roles).product


@lru_cache(maxsize=16384)
def roles_of_service(service: str) -> tuple[WindowsRole, ...]:
    """The roles that a Windows service belongs to."""
    return tuple(role for role in windows_roles() if matches(service, role.services))


@lru_cache(maxsize=16384)
def products_of_service(service: str) -> tuple[WindowsRole, ...]:
    """The products that a Windows service belongs to."""
    return tuple(product for product in windows_products() if matches(service, product.services))


@lru_cache(maxsize=16384)
def products_of_program(name: str) -> tuple[WindowsRole, ...]:
    """The products that an installed program belongs to."""
    return tuple(product for product in windows_products() if matches(name, product.packages))


class WindowsComponent(KnowledgeTable, frozen=True):
    """Programs of one kind, with the smallest base image that holds them."""

    name: str
    packages: tuple[str, ...]
    severity: Severity
    instead: str
    image: str


class KnownDriver(KnowledgeTable, frozen=True):
    """Drivers of one kind."""

    name: str
    drivers: tuple[str, ...]
    severity: Severity
    instead: str


class WindowsComponents(KnowledgeTable, frozen=True):
    """The table ``windows_components.toml``. The last four are patterns of what comes with Windows."""

    component: tuple[WindowsComponent, ...]
    driver: tuple[KnownDriver, ...]
    filters: tuple[str, ...]
    printers: tuple[str, ...]
    event_logs: frozenset[str]
    vendors: frozenset[str]


def windows_components() -> WindowsComponents:
    """Parts that base images lack, drivers, and what comes with every Windows."""
    return read_table("windows_components.toml", WindowsComponents)


@lru_cache(maxsize=16384)
def components_of_program(name: str) -> tuple[WindowsComponent, ...]:
    """The parts that an installed program is."""
    return tuple(each for each in windows_components().component if matches(name, each.packages))


@lru_cache(maxsize=16384)
def kind_of_driver(name: str) -> KnownDriver | None:
    """Return the kind of a driver or file system filter, None when the table does not list it."""
    return next((each for each in windows_components().driver if matches(name, each.drivers)), None)


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Whether a name, in whatever case, is one of ``patterns``."""
    small = name.lower()
    return any(fnmatchcase(small, pattern) for pattern in patterns)
