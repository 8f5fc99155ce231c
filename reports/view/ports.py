"""The port map: a container host has one set of ports, so what shared a number on two servers clashes on one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assess.model import PortUse
from reports.view.words import count, listed


@dataclass(frozen=True, slots=True)
class PortRow:
    """A port that a program listens on: IPv4 and IPv6 are one row, ``address`` holds both. ``reach`` says who could
    connect; ``set_in`` where the number stands, a path or words; ``wanted`` how many services want the port (two and
    more are a conflict).
    """

    port: int
    protocol: str
    address: str
    reach: str
    workload: str
    host: str
    process: str
    set_in: str
    clients: tuple[str, ...]
    wanted: int

    @property
    def conflict(self) -> bool:
        """Whether two services want it."""
        return self.wanted > 1


@dataclass(frozen=True, slots=True)
class Conflict:
    """A port that several services want."""

    port: int
    protocol: str
    workloads: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """``Port 80/tcp is wanted by 3 services: …``."""
        wanted = count(len(self.workloads), "service")
        return f"Port {self.port}/{self.protocol} is wanted by {wanted}: {listed(self.workloads, 6)}"


def transport(protocol: str) -> str:
    """``tcp`` for ``tcp6`` too: a published port is both."""
    return protocol.removesuffix("6")


def reach(addresses: Iterable[str]) -> str:
    """Who can connect to a program that listens on ``addresses``."""
    kinds = {_reach(address): None for address in addresses}
    if "anyone" in kinds:
        return "anyone"
    return ", ".join(kind for kind in kinds if kind != _SELF or len(kinds) == 1)


def port_rows(plan: Iterable[PortUse]) -> tuple[PortRow, ...]:
    """Conflicts first, then what services want, then what stays with the host; each by port."""
    groups: dict[tuple[int, str, str, str, str], list[PortUse]] = {}
    for use in plan:
        groups.setdefault((use.port, transport(use.protocol), use.workload, use.host, use.process), []).append(use)
    rows = (
        PortRow(
            port=port,
            protocol=protocol,
            address=", ".join(dict.fromkeys(use.address for use in uses)),
            reach=reach(use.address for use in uses),
            workload=workload,
            host=host,
            process=process,
            set_in=", ".join(dict.fromkeys(use.set_in for use in uses if use.set_in)),
            clients=tuple(dict.fromkeys(client for use in uses for client in use.clients)),
            wanted=max(len(use.wanted_by) for use in uses),
        )
        for (port, protocol, workload, host, process), uses in groups.items()
    )
    return tuple(sorted(rows, key=lambda row: (not row.conflict, not row.wanted, row.port, row.protocol, row.host)))


def conflicts(plan: Iterable[PortUse]) -> tuple[Conflict, ...]:
    """Every contended port once, the most wanted first."""
    contended: dict[tuple[int, str], tuple[str, ...]] = {}
    for use in plan:
        if len(use.wanted_by) > 1:
            key = (use.port, transport(use.protocol))
            # Rows of one port share the tuple; only IPv4 and IPv6 may differ.
            if contended.get(key) is not use.wanted_by:
                contended[key] = tuple(dict.fromkeys((*contended.get(key, ()), *use.wanted_by)))
    made = (Conflict(port, protocol, workloads) for (port, protocol), workloads in contended.items())
    return tuple(sorted(made, key=lambda each: (-len(each.workloads), each.port)))


_SELF = "this host only"


def _reach(address: str) -> str:
    if address in ("0.0.0.0", "::", "*", ""):  # noqa: S104 - compared, not bound
        return "anyone"
    if address.startswith("127.") or address in ("::1", "::ffff:127.0.0.1"):
        return _SELF
    return f"through {address}"
