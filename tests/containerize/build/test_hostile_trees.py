"""Trees that break what copies them: every odd file is taken as it is or left out with a sentence, and no disk is full
of half an image.
"""

from __future__ import annotations

import hashlib
import io
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from containerize.build.builder import remove_leftovers
from containerize.closure.file_set import FileSet
from containerize.closure.package_ownership import PackageOwnership
from containerize.content_store import ContentStore
from containerize.host.file_listing import list_files
from containerize.host.installed_packages import NO_PACKAGES
from containerize.image.write_image import write_image
from containerize.plan.model import RunDirectory
from containerize.plan.plan_json import save_plan
from containerize.plan.planned_files import left_out_list, planned_files
from containerize.tar.reader import read_members
from containerize.tar.writer import member_name
from containerize.transfer.content_fetch import fetch
from containerize.transfer.content_origins import Origins
from containerize.transfer.file_receiver import CHANGING, VANISHED, Examiner, WantedFile
from containerize.transfer.host_file_reader import UNREADABLE, VANISHED_BEFORE, HostFileReader
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
    (top / "above-the-root").symlink_to("/../../../etc/passwd")
    (top / "absolute").symlink_to("/etc/passwd")
    (top / "here").symlink_to(".")
    (top / "ping").symlink_to("pong")
    (top / "pong").symlink_to("ping/x")
    (top / "long").symlink_to("y" * 3000)
    os.mkfifo(top / "fifo")
    os.mknod(top / "null", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    os.mknod(top / "disk", 0o600 | stat.S_IFBLK, os.makedev(7, 250))
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(top / "socket"))
    with (top / "sparse").open("wb") as sparse:
        sparse.truncate(1 << 40)
    (top / "empty").write_bytes(b"")
    (top / "again").hardlink_to(top / "empty")
    return top


def _gathered(here: Transport, top: Path) -> FileSet:
    tree = list_files(here, {}, top=str(top))
    file_set = FileSet(tree, NO_PACKAGES, PackageOwnership(tree, NO_PACKAGES), {})
    file_set.whole(str(top), "is the application")
    return file_set


def test_odd_files_are_taken_as_they_are_and_the_rest_is_named(
    here: Transport, odd: Path, store: ContentStore, tmp_path: Path
) -> None:
    file_set = _gathered(here, odd)
    left_out = {each.path: each.reason for each in left_out_list(file_set, {}, ())}
    assert left_out == {
        str(odd / "sparse"): "a sparse file that claims 1024 GB",
        str(odd / "fifo"): "a named pipe, which holds no content",
        str(odd / "null"): "a device; the container host gives it to the container where the service opens it",
        str(odd / "disk"): "a block device; the container host gives it to the container where the service opens it",
        str(odd / "socket"): "a socket, which the service makes when it starts",
    }
    assert not file_set.claims.keys() & left_out.keys()
    reader = HostFileReader(here, file_set, store, Origins(store.root, "here"))
    reader.hash_all()
    reader.fetch_all()
    assert reader.missing == {}
    files = planned_files(file_set, reader.hashes, outside=(), generated=(), run_directories=(), capabilities={})
    built = write_image(make_plan(files, volumes=()), store, tmp_path / "layers", tmp_path / "image")
    (blob,) = (tmp_path / "layers").glob("*[0-9a-f]")
    target = tmp_path / "unpacked"
    target.mkdir()
    # Unpacked by a tar that we did not write.
    layer = zstandard.ZstdDecompressor().stream_reader(blob.read_bytes()).read()
    subprocess.run(["tar", "-xf", "-", "-C", str(target)], input=layer, check=True)
    assert built.files == sum(file.kind != "directory" for file in files)
    # Not rglob: before Python 3.12 it raises where the target of a link is long.
    for path in (Path(folder, name) for folder, *names in os.walk(odd) for name in (*names[0], *names[1])):
        copy = target / str(path)[1:]
        if str(path) in left_out:
            assert not os.path.lexists(copy)
        elif path.is_symlink():
            assert copy.readlink() == path.readlink()
        elif path.is_file():
            assert copy.read_bytes() == path.read_bytes()
    assert (target / str(odd)[1:] / "again").samefile(target / str(odd)[1:] / "empty")


