"""Each runtime that runs here, a small image, and a pilot that leaves no trace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from containerize.runtimes import RUNTIMES
from containerize.runtimes.docker import DockerRuntime, connect_docker
from containerize.runtimes.pilot_owner import PilotId
from containerize.runtimes.runtime import Runtime, RuntimeUnavailable

from .small_image import write_layout
from .traces import traces

IMAGE = "web01/shop"


@pytest.fixture(scope="session")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_layout(
        tmp_path_factory.mktemp("layout"), {"etc/greeting": b"hello\n", "srv/www/index.html": b"shop\n"}
    )


def docker_of_a_user() -> Runtime:
    """As a member of group docker has it: without a hand on namespaces."""
    return DockerRuntime(connect_docker()._client, as_root=False)


CONNECT = {**{backend.name: backend.connect for backend in RUNTIMES}, "docker of a user": docker_of_a_user}


@pytest.fixture(scope="module", params=list(CONNECT))
def runtime(request: pytest.FixtureRequest) -> Iterator[Runtime]:
    try:
        connected = CONNECT[request.param]()
    except RuntimeUnavailable as error:
        pytest.skip(str(error))
    yield connected
    connected.close()


@pytest.fixture
def pilot(runtime: Runtime, layout: Path) -> Iterator[PilotId]:
    pilot = PilotId.new()
    try:
        runtime.load(pilot, layout, IMAGE)
        yield pilot
    finally:
        runtime.remove_pilot(pilot)
    assert traces(pilot, runtime.name) == []
