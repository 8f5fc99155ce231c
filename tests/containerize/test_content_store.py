"""A blob of the store has the hash of its name, or there is no blob."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from containerize.content_store import ContentMismatch, ContentStore
from inventory.errors import WorkspaceError


def test_content_is_found_again_by_its_hash(store: ContentStore) -> None:
    digest = store.put(b"hello")
    assert digest == hashlib.sha256(b"hello").hexdigest()
    assert digest in store
    assert store.read(digest) == b"hello"
    assert store.size(digest) == 5


def test_content_that_is_not_what_was_announced_leaves_nothing(store: ContentStore, tmp_path: Path) -> None:
    with pytest.raises(ContentMismatch), store.receive() as blob:
        blob.write(b"evil")
        blob.keep(hashlib.sha256(b"good").hexdigest())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_is_interrupted_leaves_nothing(store: ContentStore, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), store.receive() as blob:
        blob.write(b"half")
        raise KeyboardInterrupt
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_damaged_blob_is_noticed_and_removed(store: ContentStore) -> None:
    digest = store.put(b"hello")
    store.path(digest).write_bytes(b"hellO")
    with pytest.raises(ContentMismatch, match="build again"):
        store.read(digest)
    assert digest not in store


def test_a_missing_blob_is_one_sentence(store: ContentStore) -> None:
    with pytest.raises(ContentMismatch, match="missing"):
        store.read("0" * 64)


def test_only_a_hash_names_a_blob(store: ContentStore) -> None:
    with pytest.raises(ValueError, match="not a sha256"):
        store.path("../../etc/passwd")


def test_a_store_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "content").write_text("a file where the folder should be")
    with pytest.raises(WorkspaceError, match="cannot be written"):
        ContentStore(tmp_path / "content").put(b"x")


def test_blobs_are_for_their_owner_only(store: ContentStore) -> None:
    assert store.path(store.put(b"x")).stat().st_mode & 0o777 == 0o600
