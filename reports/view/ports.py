"""The port map: listeners of all hosts, and conflicts on a shared container host."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from assess.model import PortUse
from assess.planning.model import PlannedPort
from assess.planning.placement.placement_problem import PortMethod
from reports.view.labels import count, listed


@dataclass(frozen=True, slots=True)
class PortRow:
    """A port that a program listens on: IPv4 and IPv6 are one row, ``address`` holds both. ``reach`` says who could
    connect; ``set_in`` where the number stands, a path or words; ``wanted`` how many services need the port (two and
    more are a conflict). ``planned`` is what becomes of a contended one (``reverse proxy``), "" for others.
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
    planned: str = ""

    @property
    def conflict(self) -> bool:
        """Whether two services need it."""
        return self.wanted > 1


@dataclass(frozen=True, slots=True)
class Conflict:
    """A port that several services need. ``planned`` counts what becomes of it: (way, services)."""

    port: int
    protocol: str
    workloads: tuple[str, ...]
    planned: tuple[tuple[str, int], ...] = ()

    @property
    def sentence(self) -> str:
        """``Port 80/tcp is wanted by 3 services: …; planned: reverse proxy for 2, same port for 1``."""
        wanted = count(len(self.workloads), "service")
        plan = ", ".join(f"{way} for {number}" for way, number in self.planned)
        said = f"Port {self.port}/{self.protocol} is used by {wanted}: {listed(self.workloads, 6)}"
        return f"{said}; planned: {plan}" if plan else said


def transport(protocol: str) -> str:
    """``tcp`` for ``tcp6`` too: a published port is both."""
    return protocol.removesuffix("6")


def reach(addresses: Iterable[str]) -> str:
    """The clients that can connect to a program that listens on ``addresses``."""
    kinds = {_reach(address): None for address in addresses}
    if "anyone" in kinds:
        return "anyone"
    return ", ".join(kind for kind in kinds if kind != _SELF or len(kinds) == 1)


def port_rows(plan: Iterable[PortUse], planned: Iterable[PlannedPort] = ()) -> tuple[PortRow, ...]:
    """Conflicts first, then what services need, then what stays with the host; each by port."""
    ways = {(each.workload, each.transport, each.wished): _way(each) for each in planned}
    groups: dict[tuple[int, str, str, str, str], list[PortUse]] = {}
    for use in plan:
        owner = use.workload or use.likely_owner
        groups.setdefault((use.port, transport(use.protocol), owner, use.host, use.process), []).append(use)
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
            planned=ways.get((workload, protocol, port), "") if max(len(use.wanted_by) for use in uses) > 1 else "",
        )
        for (port, protocol, workload, host, process), uses in groups.items()
    )
    return tuple(sorted(rows, key=lambda row: (not row.conflict, not row.wanted, row.port, row.protocol, row.host)))


def conflicts(plan: Iterable[PortUse], planned: Iterable[PlannedPort] = ()) -> tuple[Conflict, ...]:
    """Every contended port once, the most wanted first."""
    ways: dict[tuple[int, str], Counter[str]] = {}
    for each in planned:
        # The number of each is in its row; here it is counted how many get another.
        ways.setdefault((each.wished, each.transport), Counter())[str(each.way)] += 1
    contended: dict[tuple[int, str], tuple[str, ...]] = {}
    for use in plan:
        if len(use.wanted_by) > 1:
            key = (use.port, transport(use.protocol))
            # Rows of one port share the tuple; only IPv4 and IPv6 may differ.
            if contended.get(key) is not use.wanted_by:
                contended[key] = tuple(dict.fromkeys((*contended.get(key, ()), *use.wanted_by)))
    made = (
        Conflict(port, protocol, workloads, tuple(ways.get((port, protocol), Counter()).most_common()))
        for (port, protocol), workloads in contended.items()
    )
    return tuple(sorted(made, key=lambda each: (-len(each.workloads), each.port)))


def _way(planned: PlannedPort) -> str:
    return f"port {planned.number}" if planned.way == PortMethod.MOVED else planned.way


_SELF = "this host only"


def _reach(address: str) -> str:
    if address in ("0.0.0.0", "::", "*", ""):  # noqa: S104 - compared, not bound
        return "anyone"
    if address.startswith("127.") or address in ("::1", "::ffff:127.0.0.1"):
        return _SELF
    return f"through {address}"
