"""Application servers in Java, by the main class and the properties that their start scripts give it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from inventory.model.configuration import ConfigLine
from inventory.model.directories import Directory
from inventory.model.java import ApplicationServer, DeployedApplication, JavaProcess
from inventory.model.open_files import OpenFile
from inventory.model.packages import Packages
from inventory.model.processes import Process
from inventory.products.catalogue import products
from inventory.products.detection.product_configuration import unique
from inventory.products.detection.program_identity import package_of, upstream_version


class _ApplicationServerProduct(NamedTuple):
    kind: str
    mains: re.Pattern[str]
    homes: tuple[str, ...]
    bases: tuple[str, ...]
    folders: tuple[str, ...]
    """Directories of applications, beneath the base."""
    packages: tuple[str, ...]
    in_path: re.Pattern[str]
    """The version in a path."""


@cache
def _products() -> tuple[_ApplicationServerProduct, ...]:
    """By main class or archive. Homes and bases are names of system properties, or in capitals of the environment."""
    return tuple(
        _ApplicationServerProduct(
            table.kind or identifier,
            re.compile(table.main_class),
            table.homes,
            table.bases,
            table.folders,
            table.packages,
            re.compile(table.version_in_path),
        )
        for identifier, product in products().items()
        if (table := product.application_server) is not None
    )


_PROCESS_CONTROLLER, _HOST_CONTROLLER = "org.jboss.as.process-controller", "org.jboss.as.host-controller"
"""JBoss in domain mode has these two and one virtual machine for each server; the module is among the arguments."""

_PORT = re.compile(r"""(?i)(?<![\w])(?:\w+-)?(?:port|httpPort|listen-port)\s*[=>]\s*["']?\$?\{?(?:[\w.]+:)?(\d{2,5})""")
_DOC_BASE = re.compile(r"""(?i)docBase\s*=\s*["'](?P<path>[^"']+)["']""")
_ARCHIVE = re.compile(r"(?i)\.(?:war|ear|rar|jar|sar)(?:\.deployed)?$")


def application_servers(
    machines: Iterable[JavaProcess],
    processes: Mapping[int, Process],
    directories: Iterable[Directory],
    files: Iterable[OpenFile],
    lines: Iterable[ConfigLine],
    packages: Packages | None,
) -> tuple[ApplicationServer, ...]:
    """One for each virtual machine that runs one. Applications are those that were found beneath its base."""
    folders, opened, configured = list(directories), list(files), list(lines)
    found: list[ApplicationServer] = []
    for machine in machines:
        product = next((each for each in _products() if each.mains.fullmatch(machine.main)), None)
        if product is None or _PROCESS_CONTROLLER in machine.program_arguments:
            continue  # the latter only starts the servers of a domain
        environment = dict(processes[machine.pid].environment or ()) if machine.pid in processes else {}
        home = _named(product.homes, machine, environment) or _beside(machine)
        base = _in_domain(machine) or _named(product.bases, machine, environment)
        base = base or _usual_base(product.kind, home, machine, processes.get(machine.pid))
        applications = {
            each.path: each
            for each in (
                *_in_directories(product, base, folders),
                *_in_files(product, base, [file for file in opened if file.pid == machine.pid]),
                *_in_lines(base, configured),
            )
        }
        package = package_of(packages, None, *_packages(product, home, base))
        match = product.in_path.search(home) or product.in_path.search(base)
        version = match[1] if match else upstream_version(package.version) if package else ""
        ports = (_ports(line) for line in configured if _is_of(product.kind, base, line.path))
        found.append(
            ApplicationServer(
                kind=product.kind,
                name=_instance(product.kind, machine, base),
                version=version,
                home=home,
                base=base,
                pids=(machine.pid,),
                ports=unique(port for each in ports for port in each),
                applications=tuple(applications[path] for path in sorted(applications)),
                origin=machine.origin,
            )
        )
    return tuple(found)


def _named(names: tuple[str, ...], machine: JavaProcess, environment: Mapping[str, str]) -> str:
    values = (environment.get(name, "") if name.isupper() else machine.property(name) for name in names)
    return next((value.rstrip("/") for value in values if value), "")


