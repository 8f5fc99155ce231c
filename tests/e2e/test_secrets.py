"""After scan, builds, pilots and report, no secret of a legacy host is in the workspace, however it is wrapped."""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
import sqlite3
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import zstandard

from tests.e2e.command import Done, assess
from tests.estate.places import ESTATE

pytestmark = [pytest.mark.estate, pytest.mark.engine, pytest.mark.timeout(900)]

_SECRET = re.compile(rb"(?<![\w/.-])estate-[a-z]+-[a-z-]*[a-z]")
_ZSTD, _GZIP = b"\x28\xb5\x2f\xfd", b"\x1f\x8b"
_DEEPEST = 6
_LARGE = 1 << 22


@pytest.fixture(scope="module")
def secrets() -> set[bytes]:
    """The fixture passwords and tokens of the recipes."""
    recipes = [path for path in (ESTATE / "hosts").rglob("*") if path.is_file()]
    found = {match[0] for path in recipes for match in _SECRET.finditer(path.read_bytes())}
    assert {b"estate-db-password", b"estate-session-secret", b"estate-supplier-password"} <= found
    return found


def forms(secret: bytes) -> set[bytes]:
    """As it is, as a URL or JSON has it, reversed, in other encodings, and in base64 wherever in the text it begins."""
    found = {secret, secret[::-1], quote(secret).encode(), secret.hex().encode(), secret.decode().encode("utf-16-le")}
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + secret)
        # Of the first and last group, bits of the neighbours decide.
        found.add(encoded[4:-4] if shift else encoded[:-4])
    return found


def wrapped(name: str, data: bytes, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """``data``, and whatever it is a wrapping of, each with how to get there."""
    yield name, data
    if depth == _DEEPEST:
        return
    if data.startswith(_ZSTD):
        plain = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data), read_across_frames=True).read()
        yield from wrapped(f"{name} (zstd)", plain, depth + 1)
    elif data.startswith(_GZIP):
        try:
            yield from wrapped(f"{name} (gzip)", gzip.decompress(data), depth + 1)
        except (OSError, EOFError, zlib.error):
            return
    elif data.startswith(b"SQLite format 3\0"):
        yield from in_database(name, data, depth)
    elif data[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isreg() else None
                packed = content.read() if content is not None else b""
                if packed.startswith((_ZSTD, _GZIP)):  # all else was seen in the tar itself
                    yield from wrapped(f"{name}!{member.name}", packed, depth + 1)


def in_database(name: str, data: bytes, depth: int) -> Iterator[tuple[str, bytes]]:
    """Every value of every table."""
    connection = sqlite3.connect(":memory:")
    # A database that was written ahead is marked so, and memory has no room for that.
    connection.deserialize(data[:18] + b"\x01\x01" + data[20:])
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for number, row in enumerate(connection.execute(f'SELECT * FROM "{table}"')):  # noqa: S608 - a name of ours
            for value in row:
                content = value.encode("utf-8", "replace") if isinstance(value, str) else value
                if isinstance(content, bytes):
                    yield from wrapped(f"{name}:{table}:{number}", content, depth + 1)


def finds(folder: Path, wanted: set[bytes]) -> list[tuple[str, bytes]]:
    """Where one of the byte strings is: names of files included."""
    found = []
    seen: set[int] = set()
    for path in sorted(folder.rglob("*")):
        found += [(str(path), each) for each in wanted if each in str(path).encode("utf-8", "surrogateescape")]
        if not path.is_file() or path.is_symlink() or path.stat().st_ino in seen:
            continue
        seen.add(path.stat().st_ino)
        for place, data in wrapped(str(path), path.read_bytes()):
            # What is large is files of a host: nobody of us has turned anything around in there.
            sought = wanted if len(data) < _LARGE else [each for each in wanted if each.startswith(b"estate-")]
            found += [(place, each) for each in sought if each in data]
    return found


def test_the_search_finds_what_is_hidden(tmp_path: Path) -> None:
    """Otherwise the test below would prove nothing."""
    secret = b"estate-hidden-secret"
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, content in (("plain", secret), ("dump.gz", gzip.compress(secret))):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    (tmp_path / "layer").write_bytes(zstandard.compress(packed.getvalue()))
    with sqlite3.connect(tmp_path / "assessment.db") as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE recordings (content BLOB)")
        database.execute("INSERT INTO recordings VALUES (?)", (zstandard.compress(b"a=b " + secret),))
    database.close()
    (tmp_path / "plan.json").write_text(json.dumps({"argument": base64.b64encode(b"-p" + secret).decode()}))
    (tmp_path / secret.decode()).touch()
    places = {place.removeprefix(f"{tmp_path}/") for place, _ in finds(tmp_path, forms(secret))}
    assert places >= {
        "layer (zstd)",
        "layer (zstd)!dump.gz (gzip)",
        "assessment.db:recordings:0 (zstd)",
        "plan.json",
        secret.decode(),
    }


def test_no_secret_is_kept_anywhere(
    scan: Done, builds: Done, pilots: Done, workspace: Path, secrets: set[bytes]
) -> None:
    assert assess(workspace, "report").status == 0
    assert assess(workspace, "export", "--json", "-o", str(workspace / "export.json")).status == 0
    wanted = {form for secret in secrets for form in forms(secret)}
    assert finds(workspace, wanted) == []
    for done in (scan, builds, pilots):
        said = (done.output + done.errors).encode()
        assert [each for each in wanted if each in said] == []


def test_the_files_with_secrets_are_left_out_because_they_were_recognised(
    scan: Done, builds: Done, workspace: Path
) -> None:
    assert builds.status == 0
    plan = json.loads((workspace / "builds" / "web01" / "apache2" / "plan.json").read_text())
    assert "/etc/app/app.ini" in {secret["path"] for secret in plan["secrets"]}
    assert "/etc/app/app.ini" not in {file["path"] for file in plan["files"]}
    found = {(finding["name"], finding["workload"]) for finding in scan.document["findings"]}
    assert ("secret-in-file", "web01/apache2") in found
