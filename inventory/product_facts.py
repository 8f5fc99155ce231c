"""The products that run on a host, as properties of a snapshot, computed from the answers of sections."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any, TypeVar

from inventory.cpu_limit import CpuLimitExceeded, limited
from inventory.model.certificates import Certificates, CertificateUse
from inventory.model.configuration import ConfigLine, Configuration
from inventory.model.databases import Database
from inventory.model.java import ApplicationServer, JavaProcess
from inventory.model.packages import Packages
from inventory.model.processes import Process
from inventory.model.web_servers import WebServer
from inventory.observation import Absent, Found, Gap, Observation, Unknown, value_or_none
from inventory.section import with_plain_words

PRODUCT_FACTS = ("web_servers", "java", "application_servers", "databases", "certificate_uses")
"""The names of these properties, in the order in which they are shown."""

_S = TypeVar("_S")
_T = TypeVar("_T")


def _in_time(find: Callable[[_S], Observation[_T]]) -> Callable[[_S], Observation[_T]]:
    """``find`` under the limit of CPU time: files of configuration are read again here, by the readers of products."""

    @wraps(find)
    def within(self: _S) -> Observation[_T]:
        try:
            return with_plain_words(limited(find, self))
        except CpuLimitExceeded as error:
            return Unknown(f"the configuration could not be read: {error}")

    return within


class ProductFacts:
    """Base of :class:`inventory.snapshot.Snapshot`. Nothing here asks the host; see
    :mod:`inventory.products.detection`.

    Each is Unknown when processes could not be read; other parts that could not be read are gaps. Absent: none was
    found.
    """

    __slots__ = ()

    def observation(self, section: str) -> Observation[Any]:
        """The observation of ``section``."""
        raise NotImplementedError

    def facts(self, name: str) -> Observation[Any]:
        """A section by its name, or one of SOFTWARE."""
        observation: Observation[Any] = getattr(self, name) if name in PRODUCT_FACTS else self.observation(name)
        return observation

    @cached_property
    @_in_time
    def web_servers(self) -> Observation[tuple[WebServer, ...]]:
        """Web servers and reverse proxies with their virtual hosts. IIS has its own section."""
        from inventory.products.detection.web_server_detection import web_servers
        from inventory.products.web_configuration.included_files import HostFiles

        processes = self._processes()
        if not isinstance(processes, Found):
            return processes
        configuration: Configuration | None = value_or_none(self.observation("configuration"))
        files = HostFiles(configuration.lines, configuration.whole_files) if configuration else HostFiles(())
        servers, gaps = web_servers(processes.value, files, self._packages())
        gaps = (*self._gaps("processes", "configuration"), *gaps)
        return _answer(servers, "no web server runs or is configured", gaps)

    @cached_property
    @_in_time
    def java(self) -> Observation[tuple[JavaProcess, ...]]:
        """Java virtual machines that run."""
        from inventory.products.detection.java_detection import java_processes

        processes = self._processes()
        if not isinstance(processes, Found):
            return processes
        mapped = value_or_none(self.observation("libraries")) or ()
        files = value_or_none(self.observation("open_files")) or ()
        machines = java_processes(processes.value, mapped, files, self._packages())
        return _answer(machines, "no Java runs", self._gaps("processes", "libraries"))

    @cached_property
    @_in_time
    def application_servers(self) -> Observation[tuple[ApplicationServer, ...]]:
        """Programs that others' applications run in."""
        from inventory.products.detection.application_server_detection import application_servers
        from inventory.products.detection.script_server_detection import script_servers

        processes = self._processes()
        if not isinstance(processes, Found):
            return processes
        servers = application_servers(
            self._machines(),
            {process.pid: process for process in processes.value},
            value_or_none(self.observation("directories")) or (),
            value_or_none(self.observation("open_files")) or (),
            self._lines(),
            self._packages(),
        )
        others = script_servers(processes.value, self._lines(), self._packages())
        gaps = self._gaps("processes", "configuration", "directories")
        return _answer((*servers, *others), "no application server runs", gaps)

    @cached_property
    @_in_time
    def databases(self) -> Observation[tuple[Database, ...]]:
        """Databases with the places of their data. SQL Server on Windows has its own section."""
        from inventory.products.detection.data_sizes import measure
        from inventory.products.detection.database_detection import databases
        from inventory.products.detection.process_ports import ports_of

        processes = self._processes()
        if not isinstance(processes, Found):
            return processes
        files = value_or_none(self.observation("open_files")) or ()
        found = databases(
            processes.value,
            self._machines(),
            files,
            self._lines(),
            self._packages(),
            ports_of(value_or_none(self.observation("sockets")), files),
            measure(value_or_none(self.observation("mounts")), value_or_none(self.observation("sizes")) or ()),
        )
        gaps = self._gaps("processes", "open_files", "configuration")
        return _answer(found, "no database runs", gaps)

    @cached_property
    @_in_time
    def certificate_uses(self) -> Observation[tuple[CertificateUse, ...]]:
        """Lines of configuration that name a certificate's file, and so the services that use it."""
        from inventory.products.detection.certificate_references import certificate_uses

        certificates: Observation[Certificates] = self.observation("certificates")
        if not isinstance(certificates, Found):
            return certificates
        servers = self.web_servers
        named = servers.value if isinstance(servers, Found) else ()
        uses = certificate_uses(certificates.value.certificates, self._lines(), named)
        gaps = (*certificates.gaps, *self._gaps("configuration"))
        return _answer(uses, "no configuration that was read names a certificate", gaps)

    def _processes(self) -> Observation[tuple[Process, ...]]:
        return self.observation("processes")

    def _machines(self) -> tuple[JavaProcess, ...]:
        java = self.java
        return java.value if isinstance(java, Found) else ()

    def _lines(self) -> tuple[ConfigLine, ...]:
        configuration: Configuration | None = value_or_none(self.observation("configuration"))
        return configuration.lines if configuration else ()

    def _packages(self) -> Packages | None:
        packages: Packages | None = value_or_none(self.observation("packages"))
        return packages

    def _gaps(self, *sections: str) -> tuple[Gap, ...]:
        """The gaps of ``sections``. An Absent section has none."""
        gaps: list[Gap] = []
        for name in sections:
            observation = self.observation(name)
            if isinstance(observation, Found):
                gaps += observation.gaps
            elif not isinstance(observation, Absent):
                gaps.append(Gap(f"section {name}", observation.reason))
        return tuple(gaps)


def _answer(facts: tuple[Any, ...], none: str, gaps: tuple[Gap, ...]) -> Observation[Any]:
    """Found when there are any or some may have been overlooked."""
    return Found(facts, gaps) if facts or gaps else Absent(none)
