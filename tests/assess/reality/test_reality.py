"""What rules foretell of containers is what happens: each case fails as foretold, and works with the remedy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from containerize.runtimes.docker import connect_docker
from containerize.runtimes.runtime import RuntimeUnavailable

from .case import Case, Trial
from .engine import Laboratory
from .machine import WANTED
from .table import REALITY

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    if shutil.which("docker") is None:
        pytest.skip("there is no docker command")
    try:
        connect_docker().close()
    except RuntimeUnavailable as error:
        pytest.skip(str(error))
    made = Laboratory(tmp_path_factory.mktemp("reality"))
    yield made
    left = made.left_behind()
    made.close()
    assert left == []


def assert_goes_as_foretold(laboratory: Laboratory, trial: Trial) -> None:
    outcome = laboratory.run(trial)
    if trial.status is None:
        assert outcome.status != 0, outcome
    else:
        assert outcome.status == trial.status, outcome
    assert trial.says in outcome.output, outcome


@pytest.mark.parametrize("case", REALITY, ids=[f"{case.rule}-{case.key}" for case in REALITY])
def test_it_fails_as_foretold_and_works_with_the_remedy(laboratory: Laboratory, case: Case) -> None:
    if case.wants:
        reason, there = WANTED[case.wants]
        if not there():
            pytest.skip(reason)
    assert_goes_as_foretold(laboratory, case.without)
    assert_goes_as_foretold(laboratory, case.remedied)
