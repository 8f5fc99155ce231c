"""What a build takes from a host, with secrets where a search of text does not see them: none of it is kept."""

from __future__ import annotations

import hashlib
import io
import py_compile
import random
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from containerize.content_store import ContentStore
from containerize.transfer.content_origins import Origins
from containerize.transfer.host_file_reader import HostFileReader
from inventory.transports.transport import Transport
from tests.containerize.closure.pretend_host import PretendHost
from tests.inventory.privacy.secrets.test_packed_secrets import PACKED, SECRET, SETTINGS

DEBIAN = "Debian Apache Maintainers <debian-apache@lists.debian.org>"


@pytest.fixture
def host(tmp_path: Path) -> RealHost:
    return RealHost(tmp_path / "host")


class RealHost(PretendHost):
    """A pretend host whose files are on this machine too, below a folder."""

    def __init__(self, top: Path) -> None:
        super().__init__()
        self.top = top

    def file(self, path: str, content: str | bytes = b"", *, mode: int = 0o644, uid: int = 0) -> None:
        data = content.encode() if isinstance(content, str) else content
        super().file(path, data, mode=mode, uid=uid)
        place = Path(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)

    def taken(self, transport: Transport, store: ContentStore) -> HostFileReader:
        """Everything, as a build takes it."""
        file_set = self.file_set()
        file_set.claims = dict.fromkeys(self.contents, "is wanted")
        reader = HostFileReader(transport, file_set, store, Origins(store.root, "here"))
        reader.hash_all()
        reader.fetch_all()
        return reader


def _kept(store: ContentStore, tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "content").rglob("*") if path.is_file() and "sha256" in path.parts]


def test_packed_and_binary_secrets_never_reach_the_store(
    host: RealHost, here: Transport, store: ContentStore, tmp_path: Path
) -> None:
    for number, (path, pack) in enumerate(PACKED.values()):
        host.file(f"{host.top}/{number}{path}", pack(SETTINGS))
    reader = host.taken(here, store)
    assert sorted(reader.secrets) == sorted(host.contents)
    assert _kept(store, tmp_path) == []


