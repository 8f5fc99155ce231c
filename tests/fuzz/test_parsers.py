"""Nothing that a host sends raises what is not declared, or takes more CPU than is allowed, or cannot be stored."""

from __future__ import annotations

import random

import pytest

from inventory import cpu_limit
from tests.fuzz.run import failure
from tests.fuzz.targets import TARGETS

_SEED = 11


@pytest.fixture(autouse=True)
def _few_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu_limit, "SECONDS", 5.0)


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_hostile_answers(name: str) -> None:
    for number in range(100):
        assert failure(name, _SEED + number) is None, f"python -m tests.fuzz.run '{name}' {_SEED + number}"


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", sorted(TARGETS))
def test_many_hostile_answers(name: str) -> None:
    for number in range(10_000):
        assert failure(name, 1_000_000 + number) is None, f"python -m tests.fuzz.run '{name}' {1_000_000 + number}"


def test_the_same_seed_makes_the_same_input() -> None:
    assert random.Random(_SEED).random() == random.Random(_SEED).random()
