"""Windows hosts for rules: made by hand from what their sections say, and the one that Wine answered for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from inventory.model.processes import Process
from inventory.model.services import Service
from inventory.model.sockets import Listener
from inventory.model.system import Distribution
from inventory.model.windows import (
    Domain,
    Drivers,
    HttpUrl,
    Iis,
    IisApplication,
    IisBinding,
    IisPool,
    IisSite,
    RegistrySetting,
)
from inventory.observation import Found, Gap, Observation, value_or_none
from inventory.platforms import Platform
from inventory.recording import SectionRecording
from inventory.sections import SECTIONS
from inventory.snapshot import Snapshot
from tests.support.snapshots import TAKEN, HostBuilder, origin

RECORDED = Path(__file__).parents[1] / "fixtures" / "windows" / "wine01"


def wine() -> Snapshot:
    """The recorded host of Wine."""
    observations: dict[str, Observation[Any]] = {}
    for section in SECTIONS:
        file = RECORDED / f"{section.name}.txt"
        if file.exists():
            recording = SectionRecording.from_text(section.name, file.read_bytes())
            observations[section.name] = section.observe(recording, Platform.WINDOWS)
    return Snapshot("wine01", "127.0.0.1", (), Platform.WINDOWS, TAKEN, "partial", "", observations)


class WindowsHost(HostBuilder):
    """A Windows Server 2019 in a workgroup, with nothing on it. ``found`` gives the answer of a section."""

    def __init__(self, name: str = "win01", *, release: str = "10.0.17763.5830", edition: str = "Server 2019") -> None:
        super().__init__(name, platform="windows")
        self.release, self.edition = release, edition
        for section in ("windows_features", "http_sys", "dotnet", "sql_server", "shares", "devices"):
            self.found(section, ())
        for section in ("certificate_stores", "com_applications", "windows_settings"):
            self.found(section, ())
        self.found("iis", Iis("10.0", (), (), origin("iis")))
        self.found("domain", Domain("WORKGROUP", False, 2, "ServerNT", origin("domain")))
        self.found("drivers", Drivers((), ()))
        self.found("port_exclusions", ())

    def found(self, section: str, value: object, *gaps: Gap) -> None:
        self.overrides[section] = Found(value, gaps)

    def run(self, pid: int, path: str, *arguments: str, account: str = "", session: int = 0) -> Process:
        return self.process(
            pid,
            path,
            *arguments,
            ppid=4,
            name=path.rpartition("\\")[2],
            uid=-1,
            session=session,
            account=account,
            environment=None,
        )

    def service(self, name: str, pid: int = 0, *, state: str = "", **properties: str) -> Service:
        """A service; it is active with a process and else inactive."""
        service = Service(
            name,
            "windows",
            "",
            f"The {name}",
            state or ("active" if pid else "inactive"),
            True,
            (pid,) if pid else (),
            tuple(properties.items()),
            "",
            origin("services", len(self.services) + 1),
        )
        self.services.append(service)
        return service

    def shop(self, path: str = "D:\\Shop\\ShopServer.exe", name: str = "Shop", **properties: str) -> Process:
        """A service with its process, 700."""
        self.service(name, 700, **properties)
        return self.run(700, path)

    def port(self, process: Process, port: int, address: str = "0.0.0.0") -> None:
        self.listeners.append(Listener("tcp", address, port, -1, process.pid, origin("sockets")))

    def pool(self, name: str, *sites: IisSite, version: str = "10.0", pid: int = 800, **more: Any) -> IisPool:
        """A pool of IIS with a worker process."""
        pool = IisPool(name, "v4.0", "Integrated", "ApplicationPoolIdentity", False, origin("iis", 3))
        pool = replace(pool, **more)
        iis = value_or_none(self.overrides["iis"])
        known = (iis.sites, iis.pools) if iis else ((), ())
        self.found("iis", Iis(version, (*known[0], *sites), (*known[1], pool), origin("iis")))
        self.run(pid, "C:\\Windows\\System32\\inetsrv\\w3wp.exe", "-ap", name)
        return pool

    def settings(self, topic: str, key: str = "", **values: str) -> None:
        known = value_or_none(self.overrides["windows_settings"]) or ()
        added = [RegistrySetting(topic, key, name, value, origin("windows_settings")) for name, value in values.items()]
        if not values:
            added = [RegistrySetting(topic, key, "", "", origin("windows_settings"))]
        self.found("windows_settings", (*known, *added))

    def build(self, status: Any = "complete", reason: str = "") -> Snapshot:
        snapshot = super().build(status, reason)
        kernel, system = value_or_none(snapshot.kernel), value_or_none(snapshot.system)
        assert kernel is not None
        assert system is not None
        made = {
            "kernel": Found(replace(kernel, name="Windows NT", release=self.release)),
            "system": Found(
                replace(
                    system,
                    distribution=Distribution(
                        "windows",
                        self.release.rpartition(".")[0],
                        f"Windows {self.edition}",
                        (),
                        "",
                        origin("system"),
                    ),
                )
            ),
        }
        kept = {name: each for name, each in made.items() if name not in self.overrides}
        return replace(snapshot, observations={**snapshot.observations, **kept})


def site(name: str, pool: str, *bindings: str, path: str = "D:\\Web", starts: bool = True) -> IisSite:
    """A site; a binding is ``http *:80:shop.example``."""
    made = []
    for each in bindings or ("http *:80:",):
        protocol, _, text = each.partition(" ")
        address, port, host = text.split(":", 2)
        made.append(IisBinding(protocol, address, int(port), host, text))
    return IisSite(name, 1, starts, tuple(made), (IisApplication("/", pool, (("/", path),)),), origin("iis", 2))


def url(text: str, *pids: int, kind: str = "registered", certificate: str = "") -> HttpUrl:
    return HttpUrl(kind, text, pids, certificate, origin("http_sys"))
