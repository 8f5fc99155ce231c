"""A bundle holds a recording, and comes from anybody."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from inventory.depth import Depth
from inventory.privacy.recording_bundle import BundleError, pack, unpack
from tests.support.estate_recordings import recorded_result


def test_a_recording_comes_back(tmp_path: Path) -> None:
    recording = recorded_result("db01").recording
    assert recording is not None
    recording = replace(recording, depth=Depth.QUICK, missing={"cron": "cut"}, user="ops", privileged=False)
    path = tmp_path / "b.tar.gz"
    path.write_bytes(pack(recording, "0.1"))
    assert unpack(path) == recording
    assert path.read_bytes() == pack(recording, "0.1"), "the same recording gives the same bytes"


def test_it_can_be_looked_into_with_the_tools_of_any_system(tmp_path: Path) -> None:
    recording = recorded_result("db01").recording
    assert recording is not None
    path = tmp_path / "b.tar.gz"
    path.write_bytes(pack(recording, "0.1"))
    with tarfile.open(path) as tar:
        names = tar.getnames()
    assert names == ["about.json", *(f"{section.section}.txt" for section in recording.sections)]


def test_a_sparse_file_that_announces_terabytes_is_not_read(tmp_path: Path) -> None:
    sparse = tarfile.TarInfo("huge.txt")
    sparse.pax_headers = {"GNU.sparse.size": str(1 << 44), "GNU.sparse.major": "1", "GNU.sparse.minor": "0"}
    content = b"0\n".ljust(512, b"\0")
    sparse.size = len(content)
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(sparse, io.BytesIO(content))
    path = tmp_path / "b.tar.gz"
    path.write_bytes(raw.getvalue())
    with pytest.raises(BundleError, match="is not a bundle of assess"):
        unpack(path)


def tar_of(**files: bytes) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name.replace("_", "."))
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return raw.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"nonsense", "is not a bundle of assess"),
        (b"", "is not a bundle of assess"),
        (gzip.compress(b"nonsense"), "is not a bundle of assess"),
        (gzip.compress(b"x" * 3000)[:-20], "is not a bundle of assess"),
        (tar_of(other=b""), "is not a bundle of assess"),
        (tar_of(about_json=b"[1]"), "is not a bundle of assess"),
        (tar_of(about_json=json.dumps({"bundle": 99}).encode()), "newer version"),
        (tar_of(about_json=json.dumps({"bundle": 1}).encode()), "is damaged"),
    ],
    # Compressed bytes hold the time: they would name a test otherwise in each process.
    ids=["words", "nothing", "no tar", "cut off", "another tar", "no table", "newer", "without its files"],
)
def test_what_is_no_bundle_is_one_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "b.tar.gz"
    path.write_bytes(content)
    with pytest.raises(BundleError, match=words) as caught:
        unpack(path)
    assert "\n" not in str(caught.value)


def test_a_bundle_that_unpacks_for_ever_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inventory.privacy.recording_bundle._MOST", 1000)
    path = tmp_path / "b.tar.gz"
    path.write_bytes(gzip.compress(b"\0" * 100_000))
    with pytest.raises(BundleError, match="holds more than"):
        unpack(path)


def test_a_bundle_of_endless_headers_is_one_sentence(tmp_path: Path) -> None:
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = b"L", 5
    path = tmp_path / "b.tar.gz"
    header = info.tobuf(tarfile.GNU_FORMAT) + b"name\0".ljust(512, b"\0")
    path.write_bytes(gzip.compress(header * 5000 + b"\0" * 1024))
    with pytest.raises(BundleError, match="is not a bundle of assess"):
        unpack(path)
