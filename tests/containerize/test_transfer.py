"""What comes from a host: known content is not sent again, changed content is noticed, secrets never touch the disk."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pytest

from containerize.content import ContentStore
from containerize.hashing import hash_files
from containerize.tar_read import HostileStream
from containerize.tar_write import TarMember, TarWriter
from containerize.transfer import CHANGING, HELD_BACK, VANISHED, WHOLE, WINDOW, Received, Wanted, fetch
from inventory.redaction import file_holds_secret
from inventory.transports.transport import Completed, Transport

SECRET = b"password = correct-horse-battery-staple-7\n"


def _scan(path: str, content: bytes) -> str | None:
    return file_holds_secret(content, path)


def _wanted(path: Path, *, examine: bool = True, digest: str = "") -> Wanted:
    content = path.read_bytes()
    return Wanted(str(path), digest or hashlib.sha256(content).hexdigest(), len(content), examine)


def _fetch(transport: Transport, store: ContentStore, *wanted: Wanted) -> Received:
    return fetch(transport, wanted, store, scan=_scan)


def _on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.fixture(params=["here", "plain"])
def anywhere(request: pytest.FixtureRequest) -> Transport:
    """A host with the GNU tools, and one with busybox's."""
    transport: Transport = request.getfixturevalue(request.param)
    return transport


def test_files_arrive_whatever_their_names(anywhere: Transport, store: ContentStore, tmp_path: Path) -> None:
    names = [b"plain", b"two\nlines", b"-rf", b"caf\xe9", b"back\\slash", b"quote'\"$(x)"]
    paths = [tmp_path / os.fsdecode(name) for name in names]
    for path in paths:
        path.write_bytes(b"content of " + os.fsencode(path.name))
    received = _fetch(anywhere, store, *map(_wanted, paths))
    assert received.missing == {}
    assert [store.read(_wanted(path).digest) for path in paths] == [path.read_bytes() for path in paths]


