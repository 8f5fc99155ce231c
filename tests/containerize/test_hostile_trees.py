"""Trees that break what copies them: every odd file is taken as it is or left out with a sentence, and no disk is full
of half an image.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from containerize.closure.gathering import Gathering
from containerize.closure.ownership import Ownership
from containerize.content import ContentStore
from containerize.files_from_host import HostFileReader
from containerize.image import write_image
from containerize.planned_files import planned_files
from containerize.survey.listing import list_files
from containerize.survey.packages import NO_PACKAGES
from containerize.tar_write import member_name
from inventory.errors import WorkspaceError
from inventory.transports.transport import Transport
from tests.containerize.plans import make_plan, planned


@pytest.fixture
def odd() -> Iterator[Path]:
    """An application directory as bad luck or malice makes it; not below /tmp, of which no image has anything."""
    if not os.access("/opt", os.W_OK):
        pytest.skip("only root puts applications into /opt")
    with tempfile.TemporaryDirectory(dir="/opt", prefix="assess-test-") as place:
        yield _make_odd(Path(place) / "app")


def _make_odd(top: Path) -> Path:
    top.mkdir()
    names = [b"two\nlines", b" leading", b"-rf", b"caf\xe9", b"back\\slash", b"$(id)`id`'\"", b"x" * 200, b"*?[a]"]
    for name in names:
        (top / os.fsdecode(name)).write_bytes(b"content of " + name[:20])
    deep = top
    for level in range(40):
        deep = deep / f"{level:02d}-deep-deep"
        deep.mkdir()
    (deep / "end").write_bytes(b"end")
    (top / "loop").symlink_to("loop")
    (top / "up").symlink_to("../..")
    (top / "long").symlink_to("y" * 3000)
    os.mkfifo(top / "fifo")
    with (top / "sparse").open("wb") as sparse:
        sparse.truncate(1 << 40)
    (top / "empty").write_bytes(b"")
    (top / "again").hardlink_to(top / "empty")
    return top


def _gathered(here: Transport, top: Path) -> Gathering:
    tree = list_files(here, {}, top=str(top))
    gathering = Gathering(tree, NO_PACKAGES, Ownership(tree, NO_PACKAGES), {})
    gathering.whole(str(top), "is the application")
    return gathering


def test_odd_files_are_taken_as_they_are_and_the_rest_is_named(
    here: Transport, odd: Path, store: ContentStore, tmp_path: Path
) -> None:
    gathering = _gathered(here, odd)
    assert gathering.left_out == {str(odd / "sparse"): "a sparse file that claims 1024 GB"}
    assert str(odd / "fifo") not in gathering.claims
    reader = HostFileReader(here, gathering, store)
    reader.hash_all()
    reader.fetch_all()
    assert reader.missing == {}
    files = planned_files(gathering, reader.hashes, outside=(), generated=(), run_directories=(), capabilities={})
    built = write_image(make_plan(files, volumes=()), store, tmp_path / "layers", tmp_path / "image")
    (blob,) = (tmp_path / "layers").glob("*[0-9a-f]")
    target = tmp_path / "unpacked"
    target.mkdir()
    # Unpacked by a tar that we did not write.
    layer = zstandard.ZstdDecompressor().stream_reader(blob.read_bytes()).read()
    subprocess.run(["tar", "-xf", "-", "-C", str(target)], input=layer, check=True)
    assert built.files == sum(file.kind != "directory" for file in files)
    for path in odd.rglob("*"):
        copy = target / str(path)[1:]
        if path.name in ("sparse", "fifo"):
            assert not copy.exists()
        elif path.is_symlink():
            assert copy.readlink() == path.readlink()
        elif path.is_file():
            assert copy.read_bytes() == path.read_bytes()
    assert (target / str(odd)[1:] / "again").samefile(target / str(odd)[1:] / "empty")


def test_files_that_change_or_vanish_meanwhile_are_named(here: Transport, odd: Path, store: ContentStore) -> None:
    (odd / "busy").write_bytes(b"before")
    (odd / "leaving").write_bytes(b"here")
    gathering = _gathered(here, odd)
    reader = HostFileReader(here, gathering, store)
    reader.hash_all()
    (odd / "busy").write_bytes(b"later!")
    (odd / "leaving").unlink()
    reader.fetch_all()
    assert set(reader.missing) == {str(odd / "leaving")}
    assert reader.hashes.sha256[str(odd / "busy")] in store  # it held still for the second attempt


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    place = tmp_path / "tiny"
    place.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tiny", str(place)]).returncode:
        pytest.skip("only root mounts a small file system")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_one_sentence_and_leaves_no_half_image(tiny: Path, store: ContentStore) -> None:
    plan = make_plan([planned(store, "/big", os.urandom(3 << 20))])
    with pytest.raises(WorkspaceError, match="make room and build again"):
        write_image(plan, store, tiny / "layers", tiny / "image")
    assert [path for path in tiny.rglob("*") if path.is_file()] == []
    with pytest.raises(WorkspaceError, match="make room and build again"):
        ContentStore(tiny / "content").put(os.urandom(3 << 20))
    assert [path for path in tiny.rglob("*") if path.is_file()] == []


def test_no_file_of_an_image_is_written_through_a_link_of_the_same_image(here: Transport, odd: Path) -> None:
    gathering = _gathered(here, odd)
    links = [path for path in gathering.claims if (entry := gathering.tree.get(path)) and entry.kind == "l"]
    assert links
    assert not [path for path in gathering.claims for link in links if path.startswith(f"{link}/")]
    assert all(member_name(path) for path in gathering.claims)
