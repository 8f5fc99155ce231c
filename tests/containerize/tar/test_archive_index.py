"""Archives that are files: their members are where the index says, and links within them lead to members."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from containerize.plan.model import LayerName
from containerize.rebuild.archive_import import import_archive
from containerize.runtimes.image_layout import ImageLayout
from containerize.runtimes.runtime import RuntimeFailed
from containerize.sandbox.launch import SandboxLimits
from containerize.sandbox.strict_tar import check_layers
from containerize.tar.archive_index import SMALL, files_by_name, first_member, index
from containerize.tar.reader import HostileStream
from tests.containerize.plans import make_plan
from tests.containerize.runtimes.small_image import write_layout
from tests.containerize.sandbox.attacks import ATTACKS, Attack, archive, member

HOSTILE = [each for each in ATTACKS if each.refused_layer]


def test_contents_are_found_in_any_order() -> None:
    files = {f"{number}": bytes([number]) * (number * 300) for number in range(8)}
    parts = files_by_name(io.BytesIO(archive(*[member(name, content) for name, content in files.items()])))
    for name in (*reversed(files), *files):
        parts[name].seek(0)
        assert parts[name].read() == files[name]
    with tarfile.open(fileobj=io.BytesIO(archive(member("inner.tar", archive(member("x", b"deep")))))) as tar:
        assert tar.getnames() == ["inner.tar"]
    inner = files_by_name(io.BytesIO(archive(member("inner.tar", archive(member("x", b"deep"))))))["inner.tar"]
    assert [found.name for found, _ in index(inner)] == [b"x"]


def test_a_layer_that_is_a_link_to_another_is_found() -> None:
    link = member("two/layer.tar", kind=tarfile.SYMTYPE, linkname="../one/layer.tar")
    out = member("three/layer.tar", kind=tarfile.SYMTYPE, linkname="../../../etc/passwd")
    parts = files_by_name(io.BytesIO(archive(link, out, member("one/layer.tar", b"layer"))))
    assert parts["two/layer.tar"].read() == b"layer"
    assert "three/layer.tar" not in parts


def test_a_file_that_an_engine_sends_is_cut_off_at_the_limit() -> None:
    data = archive(member("big", b"x" * (SMALL + 1000)))
    chunks = iter([data[at : at + 1000] for at in range(0, len(data), 1000)])
    found = first_member(chunks)
    assert found is not None and len(found[1]) == SMALL
    assert next(chunks, None) is None, "an engine waits until all was read"
    assert first_member([]) is None


@pytest.mark.parametrize("attack", HOSTILE, ids=lambda each: each.build.__name__)
def test_a_hostile_archive_is_one_error(attack: Attack, tmp_path: Path) -> None:
    data = attack.build(tmp_path / "canary")
    with pytest.raises(HostileStream):
        list(index(io.BytesIO(data)))
    names: list[LayerName] = []
    outer = archive(
        member("manifest.json", b'[{"Config": "c", "Layers": ["l"]}]'), member("c", b"{}"), member("l", data)
    )
    with pytest.raises(RuntimeFailed, match="no image that can be read"):
        import_archive(io.BytesIO(outer), tmp_path / "image", make_plan(()), names)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("text", [b"[" * 100_000, b"null", b"[]", b'[{"Config": [], "Layers": {}}]', b"\xff"])
def test_a_listing_that_means_nothing_is_one_error(text: bytes, tmp_path: Path) -> None:
    with pytest.raises(RuntimeFailed, match="no image that can be read"):
        import_archive(io.BytesIO(archive(member("manifest.json", text))), tmp_path / "image", make_plan(()), [])


def test_what_docker_saves_becomes_a_layout(tmp_path: Path) -> None:
    lower = archive(member("etc", kind=tarfile.DIRTYPE), member("etc/passwd", b"root:x:0:0::/:/bin/sh\n"))
    upper = archive(member("etc/.wh.passwd"), member("srv/x", b"x" * 3000))
    digests = [f"sha256:{hashlib.sha256(layer).hexdigest()}" for layer in (lower, upper, lower)]
    config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": digests}})
    saved = archive(
        member("one/layer.tar", lower),
        member("two/layer.tar", upper),
        member("three/layer.tar", kind=tarfile.SYMTYPE, linkname="../one/layer.tar"),
        member("c.json", config.encode()),
        member(
            "manifest.json",
            b'[{"Config": "c.json", "Layers": ["one/layer.tar", "two/layer.tar", "three/layer.tar"]}]',
        ),
    )
    built = import_archive(io.BytesIO(saved), tmp_path / "image", make_plan(()), ["base"])
    layout = ImageLayout.open(tmp_path / "image")
    contents = []
    for blob in layout.layers:
        with layout.layer(blob) as tar:
            contents.append(tar.read())
    assert contents == [lower, upper, lower]
    assert (built.files, layout.diff_ids()) == (3, tuple(digests))
    check_layers(layout, 0, SandboxLimits(1 << 20))


@pytest.mark.parametrize("attack", HOSTILE, ids=lambda each: each.build.__name__)
def test_a_hostile_layer_is_refused_before_an_engine_gets_it(attack: Attack, tmp_path: Path) -> None:
    (tmp_path / "layout").mkdir()
    layout = ImageLayout.open(write_layout(tmp_path / "layout", runs=False, top=attack.build(tmp_path / "canary")))
    with pytest.raises(RuntimeFailed, match="is not loaded"):
        check_layers(layout, 0, SandboxLimits(1 << 30))
    check_layers(layout, len(layout.layers), SandboxLimits(1 << 30))


def test_layers_that_need_more_than_there_is_room_for_are_refused(tmp_path: Path) -> None:
    (tmp_path / "layout").mkdir()
    bomb = archive(member("zeros", bytes(50 << 20)))
    layout = ImageLayout.open(write_layout(tmp_path / "layout", runs=False, top=bomb))
    with pytest.raises(RuntimeFailed, match="and the limit is"):
        check_layers(layout, 0, SandboxLimits(40 << 20))
