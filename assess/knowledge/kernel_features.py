"""Kernel settings, modules, socket families and broadcast protocols that workloads need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from assess.knowledge.data_files import data_toml


@dataclass(frozen=True, slots=True)
class SocketFamily:
    """A rare family of sockets (``socket_families.toml``). ``severity`` is a word of Severity."""

    what: str
    severity: str
    remedy: str


@lru_cache(maxsize=1)
def socket_families() -> Mapping[str, SocketFamily]:
    """Rare families by their name in /proc/net/protocols."""
    return {
        name: SocketFamily(each["what"], each["severity"], each["remedy"])
        for each in data_toml("socket_families.toml")["family"]
        for name in each["names"]
    }


@dataclass(frozen=True, slots=True)
class KernelSettings:
    """The settings that workloads need, and the programs that need them; explained in ``kernel_settings.toml``."""

    most: frozenset[str]
    exact: frozenset[str]
    taste: frozenset[str]
    network: frozenset[str]
    ipc: frozenset[str]
    grown: frozenset[str]
    copied: frozenset[str]
    programs: Mapping[str, tuple[str, ...]]
    gone: tuple[str, ...]


@lru_cache(maxsize=1)
def kernel_settings() -> KernelSettings:
    """The table of kernel settings."""
    table = data_toml("kernel_settings.toml")
    return KernelSettings(
        most=frozenset(table["most"]),
        exact=frozenset(table["exact"]),
        taste=frozenset(table["taste"]),
        network=frozenset(table["network"]),
        ipc=frozenset(table["ipc"]),
        grown=frozenset(table["grown"]),
        copied=frozenset(table["copied"]),
        programs={name: tuple(programs) for name, programs in table["programs"].items()},
        gone=tuple(table["gone"]),
    )


def kernel_setting_names() -> tuple[str, ...]:
    """Settings of the whole machine that a workload may want."""
    table = kernel_settings()
    return tuple(sorted(table.most | table.exact | table.taste))


@dataclass(frozen=True, slots=True)
class NeededModule:
    """A module that programs need (``kernel_modules.toml``). ``severity`` is a word of Severity."""

    names: tuple[str, ...]
    what: str
    programs: tuple[str, ...]
    severity: str
    remedy: str


@lru_cache(maxsize=1)
def needed_modules() -> tuple[NeededModule, ...]:
    """The table of modules."""
    return tuple(
        NeededModule(tuple(each["names"]), each["what"], tuple(each["programs"]), each["severity"], each["remedy"])
        for each in data_toml("kernel_modules.toml")["module"]
    )


@dataclass(frozen=True, slots=True)
class ExclusiveModules:
    """Modules that have a part of the machine for themselves, and the programs that work with it."""

    part: str
    choice: str
    names: frozenset[str]
    programs: tuple[str, ...]


@lru_cache(maxsize=1)
def exclusive_modules() -> tuple[ExclusiveModules, ...]:
    """The choices of which a kernel can have one in use (``kernel_modules.toml``)."""
    return tuple(
        ExclusiveModules(each["part"], each["choice"], frozenset(each["names"]), tuple(each["programs"]))
        for each in data_toml("kernel_modules.toml")["exclusive"]
    )


@dataclass(frozen=True, slots=True)
class BroadcastProtocol:
    """A protocol whose clients speak to many (``spoken_to_all.toml``). ``protocols`` are raw numbers of IP."""

    what: str
    ports: frozenset[int]
    protocols: frozenset[int]
    remedy: str


@lru_cache(maxsize=1)
def broadcasts() -> Mapping[int, BroadcastProtocol]:
    """Protocols of broadcast servers by their UDP port."""
    return {
        port: BroadcastProtocol(each["what"], frozenset(each["ports"]), frozenset(), each["remedy"])
        for each in data_toml("broadcast_multicast.toml")["broadcast"]
        for port in each["ports"]
    }


@lru_cache(maxsize=1)
def multicast_groups() -> Mapping[str, BroadcastProtocol]:
    """Protocols of well-known multicast groups by the group's address."""
    return {
        address: BroadcastProtocol(
            each["what"], frozenset(each.get("ports", ())), frozenset(each.get("raw", ())), each["remedy"]
        )
        for each in data_toml("broadcast_multicast.toml")["group"]
        for address in each["addresses"]
    }
