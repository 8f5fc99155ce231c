"""Windows base images, roles, products and components."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from assess.knowledge.data_files import data_toml
from assess.model import Severity


@dataclass(frozen=True, slots=True)
class WindowsRelease:
    """A release of Windows Server that has images. ``images`` maps ``servercore``, ``nanoserver`` and ``full`` to the
    image's name; ``framework`` is the version of the .NET Framework that its images have or can have.
    """

    build: int
    name: str
    tag: str
    images: Mapping[str, str]
    framework: str


@dataclass(frozen=True, slots=True)
class WindowsImages:
    """``releases`` are in the order of their builds; ``process`` the tags that a build runs in process isolation."""

    releases: tuple[WindowsRelease, ...]
    process: Mapping[int, tuple[str, ...]]


@lru_cache(maxsize=1)
def windows_images() -> WindowsImages:
    """The table of base images (``windows_images.toml``)."""
    table = data_toml("windows_images.toml")
    releases = tuple(
        WindowsRelease(each["build"], each["name"], each["tag"], each["images"], each["framework"])
        for each in table["release"]
    )
    return WindowsImages(releases, {int(build): tuple(tags) for build, tags in table["process"].items()})


@dataclass(frozen=True, slots=True)
class WindowsRole:
    """A role of the server, or a product. ``severity`` is for the workload that is it; names are in small letters."""

    name: str
    services: tuple[str, ...]
    features: frozenset[str | int]
    packages: tuple[str, ...]
    severity: Severity
    instead: str


@lru_cache(maxsize=1)
def windows_roles() -> tuple[WindowsRole, ...]:
    """Roles of Windows Server (``windows_roles.toml``)."""
    return _roles("role")


@lru_cache(maxsize=1)
def windows_products() -> tuple[WindowsRole, ...]:
    """Products that are not supported in containers (``windows_roles.toml``)."""
    return _roles("product")


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


def _roles(kind: str) -> tuple[WindowsRole, ...]:
    return tuple(
        WindowsRole(
            name=each["name"],
            services=tuple(each["services"]),
            features=frozenset(each.get("features", ())),
            packages=tuple(each.get("packages", ())),
            severity=Severity(each["severity"]),
            instead=each["instead"],
        )
        for each in data_toml("windows_roles.toml")[kind]
    )


@dataclass(frozen=True, slots=True)
class WindowsComponent:
    """Programs or drivers of one kind. ``image`` is the smallest base image that holds it, "" for a driver."""

    name: str
    patterns: tuple[str, ...]
    severity: Severity
    instead: str
    image: str = ""


@dataclass(frozen=True, slots=True)
class WindowsComponents:
    """The table ``windows_components.toml``. The last four are patterns of what comes with Windows."""

    components: tuple[WindowsComponent, ...]
    drivers: tuple[WindowsComponent, ...]
    filters: tuple[str, ...]
    printers: tuple[str, ...]
    event_logs: frozenset[str]
    vendors: frozenset[str]


@lru_cache(maxsize=1)
def windows_components() -> WindowsComponents:
    """Parts that base images lack, drivers, and what comes with every Windows."""
    table = data_toml("windows_components.toml")
    return WindowsComponents(
        components=tuple(
            WindowsComponent(
                each["name"], tuple(each["packages"]), Severity(each["severity"]), each["instead"], each["image"]
            )
            for each in table["component"]
        ),
        drivers=tuple(
            WindowsComponent(each["name"], tuple(each["drivers"]), Severity(each["severity"]), each["instead"])
            for each in table["driver"]
        ),
        filters=tuple(table["filters"]),
        printers=tuple(table["printers"]),
        event_logs=frozenset(table["event_logs"]),
        vendors=frozenset(table["vendors"]),
    )


@lru_cache(maxsize=16384)
def components_of_program(name: str) -> tuple[WindowsComponent, ...]:
    """The parts that an installed program is."""
    return tuple(each for each in windows_components().components if matches(name, each.patterns))


@lru_cache(maxsize=16384)
def kind_of_driver(name: str) -> WindowsComponent | None:
    """Return the kind of a driver or file system filter, None when the table does not list it."""
    return next((each for each in windows_components().drivers if matches(name, each.patterns)), None)


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Whether a name, in whatever case, is one of ``patterns``."""
    small = name.lower()
    return any(fnmatchcase(small, pattern) for pattern in patterns)