def test_a_large_archive_with_a_secret_never_reaches_the_store(
    host: RealHost, here: Transport, store: ContentStore, tmp_path: Path
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("before", random.Random(1).randbytes(5 << 20))
        archive.writestr("db.ini", SETTINGS)
        archive.writestr("after", random.Random(2).randbytes(5 << 20))
    host.file(f"{host.top}/app.war", packed.getvalue())
    reader = host.taken(here, store)
    assert list(reader.secrets) == [f"{host.top}/app.war"]
    assert not list((tmp_path / "content").rglob("partial/*"))
    assert _kept(store, tmp_path) == []


def test_a_blob_of_an_earlier_build_with_a_secret_is_removed(
    host: RealHost, here: Transport, store: ContentStore, tmp_path: Path
) -> None:
    for name in ("jar", "gz", "a program"):
        path, pack = PACKED[name]
        host.file(host.top.as_posix() + path, pack(SETTINGS))
        store.put(pack(SETTINGS))
    large = random.Random(3).randbytes(5 << 20) + b"\npassword = " + SECRET.encode() + b"\n"
    host.file(f"{host.top}/large", large)
    store.put(large)
    reader = host.taken(here, store)
    assert sorted(reader.secrets) == sorted(host.contents)
    assert _kept(store, tmp_path) == []


def test_the_same_bytes_stay_out_under_every_name(
    host: RealHost, here: Transport, store: ContentStore, tmp_path: Path
) -> None:
    host.file(f"{host.top}/app.conf", SETTINGS)
    host.file(f"{host.top}/README.md", SETTINGS)  # by itself an example in prose
    reader = host.taken(here, store)
    assert sorted(reader.secrets) == sorted(host.contents)
    assert _kept(store, tmp_path) == []


@pytest.mark.parametrize("maker", ["", "Operations <ops@corp.example>"])
def test_a_password_that_an_in_house_package_ships_stays_out(
    host: RealHost, here: Transport, store: ContentStore, tmp_path: Path, maker: str
) -> None:
    path = f"{host.top}/corp/corp.conf"
    host.file(path, SETTINGS)
    host.package("corp-app", path)
    if maker:
        host.packages["corp-app"] = replace(host.packages["corp-app"], maker=maker)
    reader = host.taken(here, store)
    assert list(reader.secrets) == [path]
    assert _kept(store, tmp_path) == []


def test_what_a_distribution_ships_is_public(host: RealHost, here: Transport, store: ContentStore) -> None:
    path = f"{host.top}/usr/share/tests/key.conf"
    host.file(path, SETTINGS)
    host.package("libapp-tests", path)
    host.packages["libapp-tests"] = replace(host.packages["libapp-tests"], maker=DEBIAN)
    assert host.taken(here, store).secrets == {}
    Path(path).write_bytes(SETTINGS + b"# changed\n")
    assert list(host.taken(here, store).secrets) == [path]


def test_no_host_vouches_for_the_files_of_another(
    host: RealHost, here: Transport, store: ContentStore, tmp_path: Path
) -> None:
    """One that calls a file of all of them a distribution's."""
    path = f"{host.top}/opt/shop/db.conf"
    host.file(path, SETTINGS)
    host.package("shop", path)
    host.packages["shop"] = replace(host.packages["shop"], maker=DEBIAN)
    assert host.taken(here, store).secrets == {}
    other = RealHost(host.top)
    other.file(path, SETTINGS)
    assert list(other.taken(here, store).secrets) == [path]
    assert not store.root.exists() or hashlib.sha256(SETTINGS).hexdigest() not in ContentStore(store.root)


def test_what_is_an_example_in_documentation_is_none_elsewhere(
    host: RealHost, here: Transport, store: ContentStore
) -> None:
    example, used = f"{host.top}/usr/share/doc/shop/settings", f"{host.top}/etc/shop/settings"
    host.file(example, SETTINGS)
    assert host.taken(here, store).secrets == {}
    other = RealHost(host.top)
    other.file(used, SETTINGS)
    assert list(other.taken(here, store).secrets) == [used]


def test_a_distributions_package_that_no_repository_has_is_examined(
    host: RealHost, here: Transport, store: ContentStore
) -> None:
    path = f"{host.top}/usr/share/app/key.conf"
    host.file(path, SETTINGS)
    host.package("app", path)
    host.packages["app"] = replace(host.packages["app"], maker=DEBIAN)
    file_set = host.file_set()
    file_set.claims = {path: "is wanted"}
    reader = HostFileReader(here, file_set, store, Origins(store.root, "here"), in_house=frozenset(["app"]))
    reader.hash_all()
    reader.fetch_all()
    assert list(reader.secrets) == [path]


def test_bytecode_of_a_distributions_source_is_public(host: RealHost, here: Transport, store: ContentStore) -> None:
    source = f"{host.top}/usr/lib/python3/dist-packages/tests/test_login.py"
    host.file(source, f'PASSWORD = "{SECRET}"\n')
    host.package("python3-tests", source)
    host.packages["python3-tests"] = replace(host.packages["python3-tests"], maker=DEBIAN)
    compiled = py_compile.compile(source)
    assert compiled is not None
    content = Path(compiled).read_bytes()
    moment = struct.unpack_from("<I", content, 8)[0]
    host.entries[source] = host.entries[source]._replace(mtime=moment)
    host.file(compiled, content)
    assert host.taken(here, store).secrets == {}
    # Of another time: nobody can tell what it was made from.
    host.entries[source] = host.entries[source]._replace(mtime=moment + 1)
    assert list(host.taken(here, ContentStore(host.top / "other")).secrets) == [compiled]


def test_what_cannot_be_examined_is_reported_and_what_is_encrypted_stays_out(
    host: RealHost, here: Transport, store: ContentStore
) -> None:
    encrypted = bytearray(PACKED["jar"][1](SETTINGS))
    encrypted[6] |= 1
    encrypted[bytes(encrypted).find(b"PK\x01\x02") + 8] |= 1
    host.file(f"{host.top}/closed.zip", bytes(encrypted))
    host.file(f"{host.top}/data.7z", b"7z\xbc\xaf\x27\x1c" + bytes(64))
    reader = host.taken(here, store)
    assert list(reader.secrets) == [f"{host.top}/closed.zip"]
    assert "encrypted" in reader.secrets[f"{host.top}/closed.zip"]
    assert list(reader.not_examined) == [f"{host.top}/data.7z"]


def test_a_known_clean_blob_is_examined_once(
    host: RealHost, here: Transport, store: ContentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    from containerize.transfer import host_file_reader

    pack: Callable[[bytes], bytes] = PACKED["jar"][1]
    content = pack(b"colour = blue\n")
    host.file(f"{host.top}/app.jar", content)
    assert host.taken(here, store).secrets == {}
    assert hashlib.sha256(content).hexdigest() in store

    def examine(*_: object) -> None:
        raise AssertionError("examined again")

    monkeypatch.setattr(host_file_reader, "examine", examine)
    assert host.taken(here, store).secrets == {}
