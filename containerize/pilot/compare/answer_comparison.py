"""Decide whether an answer of the container is one that the live server gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from containerize.pilot.compare.difference import TreeDifference, differences
from containerize.pilot.compare.node import TreeNode
from containerize.pilot.compare.tokens import shape

NOISY_SHARE = 0.5
"""An answer of which more than this share is noise says nothing; its comparison is not made."""


@dataclass(frozen=True, slots=True)
class AnswerComparison:
    """``remaining`` are the differences that noise does not explain. ``noisy`` are the places at which the live
    answers differ among themselves, as (path, one value, another): the evidence.
    """

    remaining: tuple[TreeDifference, ...]
    noisy: tuple[tuple[str, str, str], ...]
    too_noisy: bool

    @property
    def same(self) -> bool:
        """Whether nothing remains."""
        return not self.remaining and not self.too_noisy


def judge(lives: Sequence[TreeNode], containers: Sequence[TreeNode]) -> AnswerComparison:
    """Compare answers to one question. All are compared with the first live one.

    A value of the container is accepted where the live server gave it too, or, at a place where the live answers
    differ among themselves, where it has the shape of one of theirs. What is noisy is never left out whole: that it
    is there, and its shape, stay compared.
    """
    first = lives[0]
    live_differences = [differences(first, each) for each in lives[1:]]
    noise: dict[str, TreeDifference] = {}
    for each in live_differences:
        noise |= each
    container_differences = [differences(first, each) for each in containers]
    remaining: list[TreeDifference] = []
    places: dict[str, TreeDifference] = {}
    for found in container_differences:
        places |= found
    for place, difference in places.items():
        live_values = {difference.expected} | {
            found[place].actual if place in found else difference.expected for found in live_differences
        }
        values = [found[place].actual if place in found else difference.expected for found in container_differences]
        if live_values & set(values):
            continue
        if place in noise:
            shapes = {shape(value) for value in live_values}
            if difference.kind == "order" or all(shape(value) in shapes for value in values):
                continue
        remaining.append(difference)
    leaves = max(1, first.leaves())
    noisy_leaves = {place.partition(":")[0] for place in noise}
    return AnswerComparison(
        tuple(remaining),
        tuple((each.path, each.expected, each.actual) for each in noise.values()),
        # Few values are not noise because one of them is: a page that is nothing but a clock can be compared by shape.
        len(noisy_leaves) > NOISY_SHARE * leaves and leaves > 4,
    )
