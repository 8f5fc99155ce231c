"""What had arrived when a build was killed, or its connection broke, is not fetched again."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from containerize.build.builder import PARTIAL_DAYS, remove_leftovers
from containerize.content_store import ContentStore
from containerize.transfer.content_fetch import fetch
from containerize.transfer.content_origins import Origins
from containerize.transfer.file_receiver import CHANGING, HELD_BACK, WINDOW, Examiner, TransferResult, WantedFile
from containerize.transfer.transfer_commands import BLOCK
from inventory.errors import HostError, WorkspaceError
from inventory.privacy.secrets.file_examination import file_holds_secret
from inventory.transports.transport import Completed, Transport

SECRET = b"password = correct-horse-battery-staple-7\n"
LINE = b"a line of no interest\n"


class _Cut:
    """A way to a host that breaks after so many bytes of a stream."""

    user, privileged, banner = "root", True, ""

    def __init__(self, transport: Transport, after: int) -> None:
        self._transport, self._after = transport, after

    def run(self, command: str, stdin: bytes = b"", *, timeout: float = 120.0, limit: int = 64 << 20) -> Completed:
        return self._transport.run(command, stdin, timeout=timeout, limit=limit)

    @contextmanager
    def stream(self, command: str, stdin: bytes = b"") -> Iterator[BinaryIO]:
        with self._transport.stream(command, stdin) as source:
            yield cast(BinaryIO, _Breaking(source, self._after))


class _Breaking:
    def __init__(self, source: BinaryIO, left: int) -> None:
        self._source, self._left = source, left

    def read(self, size: int) -> bytes:
        if not self._left:
            raise HostError("the connection to here broke in the middle of an answer")
        chunk = self._source.read(min(size, self._left))
        self._left -= len(chunk)
        return chunk


def _wanted(path: Path, *, examine: bool = False, checksum: str = "") -> WantedFile:
    content = path.read_bytes()
    return WantedFile(str(path), hashlib.sha256(content).hexdigest(), len(content), examine, checksum)


def _fetch(transport: object, store: ContentStore, *wanted: WantedFile) -> TransferResult:
    scan = lambda path, content: file_holds_secret(content, path)  # noqa: E731
    return fetch(
        cast(Transport, transport), wanted, store, examiner=Examiner(scan), origins=Origins(store.root, "here")
    )


def _on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.fixture(params=["here", "plain"])
def anywhere(request: pytest.FixtureRequest) -> Transport:
    """A host with the GNU tools, and one with busybox's."""
    transport: Transport = request.getfixturevalue(request.param)
    return transport


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file of 13 MB, with a name that must not become a part of a command."""
    path = tmp_path / os.fsdecode(b"large $(id)'\n-caf\xe9")
    path.write_bytes(os.urandom(13_000_000))
    return path


@pytest.mark.parametrize("examine", [False, True])
def test_a_large_file_goes_on_where_it_was_interrupted(
    anywhere: Transport, store: ContentStore, large: Path, examine: bool
) -> None:
    md5 = "" if examine else hashlib.md5(large.read_bytes(), usedforsecurity=False).hexdigest()
    wanted = _wanted(large, examine=examine, checksum=md5)
    with pytest.raises(HostError, match="broke in the middle"):
        _fetch(_Cut(anywhere, 10_000_000), store, wanted)
    assert wanted.digest not in store
    come = store.partial(wanted.digest)
    assert come > 10_000_000 - WINDOW - HELD_BACK - BLOCK
    received = _fetch(anywhere, store, wanted)
    assert received.missing == {}
    assert received.fetched == wanted.size - come // BLOCK * BLOCK
    assert b"".join(store.chunks(wanted.digest)) == large.read_bytes()
    assert store.partial(wanted.digest) == 0


def test_a_beginning_that_is_not_that_of_the_file_is_fetched_anew(
    here: Transport, store: ContentStore, large: Path
) -> None:
    wanted = _wanted(large)
    with store.resume(wanted.digest, 0) as blob:
        blob.write(b"another host's idea of it" * 100_000)
    assert _fetch(here, store, wanted).missing == {wanted.path: CHANGING}
    assert store.partial(wanted.digest) == 0
    assert _fetch(here, store, wanted).missing == {}


def test_a_file_that_has_grown_meanwhile_is_named(here: Transport, store: ContentStore, large: Path) -> None:
    wanted = _wanted(large)
    with store.resume(wanted.digest, 0) as blob:
        blob.write(large.read_bytes()[:1_000_000])
    with large.open("ab") as file:
        file.write(b"more")
    received = _fetch(here, store, wanted)
    assert received.missing == {wanted.path: CHANGING}
    assert received.fetched <= wanted.size


@pytest.mark.parametrize("at", [15 * BLOCK - 20, 15 * BLOCK + 20, 5_000_000])
def test_a_secret_in_the_rest_never_touches_the_disk(
    here: Transport, store: ContentStore, tmp_path: Path, at: int
) -> None:
    """Also where it begins in what came before."""
    host = tmp_path / "host"
    host.mkdir()
    content = (LINE * 500_000)[: at - 1] + b"\n" + SECRET + LINE * 300_000
    (host / "app.ini").write_bytes(content)
    wanted = _wanted(host / "app.ini", examine=True)
    with store.resume(wanted.digest, 0) as blob:
        blob.write(content[: 15 * BLOCK])
    assert list(_fetch(here, store, wanted).secrets) == [wanted.path]
    assert b"correct-horse" not in _on_disk(tmp_path / "content")
    assert store.partial(wanted.digest) == 0


_BUILD = """
import sys
from pathlib import Path
from containerize.content_store import ContentStore
from containerize.transfer.host_hashes import hash_files
from containerize.transfer.content_origins import Origins
from containerize.transfer.content_fetch import fetch
from containerize.transfer.file_receiver import Examiner, WantedFile
from inventory.host import Host
from inventory.transports import connect
paths = sorted(Path(sys.argv[1]).iterdir())
with connect(Host("here", "127.0.0.1", connection="local")) as transport:
    sums = hash_files(transport, [str(path) for path in paths], "sha256")
    wanted = [WantedFile(str(path), sums[str(path)], path.stat().st_size, False) for path in paths]
    content = Path(sys.argv[2])
    origins = Origins(content, "here")
    examiner = Examiner(lambda *_: None)
    fetch(transport, wanted, ContentStore(content), examiner=examiner, origins=origins, bytes_per_second=6_000_000)
