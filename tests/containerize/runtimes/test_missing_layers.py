"""Docker is sent the layers that it does not have; where that goes wrong, all of them."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from containerize.content_store import ContentStore
from containerize.image.write_image import write_image
from containerize.runtimes.docker import DockerRuntime, common_bottom, connect_docker
from containerize.runtimes.image_layout import ImageLayout
from containerize.runtimes.pilot_owner import PilotId
from containerize.runtimes.runtime import RuntimeUnavailable
from tests.containerize.plans import directory, make_plan, planned

from .small_image import write_layout


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [("abc", "abx", 2), ("abc", "abcd", 3), ("abc", "bc", 0), ("abc", "", 0), ("a", "a", 1), ("aab", "aa", 2)],
)
def test_layers_are_shared_from_the_bottom(ours: str, theirs: str, expected: int) -> None:
    assert common_bottom(ours, theirs) == expected


def test_an_archive_without_what_is_there_still_names_every_layer(tmp_path: Path) -> None:
    layout = ImageLayout.open(write_layout(tmp_path / "layout", runs=False))
    data = b"".join(layout.archive("localhost/x:1", present=1))
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        names = archive.getnames()
        manifest = archive.extractfile("manifest.json")
        assert manifest is not None
        listing = manifest.read().decode()
    below, above = layout.layers
    assert below.path not in names
    assert above.path in names
    assert below.path in listing
    with tarfile.open(fileobj=io.BytesIO(b"".join(layout.plain_archive("localhost/x:1", present=1)))) as archive:
        assert [name for name in archive.getnames() if name.endswith("layer.tar")] == [f"{above.digest[7:]}/layer.tar"]


@pytest.fixture
def runtime() -> Iterator[DockerRuntime]:
    try:
        connected = connect_docker()
    except RuntimeUnavailable as error:
        pytest.skip(str(error))
    yield connected
    connected.close()


@pytest.fixture
def pilot(runtime: DockerRuntime) -> Iterator[PilotId]:
    pilot = PilotId.new()
    yield pilot
    runtime.remove_pilot(pilot)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The bytes of each archive that an engine got."""
    sizes: list[int] = []
    for form in ("archive", "plain_archive"):
        original = getattr(ImageLayout, form)

        def counted(layout: ImageLayout, image: str, *, present: int = 0, _original: object = original) -> bytes:
            data = b"".join(_original(layout, image, present=present))  # type: ignore[operator]
            sizes.append(len(data))
            return data

        monkeypatch.setattr(ImageLayout, form, counted)
    return sizes


@pytest.mark.engine
@pytest.mark.parametrize("reads_zstd", [True, False])
def test_a_layer_that_docker_has_is_not_sent_again(
    runtime: DockerRuntime, pilot: PilotId, sent: list[int], tmp_path: Path, reads_zstd: bool
) -> None:
    runtime.reads_zstd = runtime.reads_zstd and reads_zstd
    first = write_layout(tmp_path / "first", {"etc/greeting": tmp_path.name.encode()})
    second = write_layout(tmp_path / "second", {"etc/greeting": b"second" + tmp_path.name.encode()})
    runtime.load(pilot, first, "web01/first")
    runtime.load(pilot, second, "web01/second")

    assert len(sent) == 2
    assert sent[1] < 100_000
    assert runtime.read_image(pilot, "web01/second", "/etc/greeting") == b"second" + tmp_path.name.encode()
    assert (runtime.read_image(pilot, "web01/second", "/etc/passwd") or b"").startswith(b"root:")


@pytest.mark.engine
def test_all_is_sent_when_a_layer_is_not_there_after_all(
    runtime: DockerRuntime, pilot: PilotId, sent: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when somebody removes the other image between the question and the answer."""
    layout = write_layout(tmp_path / "layout", {"etc/greeting": hashlib.sha256(str(tmp_path).encode()).digest()})
    monkeypatch.setattr(runtime, "_present", lambda layout: len(layout.layers))
    runtime.load(pilot, layout, "web01/shop")
    assert len(sent) == 2
    assert runtime.read_image(pilot, "web01/shop", "/etc/greeting") == hashlib.sha256(str(tmp_path).encode()).digest()


@pytest.mark.engine
def test_directories_keep_their_owner_and_mode_in_an_engine(
    runtime: DockerRuntime, pilot: PilotId, tmp_path: Path
) -> None:
    """Also where a layer above puts a file into them."""
    store = ContentStore(tmp_path / "content")
    files = [
        directory("/etc"),
        replace(directory("/etc/private"), mode=0o2750, gid=33),
        planned(store, "/etc/private/of-base", b"1", layer="base"),
        planned(store, "/etc/private/own", b"2"),
    ]
    write_image(make_plan(files, volumes=()), store, tmp_path / "layers", tmp_path / "image")
    runtime.load(pilot, tmp_path / "image", "web01/shop")
    with runtime._holder(pilot, runtime._reference(pilot, "web01/shop")) as box:
        chunks, _ = runtime.api.get_archive(box, "/etc/private")
        with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
            found = {each.name: (each.mode & 0o7777, each.gid) for each in archive.getmembers()}
    assert found["private"] == (0o2750, 33)
    assert set(found) == {"private", "private/of-base", "private/own"}
