"""The base image that a Windows workload needs, and the isolation in which a container host runs it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from assess.knowledge.windows_catalogue import (
    WindowsComponent,
    WindowsRelease,
    components_of_program,
    matches,
    windows_components,
    windows_images,
)
from assess.model import Evidence, Target, Workload
from assess.subjects.host_facts import HostFacts
from assess.subjects.windows_host import pool_of, programs, settings, slashed
from assess.workloads.program import interpreter_of

ImageFamily = Literal["nanoserver", "servercore", "full"]

_BUILD = re.compile(r"(?:\d{1,2}\.\d{1,2}\.)?(?P<build>\d{4,5})(?:\.\d+)?", re.ASCII)
# Programs of which the makers publish images on nanoserver.
_ON_NANOSERVER = {"dotnet.exe": ".NET", "java.exe": "Java", "javaw.exe": "Java"}


@dataclass(frozen=True, slots=True)
class ImageNeed:
    """The smallest base image for a workload. ``why`` is a clause; ``perhaps_full`` are what the host has that needs
    the image with the whole API, where it cannot be seen which workload uses it.
    """

    family: ImageFamily
    why: str
    framework: bool
    evidence: tuple[Evidence, ...]
    perhaps_full: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImageChoice:
    """An image for a target. ``isolation`` is how the target's kernel runs it."""

    image: str
    release: WindowsRelease
    isolation: Literal["process", "Hyper-V"]


def build_of(release: str) -> int | None:
    """The build in ``10.0.17763.5830``, ``10.0.17763`` or ``17763``; None when there is none."""
    match = _BUILD.fullmatch(release)
    return int(match["build"]) if match else None


def target_build(target: Target) -> int | None:
    """The build of a container host that runs Windows, None when it is not known."""
    return build_of(target.os_build or target.kernel_release)


def thirty_two_bit(host: HostFacts, workload: Workload) -> Evidence | None:
    """Return the evidence that a workload runs 32-bit programs on a 64-bit Windows; None when there is none."""
    if (pool := pool_of(host, workload)) is not None and pool.bits32:
        return Evidence(f"application pool {pool.name} runs 32-bit applications", pool.origin)
    for process in workload.processes:
        path = slashed(process.executable or "")
        if "/program files (x86)/" in path or "/syswow64/" in path:
            return Evidence(f"process {process.pid} runs {process.executable}", process.origin)
    return None


def need_of(host: HostFacts, workload: Workload) -> ImageNeed:
    """The base image that a workload needs, as far as its processes and the host's programs show it."""
    main = workload.main
    runs = Evidence(f"process {main.pid} runs {main.executable or main.name}", main.origin)
    perhaps = _perhaps_full(host)
    pool = pool_of(host, workload)
    if main.name.lower() == "w3wp.exe" or pool is not None:
        evidence = Evidence(f"application pool {pool.name} of IIS", pool.origin) if pool else runs
        return ImageNeed("servercore", "IIS is in no smaller image", bool(pool and pool.runtime), (evidence,), perhaps)
    if (bits := thirty_two_bit(host, workload)) is not None:
        return ImageNeed("servercore", "nanoserver runs no 32-bit programs", False, (bits,), perhaps)
    name = main.name.lower()
    if name in _ON_NANOSERVER or interpreter_of(slashed(main.executable or "")) == "java":
        what = _ON_NANOSERVER.get(name, "Java")
        return ImageNeed("nanoserver", f"{what} runs on the smallest image", False, (runs,))
    return ImageNeed(
        "servercore", "a program of Windows finds its API and its service manager there", False, (runs,), perhaps
    )


def choose(build: int, need: ImageNeed) -> ImageChoice | None:
    """The newest image that a host of this build runs, in process isolation where it can; None when there is none."""
    table = windows_images()
    families = [need.family] if need.family == "full" else [need.family, "servercore"]
    for family in dict.fromkeys(families):
        own = [each for each in table.releases if each.tag in table.process.get(build, ()) and family in each.images]
        if own:
            return ImageChoice(_image(own[-1], family, need), own[-1], "process")
        older = [each for each in table.releases if each.build <= build and family in each.images]
        if older:
            return ImageChoice(_image(older[-1], family, need), older[-1], "Hyper-V")
    return None


def _image(release: WindowsRelease, family: str, need: ImageNeed) -> str:
    if need.framework:
        return f"dotnet/framework/aspnet:{release.framework}-windowsservercore-{release.tag}"
    return f"{release.images[family]}:{release.tag}"


def components_of(host: HostFacts) -> tuple[tuple[WindowsComponent, Evidence], ...]:
    """Installed programs that a base image lacks (:func:`assess.knowledge.windows_catalogue.windows_components`)."""
    return tuple(
        (component, Evidence(f"{package.name} {package.version} is installed", package.origin))
        for package in programs(host)
        for component in components_of_program(package.name)
    )


def queues_of(host: HostFacts) -> tuple[tuple[str, Evidence], ...]:
    """Printers that did not come with Windows, by name."""
    found = []
    for key in settings(host, "printers"):
        name = key.key.rpartition("\\")[2]
        if not matches(name, windows_components().printers):
            found.append((name, Evidence(f"printer {name} is set up", key.origin)))
    return tuple(found)


def _perhaps_full(host: HostFacts) -> tuple[str, ...]:
    names = [component.name for component, _ in components_of(host) if component.image == "full"]
    if queues_of(host):
        names.append("printing")
    return tuple(dict.fromkeys(names))