"""


def test_a_killed_build_does_not_fetch_again_what_had_come(here: Transport, tmp_path: Path) -> None:
    host, content = tmp_path / "host", tmp_path / "content"
    host.mkdir()
    for number in range(30):
        (host / f"{number:02}").write_bytes(os.urandom(100_000))
    (host / "large").write_bytes(os.urandom(40_000_000))
    wanted = [_wanted(path) for path in sorted(host.iterdir())]
    store = ContentStore(content)
    build = subprocess.Popen([sys.executable, "-c", _BUILD, str(host), str(content)])
    deadline = time.monotonic() + 60
    while store.partial(wanted[-1].digest) < 8_000_000 and time.monotonic() < deadline:
        time.sleep(0.1)
    build.send_signal(signal.SIGKILL)
    assert build.wait() == -signal.SIGKILL
    remove_leftovers(content, tmp_path / "builds")
    come = store.partial(wanted[-1].digest)
    assert come >= 8_000_000
    received = _fetch(here, store, *wanted)
    assert received.missing == {}
    assert received.fetched == 40_000_000 - come // BLOCK * BLOCK


def test_what_nobody_came_back_for_is_removed(store: ContentStore, tmp_path: Path) -> None:
    for digest in ("a" * 64, "b" * 64):
        with store.resume(digest, 0) as blob:
            blob.write(b"begun")
    old = time.time() - (PARTIAL_DAYS + 1) * 86400
    os.utime(tmp_path / "content" / "partial" / ("a" * 64), (old, old))
    remove_leftovers(tmp_path / "content", tmp_path / "builds")
    assert (store.partial("a" * 64), store.partial("b" * 64)) == (0, 5)


def test_a_full_disk_is_not_kept_full_by_what_has_begun(store: ContentStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_data: object) -> int:
        raise OSError(28, "No space left on device")

    with pytest.raises(WorkspaceError, match="make room and build again"), store.resume("a" * 64, 0) as blob:
        blob.write(b"begun")
        file = BytesIO()
        monkeypatch.setattr(file, "write", full, raising=False)
        blob._file.close()
        blob._file = file
        blob.write(b"more")
    assert store.partial("a" * 64) == 0
