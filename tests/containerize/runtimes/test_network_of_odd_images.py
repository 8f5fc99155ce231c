"""A pilot's network does not depend on what programs an image happens to have, and what else stops it is told."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from containerize.runtimes.engine_runtime import EngineRuntime
from containerize.runtimes.pilot_owner import PilotId
from containerize.runtimes.runtime import ContainerSpec, NetworkNode, NetworkSpec, Runtime, RuntimeFailed

from .small_image import write_layout

pytestmark = pytest.mark.engine

NODE = NetworkNode("web01", "10.213.77.2")


@pytest.mark.parametrize("gone", [("sleep",), ("sleep", "sh")])
def test_an_image_without_the_usual_programs_is_on_the_network(
    runtime: Runtime, pilot: PilotId, tmp_path: Path, gone: tuple[str, ...]
) -> None:
    image = "web01/odd"
    runtime.load(pilot, write_layout(tmp_path / "layout", {f"bin/.wh.{name}": b"" for name in gone}), image)
    runtime.create_network(pilot, NetworkSpec("10.213.77.0/24", (NODE,)))
    for port in (8080, 8081):  # the second finds what holds the network already
        command = ("/bin/busybox", "httpd", "-f", "-p", f"0.0.0.0:{port}")
        container = runtime.start(pilot, ContainerSpec(f"on-{port}", image, command, node=NODE.name))
        deadline = time.monotonic() + 10
        while ("tcp", "0.0.0.0", port) not in runtime.listeners(container):
            assert time.monotonic() < deadline, runtime.listeners(container)
            time.sleep(0.05)
        runtime.dial(container, port, address=NODE.address).close()


def test_a_refusal_of_the_engine_is_told_from_a_missing_program(runtime: Runtime, pilot: PilotId) -> None:
    """The kernel takes no host name of more than 64 characters."""
    runtime.create_network(pilot, NetworkSpec("10.213.77.0/24", (NODE,)))
    spec = ContainerSpec("shop", "web01/shop", ("/bin/sh",), hostname="x" * 70, node=NODE.name)

    with pytest.raises(RuntimeFailed, match="sethostname") as refused:
        runtime.start(pilot, spec)

    assert "has none of" not in str(refused.value)


def test_a_container_that_was_not_started_leaves_no_volume(runtime: Runtime, pilot: PilotId, tmp_path: Path) -> None:
    """An engine makes a volume for each that the image declares as soon as there is a container, started or not."""
    if not isinstance(runtime, EngineRuntime):
        pytest.skip("only engines have volumes without a name")
    image = "web01/odd"
    runtime.load(pilot, write_layout(tmp_path / "layout", {"bin/.wh.sleep": b""}), image)
    before = _unused_volumes(runtime)

    container = runtime.hold(pilot, ContainerSpec("shop", image, ("/bin/sh",)), "holder")
    runtime.remove(container)

    assert _unused_volumes(runtime) - before == set()


def _unused_volumes(runtime: EngineRuntime) -> set[str]:
    return {each["Name"] for each in runtime.api.volumes(filters={"dangling": True}).get("Volumes") or ()}
