"""The order in which applications move.

The dependency graph is cut along its cycles (what depends on each other moves together) and ordered from the outside
in: applications that nothing depends on move first, their databases later, and last what the whole estate depends on. A
move can then be undone without touching earlier moves, and what has moved finds its servers at their old place. The
other order would move a server away from clients that still name its old address.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import networkx as nx

from assess.planning.model import Application, Dependency, DependencyKind, Move, Wave

MOST = 20
"""Applications in a wave, so that a wave can be watched. A cycle is never cut for it."""

NAMED = 50
"""Number of other applications of a cycle that are named with each; all of them are in the same wave."""

SHARED_FROM = 5
"""An application that so many others depend on is a shared service of the estate."""


def plan_waves(
    applications: Sequence[Application],
    edges: Iterable[Dependency],
    staying: Mapping[str, str] | None = None,
    data: frozenset[str] = frozenset(),
    critical: frozenset[str] = frozenset(),
) -> tuple[Wave, ...]:
    """Waves for all applications but those in ``staying`` (name to reason), which do not move.

    ``data`` are the names of applications that hold data of others (databases, queues, caches), ``critical`` of those
    on which much hangs: among equals they move later, when the way has been practised. Same input, same waves.
    """
    stay = staying or {}
    moving = [each.name for each in applications if each.name not in stay]
    graph, coupled = _graph(applications, edges, frozenset(moving))
    groups = _groups(graph, coupled, moving)
    condensed: nx.DiGraph[int] = nx.DiGraph()
    group_of = {name: index for index, names in enumerate(groups) for name in names}
    condensed.add_nodes_from(range(len(groups)))
    condensed.add_edges_from(
        (group_of[client], group_of[server]) for client, server in graph.edges if group_of[client] != group_of[server]
    )
    clients = {name: sorted(set(graph.predecessors(name)) - {name}) for name in moving}
    level, floors = _levels(condensed, groups, clients, data | critical)
    by_level: dict[int, list[int]] = defaultdict(list)
    for index in range(len(groups)):
        by_level[level[index]].append(index)
    reasons = _Reasons(groups, clients, data, critical)
    waves: list[Wave] = []
    for place, each in enumerate(sorted(by_level)):
        for batch in _batches(sorted(by_level[each], key=lambda one: groups[one]), groups):
            late = len(waves) - place
            moves = (
                reasons.move(name, index, floors.get(index, 0) == each > 0, late)
                for index in batch
                for name in groups[index]
            )
            waves.append(Wave(len(waves) + 1, tuple(moves)))
    return tuple(waves)


def _graph(
    applications: Iterable[Application], edges: Iterable[Dependency], moving: frozenset[str]
) -> tuple[nx.DiGraph[str], nx.Graph[str]]:
    """Return the dependencies between applications, and the pairs that share a socket, a pipe or memory and cannot be
    separated.
    """
    owner = {member: each.name for each in applications for member in each.members}
    graph: nx.DiGraph[str] = nx.DiGraph()
    coupled: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(sorted(moving))
    for edge in edges:
        client, server = owner.get(edge.client), owner.get(edge.server)
        if client == server or client not in moving or server not in moving:
            continue
        graph.add_edge(client, server)
        if edge.tie is DependencyKind.COUPLED:
            coupled.add_edge(client, server)
    return graph, coupled


def _groups(graph: nx.DiGraph[str], coupled: nx.Graph[str], moving: Sequence[str]) -> list[tuple[str, ...]]:
    """Cycles, and what is coupled, as one group each; all others alone. Every name is in one group."""
    joined: nx.Graph[str] = nx.Graph()
    joined.add_nodes_from(moving)
    for component in nx.strongly_connected_components(graph):
        nx.add_path(joined, sorted(component))
    joined.add_edges_from(coupled.edges)
    groups = [frozenset(each) for each in nx.connected_components(joined)]
    while True:
        # Joining what is coupled can close a new cycle through other groups.
        of = {name: index for index, names in enumerate(groups) for name in names}
        condensed: nx.DiGraph[int] = nx.DiGraph()
        condensed.add_nodes_from(range(len(groups)))
        condensed.add_edges_from((of[a], of[b]) for a, b in graph.edges if of[a] != of[b])
        cycles = list(nx.strongly_connected_components(condensed))
        if len(cycles) == len(groups):
            return [tuple(sorted(names)) for names in groups]
        groups = [frozenset().union(*(groups[index] for index in cycle)) for cycle in cycles]


def _levels(
    condensed: nx.DiGraph[int],
    groups: Sequence[tuple[str, ...]],
    clients: Mapping[str, Sequence[str]],
    data: frozenset[str],
) -> tuple[dict[int, int], dict[int, int]]:
    """The level of each group: behind all its clients; what holds data or is shared behind all that is neither. And the
    level that a group has at least for what it is, of those that are behind others for that.
    """
    level: dict[int, int] = {}
    for index in nx.lexicographical_topological_sort(condensed, key=lambda one: groups[one]):
        level[index] = max((level[before] + 1 for before in condensed.predecessors(index)), default=0)
    plain = [index for index in level if not _late(groups[index], clients, data)]
    floor = max((level[index] for index in plain), default=-1) + 1
    late = [index for index in level if _late(groups[index], clients, data)]
    shared = frozenset(index for index in late if _shared(groups[index], clients))
    floors = dict.fromkeys(late, floor)
    for index in late:
        level[index] = max(level[index], floor)
    last = max((level[index] for index in late if index not in shared), default=floor - 1) + 1
    for index in shared:
        floors[index] = last
        level[index] = max(level[index], last)
    # The servers of a delayed group come after it.
    for index in nx.lexicographical_topological_sort(condensed, key=lambda one: groups[one]):
        level[index] = max([level[index], *(level[before] + 1 for before in condensed.predecessors(index))])
    return level, floors


def _late(names: Sequence[str], clients: Mapping[str, Sequence[str]], data: frozenset[str]) -> bool:
    return any(name in data for name in names) or _shared(names, clients)


def _shared(names: Sequence[str], clients: Mapping[str, Sequence[str]]) -> bool:
    return any(len(clients[name]) >= SHARED_FROM for name in names)


def _batches(indices: Sequence[int], groups: Sequence[tuple[str, ...]]) -> Iterable[list[int]]:
    """Groups in their order, at most MOST applications together."""
    batch: list[int] = []
    size = 0
    for index in indices:
        if batch and size + len(groups[index]) > MOST:
            yield batch
            batch, size = [], 0
        batch.append(index)
        size += len(groups[index])
    if batch:
        yield batch


class _Reasons:
    """The reasons for the wave of each application: only what decided it, and what depends on the application."""

    def __init__(
        self,
        groups: Sequence[tuple[str, ...]],
        clients: Mapping[str, Sequence[str]],
        data: frozenset[str],
        critical: frozenset[str],
    ) -> None:
        self._groups = groups
        self._clients = clients
        self._data = data
        self._critical = critical
        # Applications of one group have the same clients outside; those of a circle of thousands are found once.
        self._outside: dict[int, tuple[str, ...]] = {}

    def move(self, name: str, index: int, behind: bool, late: int) -> Move:
        """The move of an application of a group. ``behind``: the group is behind others for what it is. ``late``: so
        many waves before it are there only because a wave has at most MOST applications.
        """
        names = self._groups[index]
        said = []
        if len(names) > 1:
            many = f", {len(names):,} applications in all" if len(names) > NAMED + 1 else ""
            said.append(f"moves with what it depends on in a circle or cannot be parted from{many}")
        shared = next((each for each in names if len(self._clients[each]) >= SHARED_FROM), None)
        if behind and shared is not None:
            number = f"{len(self._clients[shared]):,} applications"
            said.append(f"{number} depend on {_subject(shared, names)}, so it moves after what fewer depend on")
        elif behind:
            said += (*self._behind(names), self._after(index))
        else:
            said.append(self._after(index))
        if late:
            waves = "1 wave" if late == 1 else f"{late:,} waves"
            said.append(f"{waves} later, because a wave has at most {MOST} applications")
        together = tuple(other for other in names[: NAMED + 1] if other != name)[:NAMED]
        return Move(name, "; ".join(said), together)

    def _behind(self, names: Sequence[str]) -> Iterable[str]:
        critical = next((each for each in names if each in self._critical), None)
        data = next((each for each in names if each in self._data), None)
        if critical is not None:
            yield f"much hangs on {_subject(critical, names)}, so it moves after what is less critical"
        if data is not None:
            yield f"{_subject(data, names)} holds data, so it moves after those without data"

    def _after(self, index: int) -> str:
        names = self._groups[index]
        outside = self._outside.get(index)
        if outside is None:
            of_group = frozenset(names)
            found = {client for each in names for client in self._clients[each] if client not in of_group}
            outside = self._outside[index] = tuple(sorted(found))
        together = len(names) > 1
        if not outside:
            return f"nothing {'else ' * together}was observed that depends on {'them' if together else 'it'}"
        what = "them" if together else "it"
        if len(outside) >= SHARED_FROM:
            return f"{len(outside):,} applications depend on {what}"
        after = ", ".join(outside[:3]) + (f" and {len(outside) - 3} more" if len(outside) > 3 else "")
        return f"{after} depend{'s' if len(outside) == 1 else ''} on {what}"


def _subject(name: str, names: Sequence[str]) -> str:
    return name if len(names) > 1 else "it"
