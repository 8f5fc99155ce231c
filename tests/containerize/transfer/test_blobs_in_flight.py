"""Builds at the same time: content that several need is sent once, and a host still has to prove what it has."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pytest

from containerize.content_store import ContentStore
from containerize.host.file_tree import FileEntry
from containerize.transfer.blobs_in_flight import BlobsInFlight
from containerize.transfer.content_fetch import fetch
from containerize.transfer.content_origins import Origins
from containerize.transfer.file_receiver import Examiner, TransferResult, WantedFile
from containerize.transfer.known_hashes import KnownHashes
from inventory.errors import HostError
from inventory.transports.transport import Transport


class _Broken:
    """A host whose connection breaks in a transfer, once another build waits for the same content."""

    def __init__(self, transport: Transport, begun: threading.Event) -> None:
        self.user, self.privileged, self.banner, self.peer = transport.user, transport.privileged, "", ""
        self.dial, self.dial_unix, self.close, self.run = (
            transport.dial, transport.dial_unix, transport.close, transport.run
        )  # fmt: skip
        self._begun = begun

    @contextmanager
    def stream(self, command: str, stdin: bytes = b"") -> Iterator[BinaryIO]:
        self._begun.set()
        time.sleep(0.3)
        raise HostError("the connection broke")
        yield


def _files(folder: Path) -> list[WantedFile]:
    folder.mkdir()
    for number in range(20):
        (folder / f"{number}").write_bytes(b"%d " % number * 5000)
    paths = sorted(folder.iterdir())
    return [WantedFile(str(p), hashlib.sha256(p.read_bytes()).hexdigest(), p.stat().st_size, True) for p in paths]


def _fetch(transport: Transport, wanted: list[WantedFile], store: ContentStore, host: str) -> TransferResult:
    examiner = Examiner(lambda _path, _content: None)
    return fetch(transport, wanted, store, examiner=examiner, origins=Origins(store.root, host))


def test_two_builds_that_need_the_same_content_have_it_sent_once(here: Transport, tmp_path: Path) -> None:
    wanted, store = _files(tmp_path / "host"), ContentStore(tmp_path / "content")
    with ThreadPoolExecutor(4) as pool:
        # The second host proves that it has what the first brings.
        found = list(pool.map(lambda host: _fetch(here, wanted, store, host), ["one", "one", "two", "two"]))
    assert sum(each.fetched for each in found) == sum(file.size for file in wanted)
    assert all(each.missing == {} and each.secrets == {} for each in found)
    assert Origins(store.root, "two").foreign(file.digest for file in wanted) == frozenset()


def test_content_that_one_build_could_not_get_is_fetched_by_the_other(here: Transport, tmp_path: Path) -> None:
    wanted, store = _files(tmp_path / "host"), ContentStore(tmp_path / "content")
    begun = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(_fetch, _Broken(here, begun), wanted, store, "one")
        assert begun.wait(10)
        second = pool.submit(_fetch, here, wanted, store, "two")
        with pytest.raises(HostError, match="broke"):
            first.result()
        assert second.result().missing == {}
    assert all(file.digest in store for file in wanted)


def test_content_of_another_host_that_came_meanwhile_has_to_be_proved(tmp_path: Path) -> None:
    store = ContentStore(tmp_path)
    mine = Origins(tmp_path, "one")
    assert mine.foreign(["a" * 64]) == frozenset()
    Origins(tmp_path, "two").add(["a" * 64, "b" * 64])
    assert mine.foreign(["a" * 64, "c" * 64]) == {"a" * 64}
    mine.add(["a" * 64])
    assert mine.foreign(["a" * 64, "b" * 64]) == {"b" * 64}
    assert "a" * 64 not in store


def test_a_half_written_line_of_a_killed_run_spoils_no_other(tmp_path: Path) -> None:
    Origins(tmp_path, "one").add(["a" * 64])
    record = next((tmp_path / "origins").iterdir())
    record.write_text(record.read_text() + "b" * 20)
    Origins(tmp_path, "one").add(["c" * 64])
    assert Origins(tmp_path, "two").foreign(["a" * 64, "c" * 64]) == {"a" * 64, "c" * 64}


def test_a_claim_is_exclusive_and_ends_with_its_block() -> None:
    flight = BlobsInFlight()
    with flight.claimed(["a", "b"]) as ours, flight.claimed(["b", "c"]) as theirs:
        assert (ours, theirs) == ({"a", "b"}, {"c"})
    flight.wait(["a", "b", "c"])
    with flight.claimed(["b"]) as again:
        assert again == {"b"}


def test_a_hash_is_known_for_the_same_size_and_time_only() -> None:
    known = KnownHashes()
    entry = FileEntry("f", 0o644, 0, 0, 10, 1_700_000_000, 8, "", "")
    known.add("sha256", "/bin/sh", entry, "a" * 64)
    assert known.get("sha256", "/bin/sh", entry) == "a" * 64
    assert known.get("md5", "/bin/sh", entry) is None
    assert known.get("sha256", "/bin/sh", entry._replace(mtime=1_700_000_001)) is None
    assert known.get("sha256", "/bin/sh", entry._replace(size=11)) is None
    assert known.get("sha256", "/bin/sh", None) is None