def test_a_file_of_a_host_removes_none_of_a_lower_layer(
    here: Transport, odd: Path, store: ContentStore, tmp_path: Path
) -> None:
    (odd / ".wh.passwd").write_bytes(b"")
    (odd / ".wh..wh..opq").write_bytes(b"")
    (odd / ".wh.directory").mkdir()
    (odd / ".wh.directory/inside").write_bytes(b"")
    (odd / "a.wh.kept").write_bytes(b"")
    file_set = _gathered(here, odd)
    left_out = {each.path for each in left_out_list(file_set, {}, ()) if "removal of another file" in each.reason}
    assert left_out == {str(odd / name) for name in (".wh.passwd", ".wh..wh..opq", ".wh.directory")}
    reader = HostFileReader(here, file_set, store, Origins(store.root, "here"))
    reader.hash_all()
    reader.fetch_all()
    run = RunDirectory("/run/.wh.shadow", 0, 0, 0o755, "is made by tmpfiles")
    files = planned_files(file_set, reader.hashes, outside=(), generated=(), run_directories=[run], capabilities={})
    assert write_image(make_plan(files, volumes=()), store, tmp_path / "layers", tmp_path / "image").files
    (blob,) = (tmp_path / "layers").glob("*[0-9a-f]")
    layer = zstandard.ZstdDecompressor().stream_reader(blob.read_bytes()).read()
    names = [member.name for member in read_members(io.BytesIO(layer))]
    assert [name for name in names if b".wh." in name] == [str(odd / "a.wh.kept")[1:].encode()]


def test_files_that_change_or_vanish_meanwhile_are_named(here: Transport, odd: Path, store: ContentStore) -> None:
    (odd / "busy").write_bytes(b"before")
    (odd / "leaving").write_bytes(b"here")
    file_set = _gathered(here, odd)
    reader = HostFileReader(here, file_set, store, Origins(store.root, "here"))
    reader.hash_all()
    (odd / "busy").write_bytes(b"later!")
    (odd / "leaving").unlink()
    reader.fetch_all()
    assert reader.missing == {str(odd / "leaving"): VANISHED}
    assert reader.hashes.sha256[str(odd / "busy")] in store  # it held still for the second attempt


def test_a_file_that_grew_since_it_was_listed_is_taken_as_it_is_now(
    here: Transport, odd: Path, store: ContentStore, tmp_path: Path
) -> None:
    (odd / "grown").write_bytes(b"before")
    file_set = _gathered(here, odd)
    reader = HostFileReader(here, file_set, store, Origins(store.root, "here"))
    (odd / "grown").write_bytes(b"before and more")
    reader.hash_all()
    reader.fetch_all()
    assert reader.missing == {}
    files = planned_files(file_set, reader.hashes, outside=(), generated=(), run_directories=(), capabilities={})
    (grown,) = (file for file in files if file.path == str(odd / "grown"))
    assert (grown.size, store.read(grown.digest)) == (15, b"before and more")
    assert write_image(make_plan(files, volumes=()), store, tmp_path / "layers", tmp_path / "image").files


def test_a_file_that_never_holds_still_is_left_out_with_a_sentence(
    here: Transport, odd: Path, store: ContentStore
) -> None:
    stop = threading.Event()

    def change() -> None:
        with (odd / "busy").open("r+b", buffering=0) as busy:
            while not stop.is_set():
                os.pwrite(busy.fileno(), os.urandom(16), 0)
                time.sleep(0.001)

    changing = threading.Thread(target=change)
    (odd / "busy").write_bytes(bytes(16))
    file_set = _gathered(here, odd)
    reader = HostFileReader(here, file_set, store, Origins(store.root, "here"))
    changing.start()
    try:
        reader.hash_all()
        reader.fetch_all()
    finally:
        stop.set()
        changing.join()
    assert reader.missing == {str(odd / "busy"): CHANGING}
    rows = {each.path: each.reason for each in left_out_list(file_set, reader.missing, ())}
    assert rows[str(odd / "busy")] == "was changing while it was copied"


