"""The automaton of a regular expression, as far as its cost is concerned.

Every character (or class) of the pattern is a position; an edge leads from a position to one that may follow it. What
looks one character back or ahead (``\\b``, ``^``, ``(?<!x)``, the end of a possessive ``x*+``) is a guard of the edge.
Longer lookaheads pass, and their own text is a branch that leads nowhere.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

UNBOUNDED = 300
"""A repeat of at most so many is a constant factor."""

_KNOWN: dict[tuple[str, int, bool], frozenset[str]] = {}
"""The samples that an item of a pattern matches, for all patterns."""
_SAMPLES = [chr(code) for code in range(256)] + ["\u0130", "\u017f", "\u0663", "\u2028", "\u3000", "\u4e2d", "\udc80"]


@dataclass(frozen=True)
class Guard:
    """Bit sets of the classes that may stand before and behind; one more bit is the beginning or the end."""

    before: int
    behind: int

    def __and__(self, other: Guard) -> Guard:
        return Guard(self.before & other.before, self.behind & other.behind)

    def __bool__(self) -> bool:
        return bool(self.before and self.behind)


@dataclass
class Fragment:
    """A piece of the pattern: by which guards it may be empty, where it begins, and where it ends."""

    empty: list[Guard] = field(default_factory=list)
    first: list[tuple[Guard, int]] = field(default_factory=list)
    last: list[tuple[int, Guard]] = field(default_factory=list)


@dataclass
class Automaton:
    """``sets[i]``: the classes of position i; ``edges[i]``: (guard, target) of each way on; position 0 is before all
    (with ``search`` it reads anything and stays).
    """

    alphabet: list[str]
    sets: list[int]
    edges: dict[int, list[tuple[Guard, int]]]
    exits: dict[int, list[Guard]]
    end: int
    """The bit of the beginning (in ``before``) and the end (in ``behind``)."""
    atomic: list[frozenset[int]] = field(default_factory=list)
    """For each position, the atomic groups that it is in: what was read there is not read again from behind them."""
    guarded: bool = False


def automaton(pattern: re.Pattern[Any], mode: str) -> Automaton:
    """``mode``: search (the first match), scan (all of them), match or fullmatch."""
    source = pattern.pattern
    tree = parser.parse(source, pattern.flags & ~re.DEBUG)
    flags = tree.state.flags | (pattern.flags & ~re.DEBUG)
    return _Builder(flags, isinstance(source, bytes)).build(tree, mode)


class _Builder:
    def __init__(self, flags: int, is_bytes: bool) -> None:
        self.flags = flags
        self.is_bytes = is_bytes
        self.samples = _SAMPLES[:256] if is_bytes else _SAMPLES
        self.sets: list[int] = []
        self.edges: dict[int, list[tuple[Guard, int]]] = defaultdict(list)
        self.atomic: list[frozenset[int]] = []
        self.within: frozenset[int] = frozenset()
        self.groups = 0

    def build(self, tree: Any, mode: str) -> Automaton:
        predicates = list(dict.fromkeys(self._predicates(tree, self.flags)))
        word, newline = self._members((ops.CATEGORY, ops.CATEGORY_WORD), self.flags), frozenset("\n")
        predicates += [word, newline]
        groups: dict[tuple[bool, ...], str] = {}
        for sample in self.samples:
            groups.setdefault(tuple(sample in each for each in predicates), sample)
        self.alphabet = list(groups.values())
        self.end = 1 << len(self.alphabet)
        self.any = self.end - 1
        self.all = Guard(self.any | self.end, self.any | self.end)
        self.word, self.newline = self._bits(word), self._bits(newline)
        start = self._position(self.any)
        whole = self._sequence(tree, self.flags)
        if mode in ("search", "scan"):
            self.edges[start].append((self.all, start))
        self.edges[start] += whole.first
        exits: dict[int, list[Guard]] = defaultdict(list)
        closed = Guard(self.any | self.end, self.end) if mode == "fullmatch" else self.all
        for position, guard in whole.last:
            exits[position].append(guard & closed)
        exits[start] += [guard & closed for guard in whole.empty]
        guarded = any(guard.before != self.all.before for targets in self.edges.values() for guard, _ in targets)
        return Automaton(self.alphabet, self.sets, dict(self.edges), dict(exits), self.end, self.atomic, guarded)

    def _bits(self, members: frozenset[str]) -> int:
        return sum(1 << number for number, sample in enumerate(self.alphabet) if sample in members)

    def _position(self, bits: int) -> int:
        self.sets.append(bits)
        self.atomic.append(self.within)
        return len(self.sets) - 1

    # Which characters

    def _predicates(self, tree: Any, flags: int) -> Iterator[frozenset[str]]:
        for op, value in tree:
            if op in (ops.LITERAL, ops.NOT_LITERAL, ops.ANY, ops.IN):
                yield self._members((op, value), flags)
            elif op is ops.SUBPATTERN:
                yield from self._predicates(value[3], (flags | value[1]) & ~value[2])
            elif op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
                yield from self._predicates(value[2], flags)
            elif op is ops.BRANCH:
                for each in value[1]:
                    yield from self._predicates(each, flags)
            elif op in (ops.ASSERT, ops.ASSERT_NOT):
                yield from self._predicates(value[1], flags)
            elif op is ops.ATOMIC_GROUP:
                yield from self._predicates(value, flags)
            elif op is ops.GROUPREF_EXISTS:
                yield from self._predicates(value[1], flags)
                yield from self._predicates(value[2] or (), flags)

    def _members(self, item: tuple[Any, Any], flags: int) -> frozenset[str]:
        key = (str(item), flags & (re.IGNORECASE | re.DOTALL | re.ASCII), self.is_bytes)
        if key not in _KNOWN:
            _KNOWN[key] = frozenset(sample for sample in self.samples if self._holds(item, sample, flags))
        return _KNOWN[key]

    def _holds(self, item: tuple[Any, Any], sample: str, flags: int) -> bool:
        op, value = item
        if op is ops.ANY:
            return bool(flags & re.DOTALL) or sample != "\n"
        cases = {sample, sample.lower(), sample.upper()} if flags & re.IGNORECASE else {sample}
        cases = {case for case in cases if len(case) == 1}
        if op is ops.LITERAL:
            return any(ord(case) == value for case in cases)
        if op is ops.NOT_LITERAL:
            return all(ord(case) != value for case in cases)
        if op is ops.CATEGORY:
            return self._category(value, sample, flags)
        negated = bool(value) and value[0][0] is ops.NEGATE
        held = any(self._in_item(each, cases, sample, flags) for each in value)
        return held != negated

    def _in_item(self, item: tuple[Any, Any], cases: set[str], sample: str, flags: int) -> bool:
        op, value = item
        if op is ops.NEGATE:
            return False
        if op is ops.RANGE:
            return any(value[0] <= ord(case) <= value[1] for case in cases)
        return self._holds(item, sample, flags)

    def _category(self, category: Any, sample: str, flags: int) -> bool:
        name = str(category)
        pattern = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}[name.rsplit("_", 1)[-1]]
        if self.is_bytes or flags & re.ASCII:
            held = re.match(pattern, sample, re.ASCII) is not None
        else:
            held = re.match(pattern, sample) is not None
        return held != ("NOT" in name)

    # Fragments

    def _sequence(self, tree: Any, flags: int) -> Fragment:
        whole = Fragment(empty=[self.all])
        for op, value in tree:
            whole = self._concatenated(whole, self._item(op, value, flags))
        return whole

    def _concatenated(self, left: Fragment, right: Fragment) -> Fragment:
        self._join(left.last, right.first)
        empty = [both for a in left.empty for b in right.empty if (both := a & b)]
        first = left.first + [(both, to) for a in left.empty for b, to in right.first if (both := a & b)]
        last = right.last + [(at, both) for at, a in left.last for b in right.empty if (both := a & b)]
        return Fragment(list(dict.fromkeys(empty)), list(dict.fromkeys(first)), list(dict.fromkeys(last)))

    def _join(self, last: Sequence[tuple[int, Guard]], first: Sequence[tuple[Guard, int]]) -> None:
        for at, leaving in last:
            for entering, to in first:
                if both := leaving & entering:
                    self.edges[at].append((both, to))

    def _item(self, op: Any, value: Any, flags: int) -> Fragment:
        if op in (ops.LITERAL, ops.NOT_LITERAL, ops.ANY, ops.IN):
            position = self._position(self._bits(self._members((op, value), flags)))
            return Fragment([], [(self.all, position)], [(position, self.all)])
        if op is ops.SUBPATTERN:
            return self._sequence(value[3], (flags | value[1]) & ~value[2])
        if op is ops.BRANCH:
            return self._union([self._sequence(each, flags) for each in value[1]])
        if op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
            return self._repeat(value, flags, possessive=op is ops.POSSESSIVE_REPEAT)
        if op is ops.ATOMIC_GROUP:
            inner = list(value)
            if len(inner) == 1 and inner[0][0] is ops.MAX_REPEAT:
                return self._repeat(inner[0][1], flags, possessive=True)
            return self._as_one(value, flags)
        if op is ops.AT:
            return Fragment(empty=self._at(value, flags))
        if op in (ops.ASSERT, ops.ASSERT_NOT):
            return self._assertion(value[0], value[1], flags, negated=op is ops.ASSERT_NOT)
        if op is ops.GROUPREF:
            position = self._position(self.any)
            self.edges[position].append((self.all, position))
            return Fragment([self.all], [(self.all, position)], [(position, self.all)])
        if op is ops.GROUPREF_EXISTS:
            return self._union([self._sequence(each or (), flags) for each in value[1:]])
        if op is ops.FAILURE:
            return Fragment()
        raise NotImplementedError(str(op))

    def _union(self, parts: Sequence[Fragment]) -> Fragment:
        whole = Fragment()
        for part in parts:
            whole.empty += part.empty
            whole.first += part.first
            whole.last += part.last
        whole.empty = list(dict.fromkeys(whole.empty))
        return whole

    def _repeat(self, value: Any, flags: int, *, possessive: bool) -> Fragment:
        least, most, body = value
        if most is not ops.MAXREPEAT and most <= UNBOUNDED:
            rest = Fragment(empty=[self.all])
            for number in reversed(range(min(most, 2))):
                rest = self._concatenated(self._sequence(body, flags), rest)
                if number >= least:
                    rest.empty = list(dict.fromkeys([*rest.empty, self.all]))
            return rest
        one = self._as_one(body, flags) if possessive else self._sequence(body, flags)
        self._join(one.last, one.first)
        leaving = self.all
        if (
            possessive
            and len({to for _, to in one.first}) == 1
            and {to for _, to in one.first} == {at for at, _ in one.last}
        ):
            leaving = Guard(self.all.before, self.all.behind & ~self.sets[one.last[0][0]])
        one.last = [(at, both) for at, guard in one.last if (both := guard & leaving)]
        if least == 0:
            one.empty = [leaving]
        return one

    def _as_one(self, tree: Any, flags: int) -> Fragment:
        """A sequence that is not read in another way once it was left."""
        outer = self.within
        self.groups += 1
        self.within = outer | {self.groups}
        whole = self._sequence(tree, flags)
        self.within = outer
        return whole

    def _at(self, where: Any, flags: int) -> list[Guard]:
        both = self.all.before
        if where is ops.AT_BEGINNING and flags & re.MULTILINE:
            return [Guard(self.newline | self.end, both)]
        if where in (ops.AT_BEGINNING, ops.AT_BEGINNING_STRING):
            return [Guard(self.end, both)]
        if where is ops.AT_END:
            return [Guard(both, self.newline | self.end)]
        if where is ops.AT_END_STRING:
            return [Guard(both, self.end)]
        other = both & ~self.word
        if where is ops.AT_BOUNDARY:
            return [Guard(self.word, other), Guard(other, self.word)]
        return [Guard(self.word, self.word), Guard(other, other)]

    def _assertion(self, direction: int, body: Any, flags: int, *, negated: bool) -> Fragment:
        positions = len(self.sets)
        edges = {at: list(to) for at, to in self.edges.items()}
        inner = self._sequence(body, flags)
        ends = {at for at, _ in inner.last}
        simple = (
            not inner.empty
            and {to for _, to in inner.first} == ends
            and all(guard == self.all for guard, _ in inner.first)
            and all(guard == self.all for _, guard in inner.last)
            and ends == set(range(positions, len(self.sets)))
            and not any(self.edges.get(at) for at in ends)
        )
        if simple or direction < 0:
            bits = sum({self.sets[at] for at in ends}) if len(ends) == 1 else self._united(ends)
            guard = self.all
            if simple:
                allowed = self.all.before & ~bits if negated else bits
                guard = Guard(allowed, self.all.behind) if direction < 0 else Guard(self.all.before, allowed)
            elif not negated and not inner.empty:
                guard = Guard(bits, self.all.behind)
            del self.sets[positions:], self.atomic[positions:]
            self.edges = defaultdict(list, edges)
            return Fragment(empty=[guard])
        guard = self.all
        if not negated and not inner.empty:
            guard = Guard(self.all.before, self._united({to for _, to in inner.first}))
        if not negated and inner.empty and not inner.first:
            guard = inner.empty[0]
        return Fragment([guard], inner.first, [])

    def _united(self, positions: set[int]) -> int:
        bits = 0
        for at in positions:
            bits |= self.sets[at]
        return bits
