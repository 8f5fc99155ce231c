"""Find the init script that started a tree of processes, when no cgroup names a unit."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from assess.workloads.init_scripts import read_script, run_path
from assess.workloads.package_owners import PackageOwners
from assess.workloads.program import is_shell, program_of
from inventory.model.processes import Process
from inventory.model.services import Service, Services

# How sure a link is. Trees with the same owner by PID_FILE are one workload; below it the owner only gives its name.
PID_FILE, NAMED_SCRIPT, NAMED_ARGUMENT, NAMED_EXECUTABLE, SAME_NAME, SAME_PACKAGE = 100, 80, 70, 60, 50, 40


@dataclass(frozen=True, slots=True)
class Owner:
    """A service that a tree belongs to, how sure that is, and why, in words."""

    service: Service
    sureness: int
    reason: str


def kind_of(service: Service) -> str:
    """Return the kind of a service that is started by ``manager``, in words."""
    kinds = {"systemd": "unit", "sysv": "init script", "upstart": "upstart job", "inittab": "inittab entry"}
    return kinds.get(service.manager, f"{service.manager} entry")


def _may_own(service: Service) -> bool:
    return service.manager not in ("inetd", "xinetd")


class Owners:
    """Finds the owner of a tree among the services of a host without systemd (or outside of its units)."""

    def __init__(self, services: Services | None, packages: PackageOwners) -> None:
        self.services = services
        # What inetd runs is known by its parent; its entries name programs that also run without it.
        self._services = tuple(each for each in services.services if _may_own(each)) if services else ()
        self._packages = packages
        self._pid_files: dict[int, list[str]] = {}
        for file in services.pid_files if services else ():
            self._pid_files.setdefault(file.pid, []).append(run_path(file.path))
        self._by_pid: dict[int, Service] = {}
        self._by_path: dict[str, list[Service]] = {}
        self._by_name: dict[str, Service] = {}
        for service in self._services:
            if service.manager == "systemd":
                continue
            self._by_name.setdefault(service.name, service)
            for pid in service.pids:
                self._by_pid.setdefault(pid, service)
            for path in read_script(service.text).paths:
                self._by_path.setdefault(path, []).append(service)
        self._by_package = self._services_by_package()

    def owner_of(self, tree: Iterable[Process]) -> Owner | None:
        """The service that most surely started ``tree``; None when nothing ties it to one."""
        processes = tuple(tree)
        traces = self._traces(processes)
        for pid in sorted(traces.pids):
            if (service := self._by_pid.get(pid)) is not None:
                return Owner(service, PID_FILE, f"the pid file of {kind_of(service)} {service.name} names its process")
        for sureness, shown, reason in (
            (PID_FILE, traces.pid_files, "writes the pid file"),
            (NAMED_SCRIPT, traces.scripts, "names the program"),
            (NAMED_ARGUMENT, traces.arguments, "names the argument"),
            (NAMED_EXECUTABLE, traces.executables, "names the executable"),
        ):
            ties = [(service, path) for path in sorted(shown) for service in self._by_path.get(path, ())]
            if ties:
                # Of several scripts that are as sure, the one of the program's own name.
                service, path = next((tie for tie in ties if tie[0].name in traces.names), ties[0])
                return Owner(service, sureness, f"{kind_of(service)} {service.name} {reason} {path}")
        for path in sorted(traces.pid_files):
            if service := self._by_name.get(posixpath.basename(path).removesuffix(".pid")):
                reason = f"its pid file {path} has the name of {kind_of(service)} {service.name}"
                return Owner(service, SAME_NAME, reason)
        for name in sorted(traces.names):
            if service := self._by_name.get(name):
                return Owner(service, SAME_NAME, f"the program has the name of {kind_of(service)} {name}")
        return self._by_owning_package(processes)

    def _traces(self, processes: tuple[Process, ...]) -> _Traces:
        traces = _Traces()
        for process in processes:
            program = program_of(process)
            traces.pids.add(process.pid)
            traces.names.add(program.name)
            traces.pid_files.update(self._pid_files.get(process.pid, ()))
            traces.arguments.update(_paths_in_arguments(process))
            if program.script.startswith("/"):
                traces.scripts.add(program.script)
            elif not program.script and not is_shell(process) and program.executable.startswith("/"):
                traces.executables.add(program.executable)
        return traces

    def _by_owning_package(self, processes: tuple[Process, ...]) -> Owner | None:
        for process in processes:
            path = program_of(process).script or process.executable or ""
            package = self._packages.owner_of(path) if path.startswith("/") else None
            if package is None:
                continue
            service = self._service_of_package(package)
            if service is not None:
                reason = f"{package} owns {path} and belongs with {kind_of(service)} {service.name}"
                return Owner(service, SAME_PACKAGE, reason)
        return None

    def _service_of_package(self, package: str) -> Service | None:
        """The one service of the package itself, of the package it is a part of, or of its source package.

        apache2-bin has no init script, apache2 has; both come from the source apache2.
        """
        candidates = self._by_package.get(package, ())
        if not candidates:
            related = [
                name
                for name in self._by_package
                if package.startswith(name + "-")
                and self._packages.source_of(name) == self._packages.source_of(package)
            ]
            candidates = self._by_package[max(related, key=len)] if related else ()
        if not candidates:
            source = self._packages.source_of(package)
            candidates = tuple(
                service
                for name, services in self._by_package.items()
                if source is not None and self._packages.source_of(name) == source
                for service in services
            )
        names = {service.name for service in candidates}
        if len(names) == 1:
            return candidates[0]
        return next((each for each in candidates if each.name == package), None)

    def _services_by_package(self) -> Mapping[str, tuple[Service, ...]]:
        by_package: dict[str, list[Service]] = {}
        for service in self._services:
            package = self._packages.owner_of(service.path) if service.path else None
            if package:
                by_package.setdefault(package, []).append(service)
        return {package: tuple(services) for package, services in by_package.items()}


@dataclass(slots=True)
class _Traces:
    """The facts of a tree of processes that an init script may also name."""

    pids: set[int] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    pid_files: set[str] = field(default_factory=set)
    scripts: set[str] = field(default_factory=set)
    arguments: set[str] = field(default_factory=set)
    executables: set[str] = field(default_factory=set)


# Directories and interpreters that half of all scripts name; sharing one ties nothing to anything.
_EVERYBODY = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/dev/", "/proc/", "/lib/", "/etc/init.d/", "/lib/lsb/")


def _paths_in_arguments(process: Process) -> Iterable[str]:
    for argument in process.arguments[1:]:
        for word in argument.replace("=", " ").replace(":", " ").replace(",", " ").split():
            path = run_path(word)
            if path.startswith("/") and path.count("/") >= 2 and not path.startswith(_EVERYBODY):
                yield path
