"""A hostile host's archives, on every runtime: nothing of them runs here, and nothing is written outside."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from containerize.runtimes.ownership import PilotId
from containerize.runtimes.runtime import Runtime
from inventory.errors import BrownfieldError

from ..sandbox.attacks import ATTACKS, Attack

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.build.__name__)
def test_a_hostile_data_directory_reaches_nothing_on_this_machine(
    runtime: Runtime, pilot: PilotId, attack: Attack, tmp_path: Path
) -> None:
    canary = tmp_path / "canary"
    runtime.create_volume(pilot, "data", 33, 33, 0o750)
    words = ""
    try:
        runtime.fill_volume(pilot, "data", io.BytesIO(attack.build(canary)))
    except BrownfieldError as error:
        words = str(error)
    assert not canary.exists()
    assert bool(words) == attack.refused, words
    assert words.isprintable() and len(words) < 500 and "Traceback" not in words and "Error" not in words