def _beside(machine: JavaProcess) -> str:
    """The directory of the archive that was started, where it has one."""
    folder = machine.main.rpartition("/")[0] if machine.main.endswith(".jar") else ""
    return folder.removesuffix("/bin").removesuffix("/tools")


def _in_domain(machine: JavaProcess) -> str:
    """The base of a server of JBoss's domain mode, ``DOMAIN/servers/NAME``; "" of others.

    Only its data directory shows it: ``DOMAIN/servers/NAME/data``, or ``DOMAIN/data/servers/NAME`` where a domain
    groups directories by type. The property of the domain's own base may be set for its servers as well.
    """
    pieces = machine.property("jboss.server.data.dir").rstrip("/").split("/")
    if machine.property("jboss.server.base.dir") or len(pieces) < 4:
        return ""
    if pieces[-1] == "data" and pieces[-3] == "servers":
        return "/".join(pieces[:-1])
    if pieces[-3:-1] == ["data", "servers"]:
        return "/".join((*pieces[:-3], "servers", pieces[-1]))
    return ""


def _usual_base(kind: str, home: str, machine: JavaProcess, process: Process | None) -> str:
    working = (process.working_directory or "") if process else ""
    if kind == "jboss" and home:
        return f"{home}/domain" if _HOST_CONTROLLER in machine.program_arguments else f"{home}/standalone"
    if kind in ("weblogic", "jetty"):
        return working if working not in ("", "/") else home
    return home


def _packages(product: _ApplicationServerProduct, home: str, base: str) -> tuple[str, ...]:
    """The package named like the directory comes first: of Tomcat several versions may be installed."""
    own = [re.escape(folder.rpartition("/")[2]) for folder in (base, home) if folder.startswith(("/usr/", "/var/"))]
    return (*own, *product.packages)


def _instance(kind: str, machine: JavaProcess, base: str) -> str:
    if kind == "weblogic":
        return machine.property("weblogic.Name")
    if kind == "websphere" and machine.program_arguments:
        return machine.program_arguments[-1]  # configuration, cell, node, server
    if kind == "liberty" and machine.program_arguments:
        return machine.program_arguments[0]
    return base.rpartition("/")[2]


def _in_directories(
    product: _ApplicationServerProduct, base: str, directories: list[Directory]
) -> Iterator[DeployedApplication]:
    for folder in product.folders if base else ():
        top = f"{base}/{folder}/"
        for directory in directories:
            name = directory.path[len(top) :]
            if directory.path.startswith(top) and name and "/" not in name:
                yield DeployedApplication(name, directory.path, directory.origin)


def _in_files(product: _ApplicationServerProduct, base: str, files: list[OpenFile]) -> Iterator[DeployedApplication]:
    """Archives and exploded directories that the process has open files in."""
    for folder in product.folders if base else ():
        top = f"{base}/{folder}/"
        for file in files:
            if file.target.startswith(top):
                name = file.target[len(top) :].partition("/")[0]
                if "/" in file.target[len(top) :] or _ARCHIVE.search(name):
                    yield DeployedApplication(_ARCHIVE.sub("", name), top + name, file.origin)


def _in_lines(base: str, lines: list[ConfigLine]) -> Iterator[DeployedApplication]:
    """Contexts of Tomcat that lie elsewhere."""
    for line in lines:
        if _is_of("tomcat", base, line.path) and (match := _DOC_BASE.search(line.text)):
            path = match["path"] if match["path"].startswith("/") else f"{base}/webapps/{match['path']}"
            yield DeployedApplication(path.rstrip("/").rpartition("/")[2], path, line.origin)


def _is_of(kind: str, base: str, path: str) -> bool:
    """Whether a file configures the instance. Debian and Red Hat keep ``conf`` of Tomcat beneath /etc."""
    if not base or not path.endswith((".xml", ".ini")):
        return False
    name = base.rpartition("/")[2]
    roots = [f"{base}/conf/", f"{base}/configuration/", f"{base}/config/", f"{base}/start.d/", f"{base}/start.ini"]
    if kind in ("tomcat", "jetty") and name:
        roots.append(f"/etc/{name}/")
    return path.startswith(tuple(roots))


def _ports(line: ConfigLine) -> list[str]:
    return _PORT.findall(line.text)