@pytest.fixture
def unreadable(odd: Path) -> Iterator[Path]:
    """A file that lists like any other, and gives an input/output error to whoever reads it."""
    path = odd / "unreadable"
    path.write_bytes(b"")
    if os.geteuid() != 0 or subprocess.run(["mount", "--bind", "/proc/self/mem", str(path)]).returncode:
        pytest.skip("only root mounts a file over another")
    yield path
    subprocess.run(["umount", str(path)], check=True)


def test_a_file_that_root_cannot_read_is_left_out_with_a_sentence(
    here: Transport, unreadable: Path, odd: Path, store: ContentStore
) -> None:
    (odd / "leaving").write_bytes(b"here")
    file_set = _gathered(here, odd)
    (odd / "leaving").unlink()
    reader = HostFileReader(here, file_set, store, Origins(store.root, "here"))
    reader.hash_all()
    reader.fetch_all()
    assert reader.missing == {str(unreadable): UNREADABLE, str(odd / "leaving"): VANISHED_BEFORE}


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


@pytest.mark.parametrize("size", [3 << 20, 9 << 20])
def test_a_disk_that_fills_while_files_arrive_keeps_only_whole_ones(
    here: Transport, tiny: Path, tmp_path: Path, size: int
) -> None:
    contents = {"first": b"small", "second": os.urandom(size)}
    wanted = []
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        wanted.append(WantedFile(str(tmp_path / name), hashlib.sha256(content).hexdigest(), len(content), False))
    with pytest.raises(WorkspaceError, match="make room and build again"):
        content = tiny / "content"
        fetch(
            here,
            wanted,
            ContentStore(content),
            examiner=Examiner(lambda _path, _content: None),
            origins=Origins(content, "here"),
        )
    assert [path.read_bytes() for path in tiny.rglob("*") if path.is_file()] == [b"small"]


_ENDLESS = """
import sys, time
from pathlib import Path
from containerize.content_store import ContentStore
from containerize.image.write_image import write_image
from containerize.plan.plan_json import load_plan
chunks = ContentStore.chunks
def slowly(store, digest):
    for chunk in chunks(store, digest):
        yield chunk
        time.sleep(0.2)
ContentStore.chunks = slowly
top = Path(sys.argv[1])
write_image(load_plan(top), ContentStore(top / "content"), top / "content" / "layers", top / "builds/h/w/image")
"""


def test_a_build_that_is_killed_leaves_nothing_that_looks_like_an_image(store: ContentStore, tmp_path: Path) -> None:
    save_plan(tmp_path, make_plan([planned(store, "/big", os.urandom(60 << 20))]))
    build = subprocess.Popen([sys.executable, "-c", _ENDLESS, str(tmp_path)])
    layers, deadline = tmp_path / "content" / "layers", time.monotonic() + 60
    while not any(path.stat().st_size > 1 << 20 for path in layers.glob(".layer-*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    build.kill()
    assert build.wait() == -signal.SIGKILL
    place = tmp_path / "builds" / "h" / "w"
    assert not (place / "image").exists()
    assert list(place.iterdir()) != []
    remove_leftovers(tmp_path / "content", tmp_path / "builds")
    assert (list(place.iterdir()), list(layers.iterdir())) == ([], [])


def test_no_file_of_an_image_is_written_through_a_link_of_the_same_image(here: Transport, odd: Path) -> None:
    file_set = _gathered(here, odd)
    links = [path for path in file_set.claims if (entry := file_set.tree.get(path)) and entry.kind == "l"]
    assert links
    assert not [path for path in file_set.claims for link in links if path.startswith(f"{link}/")]
    assert all(member_name(path) for path in file_set.claims)