def test_hashes_are_those_of_the_files_whatever_their_names(here: Transport, tmp_path: Path) -> None:
    paths = [tmp_path / os.fsdecode(name) for name in (b"plain", b"two\nlines", b"caf\xe9", b"back\\slash")]
    for path in paths:
        path.write_bytes(os.fsencode(path.name))
    hashes = hash_files(here, [*map(str, paths), str(tmp_path / "missing")], "sha256")
    assert hashes == {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_a_second_name_of_a_file_arrives_as_a_file(anywhere: Transport, store: ContentStore, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one")
    (tmp_path / "b").hardlink_to(tmp_path / "a")
    assert _fetch(anywhere, store, _wanted(tmp_path / "a"), _wanted(tmp_path / "b")).missing == {}


def test_known_content_is_not_sent_again(here: Transport, store: ContentStore, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"same" * 1000)
    (tmp_path / "b").write_bytes(b"same" * 1000)
    first = _fetch(here, store, _wanted(tmp_path / "a", examine=False), _wanted(tmp_path / "b", examine=False))
    assert first.fetched == 4000
    assert _fetch(here, store, _wanted(tmp_path / "b")).fetched == 0


def test_a_file_that_vanished_or_changed_is_named(here: Transport, store: ContentStore, tmp_path: Path) -> None:
    for name in ("gone", "changed", "grown"):
        (tmp_path / name).write_bytes(b"before")
    wanted = [_wanted(tmp_path / name) for name in ("gone", "changed", "grown")]
    (tmp_path / "gone").unlink()
    (tmp_path / "changed").write_bytes(b"after!")
    (tmp_path / "grown").write_bytes(b"before and more")
    received = _fetch(here, store, *wanted)
    assert [received.missing[each.path] for each in wanted] == [VANISHED, CHANGING, CHANGING]


@pytest.mark.parametrize("at", [0, WHOLE - 100, WHOLE + 100, WINDOW + HELD_BACK, 3 * WINDOW - 20])
def test_a_secret_never_touches_the_disk(here: Transport, store: ContentStore, tmp_path: Path, at: int) -> None:
    """Also in a large file, which is written window by window, and where the secret crosses the edge of one."""
    host, filler = tmp_path / "host", b"a line of no interest\n"
    host.mkdir()
    large = (filler * (at // len(filler) + 1))[:at] + b"\n" + SECRET + filler * 1000
    (host / "app.ini").write_bytes(large)
    received = _fetch(here, store, _wanted(host / "app.ini"))
    assert list(received.secrets) == [str(host / "app.ini")]
    assert b"correct-horse" not in _on_disk(tmp_path / "content")


def test_a_secret_that_is_known_already_is_a_secret_all_the_same(
    here: Transport, store: ContentStore, tmp_path: Path
) -> None:
    (tmp_path / "app.ini").write_bytes(SECRET)
    store.put(SECRET)
    assert _fetch(here, store, _wanted(tmp_path / "app.ini")).secrets


def test_what_a_package_vouches_for_is_checked_against_its_checksum(
    here: Transport, store: ContentStore, tmp_path: Path
) -> None:
    """A host that vouches for a file with another file's checksum does not get it past the search for secrets."""
    (tmp_path / "app.ini").write_bytes(SECRET)
    wanted = _wanted(tmp_path / "app.ini")
    lie = Wanted(wanted.path, wanted.digest, wanted.size, examine=False, md5="0" * 32)
    assert _fetch(here, store, lie).missing == {wanted.path: CHANGING}
    assert wanted.digest not in store


class _Hostile:
    """A host that answers a request for files with an archive of its own."""

    user, privileged = "root", True

    def __init__(self, *members: tuple[TarMember, bytes]) -> None:
        self._members = members

    def run(self, command: str, stdin: bytes = b"", *, timeout: float = 120.0, limit: int = 64 << 20) -> Completed:
        return Completed(0, b"tar (GNU tar) 1.35", b"")

    @contextmanager
    def stream(self, command: str, stdin: bytes = b"") -> Iterator[BinaryIO]:
        out = BytesIO()
        writer = TarWriter(out)
        for member, content in self._members:
            writer.add(member, [content])
        writer.finish()
        yield BytesIO(out.getvalue())


def test_files_that_nobody_asked_for_are_read_over(store: ContentStore, tmp_path: Path) -> None:
    uninvited = TarMember("/etc/uninvited", "file", 0o644, 0, 0, 0, 4)
    invited = TarMember("/etc/app", "file", 0o644, 0, 0, 0, 2)
    wanted = Wanted("/etc/app", hashlib.sha256(b"ok").hexdigest(), 2, True)
    host = _Hostile((uninvited, b"evil"), (invited, b"ok"), (invited, b"no"))
    received = fetch(host, [wanted], store, scan=_scan)  # type: ignore[arg-type]
    assert (received.missing, store.read(wanted.digest)) == ({}, b"ok")
    assert b"evil" not in _on_disk(tmp_path / "content")


def test_one_host_cannot_slip_its_bytes_under_the_hash_of_others(store: ContentStore) -> None:
    wanted = Wanted("/bin/sh", hashlib.sha256(b"good").hexdigest(), 4, False)
    host = _Hostile((TarMember("/bin/sh", "file", 0o755, 0, 0, 0, 4), b"evil"))
    received = fetch(host, [wanted], store, scan=_scan)  # type: ignore[arg-type]
    assert received.missing == {"/bin/sh": CHANGING}
    assert wanted.digest not in store


def test_a_file_far_larger_than_it_was_listed_ends_the_stream(store: ContentStore) -> None:
    class _Huge(_Hostile):
        @contextmanager
        def stream(self, command: str, stdin: bytes = b"") -> Iterator[BinaryIO]:
            from containerize.tar_write import headers

            yield BytesIO(headers(TarMember("/x", "file", 0o644, 0, 0, 0, 1 << 45)) + b"\0" * 4096)

    with pytest.raises(HostileStream, match="for a file of 1 bytes"):
        fetch(_Huge(), [Wanted("/x", "0" * 64, 1, True)], store, scan=_scan)  # type: ignore[arg-type]
