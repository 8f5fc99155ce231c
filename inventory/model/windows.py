"""Facts that only Windows has. Where a fact means the same on every platform, its model is that of the section."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class Feature:
    """An installed role, feature or component.

    ``kind`` is ``optional`` (a name of DISM, ``IIS-WebServerRole``), ``role`` (``name`` is the language of the host,
    ``number`` the ID of Win32_ServerFeature), ``component`` (a name of Server Manager, ``AD-Domain-Services``) or
    ``subcomponent`` (Server 2003, ``dns``).
    """

    name: str
    kind: str
    number: int | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class Dotnet:
    """An installed version of .NET. ``family`` is ``framework``, or the shared framework (``Microsoft.NETCore.App``).

    ``release`` is the number that distinguishes versions from 4.5 on; ``version`` is the common name.
    """

    family: str
    version: str
    release: int | None
    service_pack: int | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class IisBinding:
    """An address where an IIS site listens. ``host`` is the host header, "" for any; ``address`` ``*`` for any.
    ``port`` is None for protocols without one (net.pipe), whose binding is then ``text``.
    """

    protocol: str
    address: str
    port: int | None
    host: str
    text: str


@dataclass(frozen=True, slots=True)
class IisApplication:
    """An application of a site and its virtual directories: (path below the application, physical path)."""

    path: str
    pool: str
    directories: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class IisSite:
    """A site of IIS with its bindings and applications. ``starts``: it starts with the server."""

    name: str
    number: int
    starts: bool
    bindings: tuple[IisBinding, ...]
    applications: tuple[IisApplication, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class IisPool:
    """An application pool. ``runtime`` is the CLR's (``v4.0``; "" for none); ``identity`` its kind or user."""

    name: str
    runtime: str
    pipeline: str
    identity: str
    bits32: bool
    origin: Origin


@dataclass(frozen=True, slots=True)
class Iis:
    """IIS. ``version`` is ``10.0``."""

    version: str
    sites: tuple[IisSite, ...]
    pools: tuple[IisPool, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Driver:
    """A driver of the kernel. ``kind`` is ``Kernel Driver`` or ``File System Driver`` in the language of WMI."""

    name: str
    description: str
    path: str
    kind: str
    running: bool
    start: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Filter:
    """A file system filter that is loaded. ``altitude`` is its group (Microsoft's list of altitudes)."""

    name: str
    altitude: str
    instances: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class Drivers:
    """Drivers, and filters; ``filters`` is None when only an administrator could see them."""

    drivers: tuple[Driver, ...]
    filters: tuple[Filter, ...] | None


@dataclass(frozen=True, slots=True)
class Domain:
    """Membership. ``role`` is DomainRole of Win32_ComputerSystem (0, 1 workstation; 2, 3 server; 4, 5 domain
    controller; the even one of the first two pairs stands alone), None when WMI did not report it; ``product`` is
    WinNT, ServerNT or LanmanNT (a domain controller).
    """

    name: str
    member: bool
    role: int | None
    product: str
    origin: Origin

    @property
    def controller(self) -> bool:
        """Whether it is a domain controller."""
        return self.role in (4, 5) or self.product.lower() == "lanmannt"


@dataclass(frozen=True, slots=True)
class SqlInstance:
    """An instance of SQL Server. ``kind`` is ``SQL`` (engine), ``OLAP`` (analysis) or ``RS`` (reporting).

    ``port`` is the configured TCP port, ``dynamic_port`` the one that was chosen at the last start.
    """

    name: str
    identifier: str
    kind: str
    version: str
    edition: str
    data_directory: str
    port: str
    dynamic_port: str
    mixed_login: bool | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class WindowsDevice:
    """A device that ties a host to its hardware. ``kind`` is ``serial``, ``usb`` or ``display``."""

    kind: str
    name: str
    identifier: str
    manufacturer: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class StoredCertificate:
    """A certificate of the machine's stores. Times are seconds since the epoch (UTC); never a key, only whether there
    is one on the host. ``names`` are its DNS names.
    """

    store: str
    subject: str
    issuer: str
    thumbprint: str
    not_before: float
    not_after: float
    names: tuple[str, ...]
    has_key: bool
    origin: Origin


@dataclass(frozen=True, slots=True)
class PortRange:
    """Ports that programs cannot bind (``excluded``), or that are given out for connections (``dynamic``).

    ``administered``: an administrator reserved it; else a service (Hyper-V, winnat) did at its start.
    """

    kind: str
    protocol: str
    first: int
    last: int
    administered: bool
    origin: Origin


@dataclass(frozen=True, slots=True)
class Share:
    r"""A directory or printer that is served, or (``kind`` is ``mapped``) a network drive that is used.

    ``path`` is local; of a mapped drive it is the other side (``\\server\share``).
    """

    name: str
    kind: str
    path: str
    description: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class HttpUrl:
    """A URL of http.sys. ``kind`` is ``reserved`` (may be registered), ``registered`` (served now, by ``pids``) or
    ``certificate`` (an address with its certificate's hash in ``certificate``).
    """

    kind: str
    url: str
    pids: tuple[int, ...]
    certificate: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class RegistrySetting:
    """A value of the registry. ``topic`` is why it was asked for (``msmq``); ``name`` is "" for a key itself."""

    topic: str
    key: str
    name: str
    value: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class ComApplication:
    """A COM application that runs in a separate process. ``host`` is its service, surrogate or ``COM+``."""

    identifier: str
    name: str
    host: str
    account: str
    origin: Origin
