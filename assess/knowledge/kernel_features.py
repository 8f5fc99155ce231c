"""Kernel settings, modules, socket families and broadcast protocols that workloads need."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import msgspec

from assess.knowledge.data_files import KnowledgeTable, read_table
from assess.model import Severity
from inventory.products.catalogue import products


class SocketFamily(KnowledgeTable, frozen=True):
    """A rare family of sockets (``socket_families.toml``); ``names`` are those of /proc/net/protocols."""

    names: tuple[str, ...]
    what: str
    severity: Severity
    remedy: str


class _SocketFamilies(KnowledgeTable, frozen=True):
    family: tuple[SocketFamily, ...]


@lru_cache(maxsize=1)
def socket_families() -> Mapping[str, SocketFamily]:
    """Rare families by their name in /proc/net/protocols."""
    return {name: each for each in read_table("socket_families.toml", _SocketFamilies).family for name in each.names}


class KernelSettings(KnowledgeTable, frozen=True):
    """The settings that workloads need, and the programs that need them; explained in ``kernel_settings.toml``.
    ``programs`` include those of product files.
    """

    most: frozenset[str]
    exact: frozenset[str]
    taste: frozenset[str]
    network: frozenset[str]
    ipc: frozenset[str]
    grown: frozenset[str]
    copied: frozenset[str]
    programs: dict[str, tuple[str, ...]]
    gone: tuple[str, ...]


@lru_cache(maxsize=1)
def kernel_settings() -> KernelSettings:
    """The table of kernel settings."""
    table = read_table("kernel_settings.toml", KernelSettings)
    programs = dict(table.programs)
    for product in products().values():
        for each in product.kernel_settings:
            for name in each.settings:
                programs[name] = (*programs.get(name, ()), *product.programs_of(each))
    return msgspec.structs.replace(table, programs=programs)


def kernel_setting_names() -> tuple[str, ...]:
    """Settings of the whole machine that a workload may need."""
    table = kernel_settings()
    return tuple(sorted(table.most | table.exact | table.taste))


class NeededModule(KnowledgeTable, frozen=True):
    """A module that programs need."""

    names: tuple[str, ...]
    what: str
    programs: tuple[str, ...]
    severity: Severity
    remedy: str


class ExclusiveModules(KnowledgeTable, frozen=True):
    """Modules that have a part of the machine for themselves, and the programs that work with it."""

    part: str
    choice: str
    names: frozenset[str]
    programs: tuple[str, ...]


class _Modules(KnowledgeTable, frozen=True):
    module: tuple[NeededModule, ...]
    exclusive: tuple[ExclusiveModules, ...]


def needed_modules() -> tuple[NeededModule, ...]:
    """The table of modules (``kernel_modules.toml``)."""
    return read_table("kernel_modules.toml", _Modules).module


def exclusive_modules() -> tuple[ExclusiveModules, ...]:
    """The choices of which a kernel can have one in use (``kernel_modules.toml``)."""
    return read_table("kernel_modules.toml", _Modules).exclusive


class BroadcastProtocol(KnowledgeTable, frozen=True):
    """A protocol whose clients speak to many (``spoken_to_all.toml``). ``protocols`` are raw numbers of IP."""

    what: str
    remedy: str
    ports: frozenset[int] = frozenset()
    protocols: frozenset[int] = msgspec.field(default=frozenset(), name="raw")
    addresses: tuple[str, ...] = ()


class _SpokenToAll(KnowledgeTable, frozen=True):
    broadcast: tuple[BroadcastProtocol, ...]
    group: tuple[BroadcastProtocol, ...]


@lru_cache(maxsize=1)
def broadcasts() -> Mapping[int, BroadcastProtocol]:
    """Protocols of broadcast servers by their UDP port."""
    return {
        port: each for each in read_table("broadcast_multicast.toml", _SpokenToAll).broadcast for port in each.ports
    }


@lru_cache(maxsize=1)
def multicast_groups() -> Mapping[str, BroadcastProtocol]:
    """Protocols of well-known multicast groups by the group's address."""
    return {each: row for row in read_table("broadcast_multicast.toml", _SpokenToAll).group for each in row.addresses}
