"""The listing is what is there: GNU find and the plain way of small hosts agree, and no name forges an entry."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containerize.host.answer_parts import AnswerIncomplete
from containerize.host.file_listing import Oddities, list_files, read_gnu
from containerize.host.file_tree import FileEntry, HostTree
from containerize.sandbox.removal import remove_tree
from containerize.tar.reader import MAX_TIME
from inventory.transports.transport import Transport


@pytest.fixture
def tree_on_disk(tmp_path: Path) -> Path:
    top = tmp_path / "host"
    for name in ("etc", "data/deep", "var/log/app", "we ird[1]"):
        (top / name).mkdir(parents=True)
    for name in ("etc/passwd", "data/deep/blob", "var/log/app/x.log", "we ird[1]/f", os.fsdecode(b"etc/caf\xe9")):
        (top / name).write_bytes(b"12345")
    (top / "etc/setuid").write_bytes(b"")
    (top / "etc/setuid").chmod(0o4755)
    (top / "etc/link").symlink_to("../etc/passwd")
    (top / "etc/dangling").symlink_to("no where")
    (top / "etc/second").hardlink_to(top / "etc/passwd")
    os.mkfifo(top / "etc/fifo")
    return top


def test_metadata_is_that_of_the_files(here: Transport, tree_on_disk: Path) -> None:
    top = str(tree_on_disk)
    tree = list_files(here, {}, top=top)
    status = (tree_on_disk / "etc/setuid").stat()
    entry = tree.get(f"{top}/etc/setuid")
    assert entry is not None
    assert entry[:6] == ("f", 0o4755, status.st_uid, status.st_gid, 0, int(status.st_mtime))
    link = tree.get(f"{top}/etc/link")
    assert link is not None
    assert (link.kind, link.link) == ("l", "../etc/passwd")
    first, second = tree.get(f"{top}/etc/passwd"), tree.get(f"{top}/etc/second")
    assert first is not None
    assert second is not None
    assert first.inode == second.inode != ""
    assert os.fsdecode(b"/etc/caf\xe9") in {path.removeprefix(top) for path in tree.paths()}
    assert {entry.kind for path in tree.paths() if (entry := tree.get(path))} == {"d", "f", "l", "p"}


def test_pruned_directories_are_there_and_not_entered(here: Transport, tree_on_disk: Path) -> None:
    top = str(tree_on_disk)
    tree = list_files(here, {f"{top}/data": "data", f"{top}/we ird[1]": "data"}, top=top)
    assert f"{top}/data" in tree
    assert not list(tree.below(f"{top}/data"))
    assert f"{top}/we ird[1]" in tree
    assert f"{top}/we ird[1]/f" not in tree


def test_of_logs_only_directories_are_listed(here: Transport, tree_on_disk: Path) -> None:
    top = str(tree_on_disk)
    tree = list_files(here, {}, [f"{top}/var/log"], top=top)
    assert f"{top}/var/log/app" in tree
    assert f"{top}/var/log/app/x.log" not in tree
    assert f"{top}/etc/passwd" in tree


def test_the_plain_way_sees_the_same(here: Transport, plain: Transport, tree_on_disk: Path) -> None:
    top = str(tree_on_disk)
    prune, logs = {f"{top}/data": "data"}, [f"{top}/var/log"]
    ours, theirs = list_files(here, prune, logs, top=top), list_files(plain, prune, logs, top=top)
    assert _comparable(theirs) == _comparable(ours)


def _comparable(tree: HostTree) -> dict[str, FileEntry]:
    entries = {path: entry for path in tree.paths() if (entry := tree.get(path))}
    return {path: entry._replace(inode=str(bool(entry.inode))) for path, entry in entries.items()}


def test_a_name_with_a_newline_forges_nothing(here: Transport, tree_on_disk: Path) -> None:
    evil = tree_on_disk / "etc" / "x\nf 4755 0 0 9 0 0 1 0:0 "
    evil.write_bytes(b"")
    tree = list_files(here, {}, top=str(tree_on_disk))
    assert str(evil) in tree
    assert len(list(tree.below(str(tree_on_disk)))) == len(list(tree_on_disk.rglob("*")))


def test_a_host_that_lists_nothing_is_an_error(here: Transport, tmp_path: Path) -> None:
    with pytest.raises(AnswerIncomplete, match="none of its files"):
        list_files(here, {}, top=str(tmp_path / "missing"))


@given(st.lists(st.binary(max_size=60).map(lambda raw: raw.replace(b"\0", b" "))))
def test_no_records_raise_anything_but_the_one_error(records: list[bytes]) -> None:
    with contextlib.suppress(AnswerIncomplete):
        dict(read_gnu(records))


def _entry(kind: str, link: str = "", mode: int = 0o755) -> FileEntry:
    return FileEntry(kind, mode, 0, 0, 0, 0, 0, "", link)


def test_links_are_followed_as_the_kernel_does() -> None:
    tree = HostTree(
        {
            "/bin": _entry("l", "usr/bin"),
            "/usr": _entry("d"),
            "/usr/bin": _entry("d"),
            "/usr/bin/awk": _entry("l", "/etc/alternatives/awk"),
            "/usr/bin/mawk": _entry("f"),
            "/etc": _entry("d"),
            "/etc/alternatives": _entry("d"),
            "/etc/alternatives/awk": _entry("l", "../../bin/mawk"),
            "/loop": _entry("l", "loop"),
        }
    )
    found = tree.resolve("/bin/awk")
    assert found is not None
    assert found.path == "/usr/bin/mawk"
    assert found.links == ("/bin", "/usr/bin/awk", "/etc/alternatives/awk", "/bin")
    canonical = tree.canonical("/bin/awk")
    assert canonical is not None
    assert canonical.path == "/usr/bin/awk"
    assert tree.resolve("/loop") is None
    assert tree.resolve("/bin/missing") is None
    assert tree.resolve("/../../bin/../bin/mawk") == ("/usr/bin/mawk", ("/bin",))
    assert tree.find_program("awk", ["/sbin", "/bin"]) == "/bin/awk"
    assert tree.find_program("../bin/awk", ["/bin"]) is None


def _record(uid: str = "0", gid: str = "0", size: str = "1", mtime: str = "5.25", path: bytes = b"/x") -> list[bytes]:
    return [f"f 644 {uid} {gid} {size} {mtime} 8 1 1:2 ".encode() + path, b""]


@pytest.mark.parametrize(
    "forged",
    [
        {"uid": str(2**40)},
        {"uid": str(2**32 - 1)},
        {"gid": str(2**64)},
        {"uid": "-1"},
        {"size": str(2**63)},
        {"size": "-1"},
        {"mtime": "9" * 5000},
    ],
)
def test_a_forged_listing_with_numbers_that_no_system_has_is_refused(forged: dict[str, str]) -> None:
    with pytest.raises(AnswerIncomplete):
        list(read_gnu(_record(**forged)))


def test_times_that_any_user_can_set_are_clamped_and_told() -> None:
    odd = Oddities()
    records = [*_record(mtime=str(2**63 - 1)), *_record(mtime=str(-(2**62)), path=b"/y"), *_record(path=b"/z")]
    assert [entry.mtime for _, entry in read_gnu(records, odd)] == [MAX_TIME, 0, 5]
    (note,) = odd.notes()
    assert note.startswith("the times of 2 files of the host")


@pytest.mark.parametrize("path", [b"/" + b"n" * 256, b"/d" * 300, b"/" + b"/".join([b"n" * 200] * 21)])
def test_names_that_no_archive_takes_are_left_out_and_told(path: bytes) -> None:
    odd = Oddities()
    assert [found for found, _ in read_gnu([*_record(path=path), *_record()], odd)] == ["/x"]
    (note,) = odd.notes()
    assert note.startswith("1 files of the host are not listed")


def test_a_user_cannot_stop_a_build_with_odd_times_and_deep_directories(here: Transport, tmp_path: Path) -> None:
    top = tmp_path / "host"
    (top / "etc").mkdir(parents=True)
    shm = Path("/dev/shm")
    place = Path(tempfile.mkdtemp(dir=shm)) if shm.is_dir() else tmp_path
    try:
        (place / "future").write_bytes(b"")
        os.utime(place / "future", (0, 2**62))
        deep = os.open(place, os.O_RDONLY)
        for _ in range(40):
            os.mkdir("d" * 200, dir_fd=deep)
            inner = os.open("d" * 200, os.O_RDONLY, dir_fd=deep)
            os.close(deep)
            deep = inner
        os.close(deep)
        tree = list_files(here, {}, top=str(place))
        entry = tree.get(f"{place}/future")
        assert entry is not None
        assert entry.mtime == MAX_TIME
        assert all(len(path) < 4096 for path in tree.paths())
        assert len(tree.notes) == 2
    finally:
        remove_tree(place)


@given(st.integers(-(2**70), 2**70), st.integers(-(2**70), 2**70), st.integers(-(2**70), 2**70))
def test_what_is_listed_is_within_what_an_archive_takes(uid: int, size: int, mtime: int) -> None:
    with contextlib.suppress(AnswerIncomplete):
        for _, entry in read_gnu(_record(uid=str(uid), size=str(size), mtime=str(mtime))):
            assert 0 <= entry.uid < 2**32 - 1 and 0 <= entry.size < 2**63 and 0 <= entry.mtime <= MAX_TIME
