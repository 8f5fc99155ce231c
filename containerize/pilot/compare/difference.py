"""Differences between two trees, each with a stable location.

The place is counted in the first tree. Several trees compared with the same first one therefore speak of the same
places, and the places where two live answers differ are known when the container's answer is compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from containerize.pilot.compare.node import TreeNode
from containerize.pilot.compare.tokens import tokens

Kind = Literal["value", "missing", "extra", "order"]

_TOO_MANY = 3_000_000
"""Products of lengths above this are compared by position: alignment takes their time."""


@dataclass(frozen=True, slots=True)
class TreeDifference:
    """``place`` is for machines, ``path`` for people; ``expected`` is what the first tree has. ``texts`` are the whole
    texts of which these are pieces.
    """

    place: str
    kind: Kind
    path: str
    expected: str
    actual: str
    texts: tuple[str, str] = ("", "")


def differences(first: TreeNode, other: TreeNode) -> dict[str, TreeDifference]:
    """All differences, by place."""
    return {each.place: each for each in _compare(first, other, "", "")}


def _compare(first: TreeNode, other: TreeNode, place: str, path: str) -> Iterator[TreeDifference]:
    if first.digest == other.digest:
        return
    if first.key != other.key:
        yield from _texts(first.key, other.key, f"{place}@key", path)
    if first.text != other.text:
        yield from _texts(first.text, other.text, place, path)
    mine, theirs = dict(first.attributes), dict(other.attributes)
    for name in sorted(mine.keys() | theirs.keys()):
        here = f"{place}@{name}"
        if name not in theirs:
            yield TreeDifference(here, "missing", f"{path} {name}", mine[name], "")
        elif name not in mine:
            yield TreeDifference(here, "extra", f"{path} {name}", "", theirs[name])
        elif mine[name] != theirs[name]:
            yield from _texts(mine[name], theirs[name], here, f"{path} {name}")
    yield from _children(first, other, place, path)


def _texts(first: str, other: str, place: str, path: str) -> Iterator[TreeDifference]:
    mine, theirs = tokens(first), tokens(other)
    if len(mine) * len(theirs) > _TOO_MANY:
        yield TreeDifference(place, "value", path, first, other)
        return
    for tag, start, end, from_, to in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        if end - start == to - from_:
            for offset in range(end - start):
                if mine[start + offset] != theirs[from_ + offset]:
                    here, pair = f"{place}:{start + offset}", (mine[start + offset], theirs[from_ + offset])
                    yield TreeDifference(here, "value", path, *pair, texts=(first, other))
        else:
            here, pair = f"{place}:{start}-{end}", ("".join(mine[start:end]), "".join(theirs[from_:to]))
            yield TreeDifference(here, "value", path, *pair, texts=(first, other))


def _children(first: TreeNode, other: TreeNode, place: str, path: str) -> Iterator[TreeDifference]:
    pairs = _by(first.children, other.children, _Range(0, len(first.children)), _Range(0, len(other.children)), 0)
    missing = [index for index, twin in pairs if index is not None and twin is None]
    extra = [other.children[twin] for index, twin in pairs if index is None and twin is not None]
    gone = Counter(first.children[index].digest for index in missing)
    moved = gone & Counter(node.digest for node in extra)
    if moved:
        yield TreeDifference(f"{place}~", "order", path or "/", "this order", "another order")
    names = _names(first.children)
    left = moved.copy()
    for index in missing:
        node = first.children[index]
        if left[node.digest]:
            left[node.digest] -= 1
        else:
            yield TreeDifference(f"{place}/{index}", "missing", f"{path}/{names[index]}", node.words(), "")
    for node in extra:
        if moved[node.digest]:
            moved[node.digest] -= 1
        else:
            # What else is there is known by where and what it is: its position may be anywhere.
            yield TreeDifference(f"{place}+{node.shape.hex()}", "extra", f"{path}/{node.label}", "", node.words())
    for own, twin in pairs:
        if own is not None and twin is not None:
            here = f"{place}/{own}"
            yield from _compare(first.children[own], other.children[twin], here, f"{path}/{names[own]}")


def _names(siblings: Sequence[TreeNode]) -> list[str]:
    """``td[2]`` for the second of its kind, ``input.user`` for one with a key."""
    total = Counter(node.label for node in siblings)
    seen: Counter[str] = Counter()
    names = []
    for node in siblings:
        seen[node.label] += 1
        name = f"{node.label}[{seen[node.label]}]" if total[node.label] > 1 else node.label
        names.append(f"{name}.{node.key}" if node.key else name)
    return names


Pair = tuple[int | None, int | None]

_LEVELS = 3


def _identity(node: TreeNode, level: int) -> object:
    """The properties that two nodes must share to be paired: everything, all but noise, or their kind."""
    return (node.digest, node.shape, node.kind)[level]


class _Range(NamedTuple):
    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start


def _by(mine: Sequence[TreeNode], theirs: Sequence[TreeNode], own: _Range, other: _Range, level: int) -> list[Pair]:
    """Pairs of positions: what is equal first, then what differs in noise alone, then what is of the same kind."""
    head, own, other = _equal_ends(mine, theirs, own, other)
    if level == _LEVELS or not own.size or not other.size:
        return head + [(index, None) for index in range(*own)] + [(None, twin) for twin in range(*other)]
    if own.size * other.size > _TOO_MANY:
        paired = min(own.size, other.size)
        return [
            *head,
            *((own.start + each, other.start + each) for each in range(paired)),
            *((index, None) for index in range(own.start + paired, own.end)),
            *((None, twin) for twin in range(other.start + paired, other.end)),
        ]
    matcher = SequenceMatcher(
        None,
        [_identity(node, level) for node in mine[own.start : own.end]],
        [_identity(node, level) for node in theirs[other.start : other.end]],
        autojunk=False,
    )
    pairs = head
    at, twin_at = own.start, other.start
    for block in matcher.get_matching_blocks():
        begin, twin_begin = own.start + block.a, other.start + block.b
        pairs += _by(mine, theirs, _Range(at, begin), _Range(twin_at, twin_begin), level + 1)
        pairs += [(begin + each, twin_begin + each) for each in range(block.size)]
        at, twin_at = begin + block.size, twin_begin + block.size
    return pairs


def _equal_ends(
    mine: Sequence[TreeNode], theirs: Sequence[TreeNode], own: _Range, other: _Range
) -> tuple[list[Pair], _Range, _Range]:
    """Pairs of what is equal at both ends, and what lies between: most of a long list, mostly."""
    pairs: list[Pair] = []
    start, twin_start = own.start, other.start
    while start < own.end and twin_start < other.end and mine[start].digest == theirs[twin_start].digest:
        pairs.append((start, twin_start))
        start, twin_start = start + 1, twin_start + 1
    end, twin_end = own.end, other.end
    while end > start and twin_end > twin_start and mine[end - 1].digest == theirs[twin_end - 1].digest:
        end, twin_end = end - 1, twin_end - 1
        pairs.append((end, twin_end))
    return pairs, _Range(start, end), _Range(twin_start, twin_end)
