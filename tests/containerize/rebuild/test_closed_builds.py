"""What a rebuild runs after files of a host were copied may be the host's, and has no network."""

from __future__ import annotations

from pathlib import Path

import pytest

from containerize.rebuild.build_context import NAME
from containerize.rebuild.engine_builder import EngineBuilder
from containerize.runtimes import choose
from containerize.runtimes.engine_runtime import EngineRuntime
from containerize.runtimes.pilot_owner import PilotId
from containerize.runtimes.runtime import RuntimeUnavailable
from tests.containerize.runtimes.small_image import write_layout

pytestmark = pytest.mark.engine

_INTERFACES = "grep -v -e lo: -e '|' /proc/net/dev"
"""Of a container with a network there is one beside the loopback."""


def test_a_program_of_a_host_that_a_build_runs_sees_no_network(tmp_path: Path) -> None:
    try:
        runtime = choose("docker")
    except RuntimeUnavailable as error:
        pytest.skip(str(error))
    assert isinstance(runtime, EngineRuntime)
    pilot, builder = PilotId.new(), EngineBuilder(runtime)
    (tmp_path / "layout").mkdir()
    (tmp_path / "context").mkdir()
    try:
        runtime.load(pilot, write_layout(tmp_path / "layout"), "base")
        base = runtime._reference(pilot, "base")
        (tmp_path / "context" / NAME).write_text(f"FROM {base}\nRUN {_INTERFACES}\n")
        packages = builder.build(tmp_path / "context", "packages")
        image = builder.build(tmp_path / "context", "image", f"FROM {packages}\nRUN ! {_INTERFACES}\n")
        below = builder.layers_of(packages)
        assert builder.layers_of(image)[: len(below)] == below
    finally:
        builder.remove_built()
        runtime.remove_pilot(pilot)
        runtime.close()
