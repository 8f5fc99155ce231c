"""The layout is the same bytes for the same plan, is whole or not there, and its layers follow from the files alone."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import random
import tarfile
from pathlib import Path

import pytest
import zstandard

from containerize.content_store import ContentMismatch, ContentStore
from containerize.image import layer_files
from containerize.image.layers import MOST_OWN_LAYERS, OWN_LAYER, layer_of, split_into_layers
from containerize.image.write_image import layer_blobs, write_image
from containerize.plan.model import BuiltImage, ImagePlan, PlannedFile
from containerize.tar.writer import TarError
from tests.containerize.plans import directory, link, make_plan, planned


def _files(store: ContentStore) -> list[PlannedFile]:
    program = planned(store, "/usr/bin/app", b"program", layer="packages", mode=0o4755)
    second = dataclasses.replace(
        program, path="/usr/bin/second", kind="hardlink", digest="", size=0, link="/usr/bin/app"
    )
    return [
        directory("/usr"),
        directory("/usr/bin"),
        link("/bin", "usr/bin"),
        dataclasses.replace(program, xattrs=(("security.capability", b"\x01\x00\x00\x02" + bytes(16)),)),
        second,
        directory("/etc", "application"),
        planned(store, "/etc/app.conf", b"setting"),
        planned(store, "/etc/z\xfcrich.conf", b"setting"),
    ]


def _build(tmp_path: Path, name: str, plan: ImagePlan, store: ContentStore) -> BuiltImage:
    return write_image(plan, store, tmp_path / f"layers-{name}", tmp_path / name)


def _tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _members(layout: Path, built: BuiltImage) -> dict[str, list[tarfile.TarInfo]]:
    found = {}
    for layer in layer_blobs(layout, built.digest):
        packed = (layout / "blobs" / "sha256" / layer.digest).read_bytes()
        data = zstandard.ZstdDecompressor().decompressobj().decompress(packed)
        with tarfile.open(fileobj=io.BytesIO(data), errors="surrogateescape") as archive:
            found[layer.package or layer.name] = archive.getmembers()
    return found


def test_the_same_plan_gives_the_same_bytes_whatever_the_order_and_whatever_else_was_built(
    tmp_path: Path, store: ContentStore
) -> None:
    files = _files(store)
    _build(tmp_path, "other", make_plan(files[:3]), store)
    first = _build(tmp_path, "one", make_plan(files), store)
    second = _build(tmp_path, "two", make_plan(list(reversed(files))), store)
    assert first.digest == second.digest
    assert _tree(tmp_path / "one") == _tree(tmp_path / "two")


def test_every_blob_is_what_its_name_says_and_every_descriptor_fits(tmp_path: Path, store: ContentStore) -> None:
    built = _build(tmp_path, "one", make_plan(_files(store)), store)
    layout = tmp_path / "one"
    blobs = {path.name: path.read_bytes() for path in (layout / "blobs" / "sha256").iterdir()}
    assert all(hashlib.sha256(data).hexdigest() == name for name, data in blobs.items())
    manifest = json.loads(blobs[built.digest.removeprefix("sha256:")])
    for descriptor in (manifest["config"], *manifest["layers"]):
        assert len(blobs[descriptor["digest"].removeprefix("sha256:")]) == descriptor["size"]
    config = json.loads(blobs[manifest["config"]["digest"].removeprefix("sha256:")])
    plain = [
        zstandard.ZstdDecompressor().decompressobj().decompress(blobs[row["digest"][7:]]) for row in manifest["layers"]
    ]
    assert config["rootfs"]["diff_ids"] == [f"sha256:{hashlib.sha256(data).hexdigest()}" for data in plain]
    assert built.size == sum(map(len, plain))
    assert (config["architecture"], config["os"]) == ("amd64", "linux")
    assert config["config"]["StopSignal"] == "SIGWINCH"
    assert config["config"]["ExposedPorts"] == {"80/tcp": {}}
    assert config["config"]["Volumes"] == {"/var/lib/app": {}}
    (docker,) = json.loads((layout / "manifest.json").read_text())
    assert docker["RepoTags"] == ["localhost/brownfield/web01/apache2:lift"]
    assert docker["Layers"] == [f"blobs/sha256/{row['digest'][7:]}" for row in manifest["layers"]]


def test_files_keep_their_owner_mode_links_and_capabilities(tmp_path: Path, store: ContentStore) -> None:
    built = _build(tmp_path, "one", make_plan(_files(store)), store)
    members = _members(tmp_path / "one", built)
    assert list(members) == ["base", "packages", "application"]
    assert [each.name for each in members["base"]] == ["bin", "usr", "usr/bin"]
    assert [each.name for each in members["packages"]] == ["usr", "usr/bin", "usr/bin/app", "usr/bin/second"]
    program, second = members["packages"][2:]
    assert (program.mode, program.mtime) == (0o4755, 1_700_000_000)
    assert "SCHILY.xattr.security.capability" in program.pax_headers
    assert (second.islnk(), second.linkname) == (True, "usr/bin/app")


def test_a_build_that_fails_leaves_no_image_and_the_old_one_as_it_was(tmp_path: Path, store: ContentStore) -> None:
    files = _files(store)
    first = _build(tmp_path, "one", make_plan(files), store)
    before = _tree(tmp_path / "one")
    missing = dataclasses.replace(files[-1], digest="0" * 64)
    with pytest.raises(ContentMismatch):
        _build(tmp_path, "one", make_plan([*files[:-1], missing]), store)
    assert _tree(tmp_path / "one") == before
    with pytest.raises(ContentMismatch):
        _build(tmp_path, "two", make_plan([missing]), store)
    assert not (tmp_path / "two").exists()
    assert first.digest
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_content_that_was_damaged_is_never_put_into_an_image(tmp_path: Path, store: ContentStore) -> None:
    file = planned(store, "/etc/app.conf", b"setting")
    store.path(file.digest).write_bytes(b"sEtting")
    with pytest.raises(ContentMismatch, match="damaged"):
        _build(tmp_path, "one", make_plan([file]), store)


@pytest.mark.parametrize("path", ["/../etc/passwd", "etc/passwd", "/etc/../../x"])
def test_a_plan_that_leaves_the_root_is_refused(path: str, tmp_path: Path, store: ContentStore) -> None:
    with pytest.raises(TarError):
        _build(tmp_path, "one", make_plan([planned(store, path)]), store)


def test_layouts_share_the_bytes_of_equal_layers(tmp_path: Path, store: ContentStore) -> None:
    files = _files(store)
    layers = tmp_path / "layers"
    first = write_image(make_plan(files), store, layers, tmp_path / "one")
    write_image(make_plan([*files, planned(store, "/etc/more", b"x")]), store, layers, tmp_path / "two")
    base = layer_blobs(tmp_path / "one", first.digest)[0].digest
    places = [tmp_path / name / "blobs" / "sha256" / base for name in ("one", "two")]
    assert places[0].stat().st_ino == places[1].stat().st_ino


def test_layers_of_a_build_that_was_replaced_are_removed(tmp_path: Path, store: ContentStore) -> None:
    layers = tmp_path / "layers"
    write_image(make_plan([planned(store, "/a", b"1")]), store, layers, tmp_path / "one")
    built = write_image(make_plan([planned(store, "/a", b"2")]), store, layers, tmp_path / "one")
    kept = [path.name for path in layers.iterdir() if path.suffix != ".json"]
    assert kept == [layer.digest for layer in layer_blobs(tmp_path / "one", built.digest)]


def test_a_layer_that_was_made_before_is_taken_again_unless_it_was_damaged(tmp_path: Path, store: ContentStore) -> None:
    plan, layers = make_plan([planned(store, "/a", b"1")]), tmp_path / "layers"
    first = write_image(plan, store, layers, tmp_path / "one")
    store.path(plan.files[0].digest).unlink()
    assert write_image(plan, store, layers, tmp_path / "two").digest == first.digest
    (layer,) = layer_blobs(tmp_path / "one", first.digest)
    with (layers / layer.digest).open("r+b") as file:
        file.write(b"damage")
    with pytest.raises(ContentMismatch):
        write_image(plan, store, layers, tmp_path / "three")


def test_a_layer_that_was_damaged_is_made_again_from_the_content(tmp_path: Path, store: ContentStore) -> None:
    plan, layers = make_plan([planned(store, "/a", b"1")]), tmp_path / "layers"
    first = write_image(plan, store, layers, tmp_path / "one")
    (layer,) = layer_blobs(tmp_path / "one", first.digest)
    (layers / layer.digest).write_bytes(b"damage")
    assert write_image(plan, store, layers, tmp_path / "two").digest == first.digest
    blob = tmp_path / "two" / "blobs" / "sha256" / layer.digest
    assert hashlib.sha256(blob.read_bytes()).hexdigest() == layer.digest


def test_every_layer_says_whose_the_directories_above_its_files_are(tmp_path: Path, store: ContentStore) -> None:
    """An engine unpacks each layer by itself, and gives a directory that it has to invent to root with mode 0755."""
    private = dataclasses.replace(directory("/etc/private"), mode=0o2750, gid=33)
    files = [
        directory("/etc"),
        private,
        planned(store, "/etc/private/of-base", b"1", layer="base"),
        dataclasses.replace(planned(store, "/etc/private/of-big", bytes(OWN_LAYER), layer="packages"), package="big"),
        planned(store, "/etc/private/own", b"2"),
    ]
    members = _members(tmp_path / "one", _build(tmp_path, "one", make_plan(files), store))
    assert list(members) == ["base", "big", "application"]
    for rows in members.values():
        names = [each.name for each in rows]
        assert names[:2] == ["etc", "etc/private"]
        assert (rows[1].mode, rows[1].gid) == (0o2750, 33)


def _package(store: ContentStore, name: str, size: int) -> list[PlannedFile]:
    path = f"/usr/lib/{name}"
    file = planned(store, f"{path}/x", name.encode() + bytes(size - len(name)), layer="packages")
    return [directory(path, "packages"), dataclasses.replace(file, package=name)]


@pytest.mark.parametrize("workers", [2, 3, 8])
def test_the_bytes_do_not_depend_on_how_many_processors_there_are(
    tmp_path: Path, store: ContentStore, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    """Enough for several jobs of libzstd, which are 8 MiB each."""
    words = random.Random(1)
    text = b"".join(b"%d\n" % words.randrange(1 << 40) for _ in range(1_000_000))
    plan = make_plan([planned(store, "/a", text), planned(store, "/b", text[::-1]), planned(store, "/c", b"x")])
    monkeypatch.setattr(layer_files, "WORKERS", 1)
    one = _build(tmp_path, "one", plan, store)
    monkeypatch.setattr(layer_files, "WORKERS", workers)
    assert _build(tmp_path, "many", plan, store).digest == one.digest


def test_a_large_package_is_the_same_layer_whatever_comes_with_it(tmp_path: Path, store: ContentStore) -> None:
    large, small = _package(store, "large", OWN_LAYER), _package(store, "small", OWN_LAYER - 1)
    other, above = _package(store, "other", 10), [directory("/usr"), directory("/usr/lib", "packages")]
    one = _build(tmp_path, "one", make_plan([*above, *large, *small]), store)
    two = _build(tmp_path, "two", make_plan([*above, *large, *other]), store)
    stacks = [layer_blobs(tmp_path / name, built.digest) for name, built in (("one", one), ("two", two))]
    assert [[layer.package for layer in stack] for stack in stacks] == [["", "", "large"]] * 2
    assert stacks[0][0].digest == stacks[1][0].digest
    assert stacks[0][1].digest != stacks[1][1].digest
    assert stacks[0][2].digest == stacks[1][2].digest


def test_no_image_has_more_layers_than_engines_take(store: ContentStore) -> None:
    sizes = {f"package{number}": OWN_LAYER * (1 + number % 3) for number in range(150)}
    files = [dataclasses.replace(_package(store, name, 10)[1], package=name, size=size) for name, size in sizes.items()]
    layers = split_into_layers(files)
    assert len(layers) <= MOST_OWN_LAYERS + 3
    assert {layer.package for layer in layers} == {""}  # the next bound takes none of them: a hundred are too many
    assert len(split_into_layers(files[:MOST_OWN_LAYERS])) == MOST_OWN_LAYERS


@pytest.mark.parametrize(
    ("owners", "as_shipped", "layer"),
    [
        (("dash",), True, "base"),
        (("apache2", "dash"), True, "base"),
        (("apache2",), True, "packages"),
        (("apache2",), False, "application"),
        (("dash",), False, "application"),
        ((), True, "application"),
    ],
)
def test_the_layer_is_decided_by_the_file_alone(owners: tuple[str, ...], as_shipped: bool, layer: str) -> None:
    assert layer_of(owners, frozenset({"dash"}), as_shipped=as_shipped) == layer
