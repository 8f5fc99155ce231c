"""The properties of a snapshot that only Windows hosts have. On other hosts all of it is Unknown."""

from __future__ import annotations

from typing import Any

from inventory.model.windows import (
    ComApplication,
    Domain,
    Dotnet,
    Drivers,
    Feature,
    HttpUrl,
    Iis,
    PortRange,
    RegistrySetting,
    Share,
    SqlInstance,
    StoredCertificate,
    WindowsDevice,
)
from inventory.observation import Observation


class WindowsFacts:
    """Base of :class:`inventory.snapshot.Snapshot`: sections of :mod:`inventory.sections.windows.windows_only`."""

    __slots__ = ()

    def observation(self, section: str) -> Observation[Any]:
        """The observation of ``section``."""
        raise NotImplementedError

    @property
    def domain(self) -> Observation[Domain]:
        """Section domain."""
        return self.observation("domain")

    @property
    def windows_features(self) -> Observation[tuple[Feature, ...]]:
        """Section windows_features."""
        return self.observation("windows_features")

    @property
    def iis(self) -> Observation[Iis]:
        """Section iis."""
        return self.observation("iis")

    @property
    def http_sys(self) -> Observation[tuple[HttpUrl, ...]]:
        """Section http_sys."""
        return self.observation("http_sys")

    @property
    def dotnet(self) -> Observation[tuple[Dotnet, ...]]:
        """Section dotnet."""
        return self.observation("dotnet")

    @property
    def sql_server(self) -> Observation[tuple[SqlInstance, ...]]:
        """Section sql_server."""
        return self.observation("sql_server")

    @property
    def shares(self) -> Observation[tuple[Share, ...]]:
        """Section shares."""
        return self.observation("shares")

    @property
    def port_exclusions(self) -> Observation[tuple[PortRange, ...]]:
        """Section port_exclusions."""
        return self.observation("port_exclusions")

    @property
    def drivers(self) -> Observation[Drivers]:
        """Section drivers."""
        return self.observation("drivers")

    @property
    def devices(self) -> Observation[tuple[WindowsDevice, ...]]:
        """Section devices."""
        return self.observation("devices")

    @property
    def certificate_stores(self) -> Observation[tuple[StoredCertificate, ...]]:
        """Section certificate_stores."""
        return self.observation("certificate_stores")

    @property
    def com_applications(self) -> Observation[tuple[ComApplication, ...]]:
        """Section com_applications."""
        return self.observation("com_applications")

    @property
    def windows_settings(self) -> Observation[tuple[RegistrySetting, ...]]:
        """Section windows_settings."""
        return self.observation("windows_settings")
