r"""Questions that several rules ask of Windows workloads: service, pool, account, and the folder of the program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from assess.model import Evidence, Workload
from assess.rule import Undecided
from assess.subjects.host_facts import HostFacts
from inventory.model.packages import Package
from inventory.model.windows import IisPool, IisSite, RegistrySetting
from inventory.observation import Found, Observation, value_or_none

_POOL = "entry:IIS:"
_SYSTEM_FOLDERS = ("c:/windows/", "%systemroot%/", "%windir%/", "/systemroot/", "system32/")
# Folders that are shared by many programs, so that files next to a program there are not its own.
_SHARED_FOLDERS = frozenset({
    "c:", "c:/program files", "c:/program files (x86)", "c:/programdata", "c:/program files/common files",
    "c:/program files (x86)/common files",
})  # fmt: skip
_BUILT_IN = frozenset({
    "localsystem", "local system", "system", "localservice", "local service", "networkservice", "network service",
    "applicationpoolidentity",
})  # fmt: skip
_BUILT_IN_DOMAINS = frozenset({"nt authority", "nt-autorität", "autorite nt", "nt service", "iis apppool"})


@lru_cache(maxsize=16384)
def slashed(path: str) -> str:
    r"""``"C:\Shop\shop.exe"`` as ``c:/shop/shop.exe``: case means nothing in a path of Windows."""
    return path.strip().strip('"').replace("\\", "/").removeprefix("/??/").lower()


def of_windows(path: str) -> bool:
    """Whether a slashed path lies in the folder of Windows."""
    return not path or path.startswith(_SYSTEM_FOLDERS)


def folder(path: str) -> str:
    """The folder of a slashed path that is the program's own, "" for one that it shares with others."""
    above = path.rpartition("/")[0]
    # A bin folder belongs to the application whose it is.
    if above.endswith(("/bin", "/bin32", "/bin64", "/x64", "/x86")):
        above = above.rpartition("/")[0]
    return "" if above in _SHARED_FOLDERS or of_windows(f"{above}/") else above


def folders(workload: Workload) -> frozenset[str]:
    """The folders that are the workload's own, from its executables."""
    return frozenset(own for path in workload.executables if (own := folder(slashed(path))))


def pool_of(host: HostFacts, workload: Workload) -> IisPool | None:
    """The application pool that a workload is; None for another workload, and where it could not be read."""
    name = pool_name(workload).lower()
    iis = value_or_none(host.snapshot.iis)
    if not name or iis is None:
        return None
    return next((pool for pool in iis.pools if pool.name.lower() == name), None)


def pool_name(workload: Workload) -> str:
    """The name of the application pool whose worker processes the workload is, "" for another workload."""
    keys = (key for key in workload.recognised_by if key.startswith(_POOL))
    return next((key.removeprefix(_POOL) for key in keys), "")


def sites_of(host: HostFacts, pool: str) -> tuple[IisSite, ...]:
    """The sites with an application in a pool."""
    iis = value_or_none(host.snapshot.iis)
    small = pool.lower()
    return tuple(
        site
        for site in (iis.sites if iis else ())
        # An application that names no pool is in the default one.
        if any((application.pool or "DefaultAppPool").lower() == small for application in site.applications)
    )


def account_of(host: HostFacts, workload: Workload) -> tuple[str, Evidence] | None:
    """The account that a workload runs under, from its service, its pool or its main process; None when unknown."""
    if workload.service is not None and (name := workload.service.property("StartName")):
        return name, Evidence(f"service {workload.service.name} starts as {name}", workload.service.origin)
    if (pool := pool_of(host, workload)) is not None and pool.identity:
        return pool.identity, Evidence(f"application pool {pool.name} runs as {pool.identity}", pool.origin)
    main = workload.main
    if main.account:
        return main.account, Evidence(f"process {main.pid} ({main.name}) runs as {main.account}", main.origin)
    return None


def built_in(account: str) -> bool:
    r"""Whether an account is one that every Windows has (``NT AUTHORITY\NetworkService``, a virtual account)."""
    domain, _, name = account.rpartition("\\")
    return domain.lower() in _BUILT_IN_DOMAINS or (domain in ("", ".") and name.lower() in _BUILT_IN)


def of_domain(account: str, hostname: str) -> bool:
    r"""Whether an account is a domain's: ``SHOP\svc`` or ``svc@shop.example``, not ``.\svc`` or ``WIN01\svc``."""
    if built_in(account):
        return False
    domain, slash, _ = account.rpartition("\\")
    return "@" in account or (bool(slash) and domain.lower() not in (".", "", hostname.lower()))


def settings(host: HostFacts, *topics: str) -> Iterator[RegistrySetting]:
    """The settings of the registry that were read for ``topics``."""
    for each in value_or_none(host.snapshot.windows_settings) or ():
        if each.topic in topics:
            yield each


def value(host: HostFacts, topic: str, name: str) -> RegistrySetting | None:
    """One value of the registry, None where it is not set."""
    small = name.lower()
    return next((each for each in settings(host, topic) if each.name.lower() == small), None)


def programs(host: HostFacts) -> tuple[Package, ...]:
    """The installed programs."""
    found = value_or_none(host.snapshot.packages)
    return found.packages if found else ()


def unseen(section: str, observation: Observation[Any], *about: str) -> Iterator[Undecided]:
    """Return the reason for which a section is incomplete, if it is about one of the words (any, without words)."""
    if isinstance(observation, Found):
        for gap in observation.gaps:
            if not about or any(word in gap.what for word in about):
                yield Undecided(section, f"{gap.what}: {gap.reason}")


def listed(names: Iterable[str], most: int = 5) -> str:
    """Names in one line, the first few of many."""
    each = tuple(dict.fromkeys(names))
    more = f" and {len(each) - most} more" if len(each) > most else ""
    return ", ".join(each[:most]) + more
