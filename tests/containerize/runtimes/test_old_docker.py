"""Docker before 23.0 (Debian 12 has 20.10) reads no zstd layer; it gets the layers as plain tars."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from containerize.runtimes import RUNTIMES
from containerize.runtimes.docker import DockerRuntime, reads_zstd
from containerize.runtimes.image_layout import ImageLayout
from containerize.runtimes.pilot_owner import PilotId
from containerize.runtimes.runtime import RuntimeUnavailable

from .small_image import write_layout


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("20.10.24+dfsg1", False),
        ("19.03.15", False),
        ("23.0.0", True),
        ("26.1.5+dfsg1", True),
        ("", True),
        ("dev", True),
    ],
)
def test_only_old_versions_are_spared_zstd(version: str, expected: bool) -> None:
    """A version that does not say its number is taken for a new one."""
    assert reads_zstd(version) is expected


@pytest.mark.engine
def test_the_plain_archive_holds_the_layers_that_the_configuration_names(tmp_path: Path) -> None:
    """Each member is the tar whose digest the image's configuration lists, in its order."""
    layout = ImageLayout.open(write_layout(tmp_path / "layout"))

    content: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(b"".join(layout.plain_archive("localhost/x:pilot")))) as archive:
        for member in archive:
            file = archive.extractfile(member)
            assert file is not None
            content[member.name] = file.read()

    (image,) = json.loads(content["manifest.json"])
    config = json.loads(content[image["Config"]])
    digests = [f"sha256:{hashlib.sha256(content[name]).hexdigest()}" for name in image["Layers"]]
    assert image["RepoTags"] == ["localhost/x:pilot"]
    assert digests == config["rootfs"]["diff_ids"]


@pytest.mark.engine
def test_an_engine_loads_the_plain_archive(tmp_path: Path) -> None:
    """The same image arrives, whichever form was sent."""
    backend = next(each for each in RUNTIMES if each.name == "docker")
    try:
        runtime = backend.connect()
    except RuntimeUnavailable as error:
        pytest.skip(str(error))
    assert isinstance(runtime, DockerRuntime)
    layout = write_layout(tmp_path / "layout", {"etc/greeting": b"hello\n"})
    pilot = PilotId.new()
    try:
        runtime.reads_zstd = False
        runtime.load(pilot, layout, "web01/shop")

        assert runtime.read_image(pilot, "web01/shop", "/etc/greeting") == b"hello\n"
    finally:
        runtime.remove_pilot(pilot)
        runtime.close()
