"""Whether the work of a backtracking matcher can grow faster than its text.

It tries every path of the pattern's automaton until one succeeds. So it is linear unless the number of paths with which
one text can be read grows with the text: a word that leads from p to p, from p to q and from q to q (the paths that
change over somewhere: quadratic at least), or twice from p to p (exponential). A search tries all beginnings, which is
one more loop in front.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.linear.automaton import Automaton, automaton


@dataclass(frozen=True)
class Growth:
    """``prefix + pump * n`` makes the work grow ``kind`` (quadratic at least, exponential)."""

    kind: str
    prefix: str
    pump: str


def growth_of(pattern: re.Pattern[Any], mode: str) -> Growth | None:
    """A text that makes ``pattern`` slow in a search, scan, match or fullmatch; None: it is linear."""
    return _Search(automaton(pattern, mode), mode).find()


_State = tuple[int, ...]


class _Search:
    def __init__(self, of: Automaton, mode: str) -> None:
        self.of = of
        self.mode = mode
        self.steps = {at: list(self._steps(at)) for at in range(len(of.sets))}
        """From a position: (classes before, class read, target)."""
        masks = {guard.before for targets in of.edges.values() for guard, _ in targets}
        kinds: dict[tuple[int, ...], int] = {}
        self.kind = [
            kinds.setdefault(tuple(mask >> number & 1 for mask in masks), number) for number in range(len(of.alphabet))
        ]
        """For each class, one that every guard takes for the same."""
        self.known: dict[tuple[int, int, int], dict[int, list[int]]] = {}

    def _steps(self, at: int) -> Iterator[tuple[int, int, int]]:
        own = self.of.sets[at] if at else (self.of.sets[at] | self.of.end)
        for guard, to in self.of.edges.get(at, ()):
            read = guard.behind & self.of.sets[to]
            for number in range(len(self.of.alphabet)):
                if guard.before & own and read >> number & 1:
                    yield guard.before, number, to

    def find(self) -> Growth | None:
        reachable = self._reachable()
        loops = self._components(reachable)
        safe = self._safe()
        # A path that has been where it must succeed does not fail; only a scan begins anew behind it.
        self.failing = set(reachable) - safe
        inside = {at: number for number, component in enumerate(loops) for at in component}
        around = [component - safe for component in loops]
        for at in inside:
            if at in safe or at == 0:
                continue
            if (pump := self._twice(at, around[inside[at]])) is not None:
                return Growth("exponential", self._way(at, pump), pump)
        for p in inside:
            for q in inside:
                changes = p != q and q not in safe and (p == 0 or p not in safe)
                if changes and self.of.atomic[p] <= self.of.atomic[q]:
                    pump = self._crossing(p, q, loops[inside[p]], around[inside[q]])
                    if pump is not None:
                        return Growth("quadratic", self._way(p, pump), pump)
        return None

    def _reachable(self) -> dict[int, list[int]]:
        found = {0}
        todo = [0]
        while todo:
            for _, _, to in self.steps[todo.pop()]:
                if to not in found:
                    found.add(to)
                    todo.append(to)
        return {at: sorted({to for _, _, to in self.steps[at]}) for at in sorted(found)}

    @staticmethod
    def _components(graph: dict[int, list[int]]) -> list[set[int]]:
        """Strongly connected components that have a cycle."""
        order: list[int] = []
        seen: set[int] = set()
        for root in graph:
            if root in seen:
                continue
            seen.add(root)
            stack = [(root, iter(graph[root]))]
            while stack:
                at, following = stack[-1]
                for to in following:
                    if to not in seen:
                        seen.add(to)
                        stack.append((to, iter(graph[to])))
                        break
                else:
                    order.append(at)
                    stack.pop()
        reverse: dict[int, list[int]] = {at: [] for at in graph}
        for at, targets in graph.items():
            for to in targets:
                reverse[to].append(at)
        found: list[set[int]] = []
        done: set[int] = set()
        for root in reversed(order):
            if root in done:
                continue
            component, todo = set(), [root]
            done.add(root)
            while todo:
                at = todo.pop()
                component.add(at)
                for to in reverse[at]:
                    if to not in done:
                        done.add(to)
                        todo.append(to)
            if len(component) > 1 or root in graph[root]:
                found.append(component)
        return found

    def _safe(self) -> set[int]:
        """Positions from which the pattern succeeds whatever follows."""
        every = range(len(self.of.alphabet))
        safe = set(range(1, len(self.of.sets)))
        changed = True
        while changed:
            changed = False
            for at in sorted(safe):
                own = self.of.sets[at]
                ends = 0
                for guard in self.of.exits.get(at, ()):
                    if guard.before & own == own:
                        ends |= guard.behind
                goes = {number for before, number, to in self.steps[at] if to in safe and before & own == own}
                if not ends & self.of.end or not all(ends >> number & 1 or number in goes for number in every):
                    safe.discard(at)
                    changed = True
        return safe

    def _product(self, starts: list[tuple[_State, int]], goal: _State, allowed: list[set[int] | None]) -> str | None:
        """The word that leads from one of the states at once to ``goal`` (each with the class that was read before)."""
        guarded = self.of.guarded
        for start, before in starts:
            first = (start, before if guarded else -1)
            parents: dict[tuple[_State, int], tuple[tuple[_State, int], int] | None] = {first: None}
            queue = deque([first])
            while queue:
                current = queue.popleft()
                state, last = current
                options = [self._by_class(at, last, wanted) for at, wanted in zip(state, allowed, strict=True)]
                for number in set(options[0]).intersection(*options[1:]):
                    for combination in self._combinations([option[number] for option in options]):
                        following = (combination, self.kind[number] if guarded else -1)
                        if combination == goal and (not guarded or self.kind[number] == before):
                            return self._word(parents, current) + self.of.alphabet[number]
                        if following not in parents:
                            parents[following] = (current, number)
                            queue.append(following)
        return None

    def _by_class(self, at: int, last: int, wanted: set[int] | None) -> dict[int, list[int]]:
        key = (at, last, id(wanted))
        if key in self.known:
            return self.known[key]
        found = self.known[key] = {}
        for before, number, to in self.steps[at]:
            if (wanted is None or to in wanted) and (last < 0 or before >> last & 1):
                found.setdefault(number, []).append(to)
        return found

    @staticmethod
    def _combinations(options: list[list[int]]) -> Iterator[_State]:
        if len(options) == 1:
            for one in options[0]:
                yield (one,)
            return
        for one in options[0]:
            for rest in _Search._combinations(options[1:]):
                yield (one, *rest)

    def _word(
        self, parents: dict[tuple[_State, int], tuple[tuple[_State, int], int] | None], at: tuple[_State, int]
    ) -> str:
        letters: list[str] = []
        while (step := parents[at]) is not None:
            at, number = step
            letters.append(self.of.alphabet[number])
        return "".join(reversed(letters))

    def _befores(self, at: int) -> list[int]:
        if not self.of.guarded:
            return [-1]
        return sorted({self.kind[number] for number in range(len(self.of.alphabet)) if self.of.sets[at] >> number & 1})

    def _crossing(self, p: int, q: int, around_p: set[int], around_q: set[int]) -> str | None:
        starts = [((p, p, q), before) for before in self._befores(q)]
        across = None if p == 0 and self.mode == "scan" else self.failing
        return self._product(starts, (p, q, q), [around_p, across, around_q])

    def _twice(self, p: int, around: set[int]) -> str | None:
        """A word that leads from p to p in two ways."""
        # Two ways part somewhere: at a position with two equal edges, or into two positions.
        for before in self._befores(p):
            guarded = self.of.guarded
            first = ((p, p, 0), before if guarded else -1)
            parents: dict[tuple[_State, int], tuple[tuple[_State, int], int] | None] = {first: None}
            queue = deque([first])
            while queue:
                current = queue.popleft()
                (a, b, parted), last = current
                one, other = self._by_class(a, last, around), self._by_class(b, last, around)
                for number in set(one) & set(other):
                    for x in one[number]:
                        for y in other[number]:
                            twice = a == b and x == y and one[number].count(x) > 1
                            following = (
                                (x, y, int(bool(parted) or x != y or twice)),
                                self.kind[number] if guarded else -1,
                            )
                            if following[0] == (p, p, 1) and (not guarded or self.kind[number] == before):
                                return self._word(parents, current) + self.of.alphabet[number]
                            if following not in parents:
                                parents[following] = (current, number)
                                queue.append(following)
        return None

    def _way(self, to: int, pump: str) -> str:
        """A text that leads from the beginning to a position."""
        parents: dict[tuple[int, int], tuple[tuple[int, int], int] | None] = {(0, -1): None}
        queue = deque([(0, -1)])
        fallback: str | None = None
        while queue:
            current = queue.popleft()
            at, last = current
            if at == to and (at == 0 or last >= 0):
                letters: list[str] = []
                where = current
                while (step := parents[where]) is not None:
                    where, number = step
                    letters.append(self.of.alphabet[number])
                word = "".join(reversed(letters))
                if not self.of.guarded or not word or word[-1] == pump[-1]:
                    return word
                fallback = fallback or word
            for before, number, target in self.steps[at]:
                fits = before >> last & 1 if last >= 0 else before & self.of.end
                if fits and (target, number) not in parents:
                    parents[target, number] = (current, number)
                    queue.append((target, number))
        return fallback or ""
