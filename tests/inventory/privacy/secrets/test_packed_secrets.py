"""Passwords and keys in what is packed, compiled or binary: each carrier as the program that writes it makes it."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import lzma
import py_compile
import shutil
import sqlite3
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from cryptography import x509
from cryptography.hazmat.primitives import serialization as ser
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from hypothesis import given
from hypothesis import strategies as st

from inventory.privacy.secrets.carriers import extracted_parts
from inventory.privacy.secrets.file_examination import examine, needs_whole
from inventory.privacy.secrets.known_secrets import MOST, KnownSecrets, TooManySecrets

SECRET = "Tr0ub4dor&3-Kestrel"
SETTINGS = f"[database]\nuser = shop\npassword = {SECRET}\n".encode()
HARMLESS = b"[database]\nuser = shop\ncolour = blue\n"


def _zip(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def _tar(name: str, content: bytes, mode: str = "w", layout: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=layout) as archive:  # type: ignore[call-overload]
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def _cpio(name: str, content: bytes) -> bytes:
    def entry(entry_name: str, data: bytes) -> bytes:
        raw = entry_name.encode() + b"\0"
        head = b"070701" + b"".join(b"%08X" % n for n in (1, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(raw), 0))
        first = head + raw
        first += b"\0" * (-len(first) % 4)
        return first + data + b"\0" * (-len(data) % 4)

    return entry(name, content) + entry("TRAILER!!!", b"")


def _ar(name: str, content: bytes) -> bytes:
    header = f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode()
    return b"!<arch>\n" + header + content + b"\n" * (len(content) % 2)


def _rpm(payload: bytes) -> bytes:
    def header(data: bytes) -> bytes:
        return b"\x8e\xad\xe8\x01\0\0\0\0" + struct.pack(">II", 1, len(data)) + b"\0" * 16 + data

    signature = header(b"sig")
    signature += b"\0" * (-len(signature) % 8)
    return b"\xed\xab\xee\xdb".ljust(96, b"\0") + signature + header(b"header") + payload


def _sqlite(*statements: str, pragma: str = "") -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.executescript(pragma)
    for statement in statements:
        connection.execute(statement, (SECRET,) if "?" in statement else ())
    connection.commit()
    return connection.serialize()


PACKED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "jar": ("/opt/app/lib/app.jar", lambda text: _zip("application.properties", text)),
    "war in an ear": ("/opt/app/app.ear", lambda text: _zip("shop.war", _zip("WEB-INF/classes/db.ini", text))),
    "jar behind a script": ("/opt/app/run.jar", lambda text: b"#!/bin/sh\nexec java -jar $0\n" + _zip("db.ini", text)),
    "wheel": ("/opt/app/app-1.whl", lambda text: _zip("app/settings.ini", text)),
    "tar": ("/opt/app/conf.tar", lambda text: _tar("etc/db.ini", text)),
    "old tar": ("/opt/app/conf.tar", lambda text: _tar("etc/db.ini", text, layout=tarfile.USTAR_FORMAT)),
    "tar with a long name": (
        "/opt/app/c.tar",
        lambda text: _tar("d/" * 90 + "db.ini", text, layout=tarfile.GNU_FORMAT),
    ),
    "tar.gz": ("/opt/app/conf.tar.gz", lambda text: _tar("etc/db.ini", text, "w:gz")),
    "tar.bz2": ("/opt/app/conf.tbz", lambda text: _tar("etc/db.ini", text, "w:bz2")),
    "tar.xz": ("/opt/app/conf.tar.xz", lambda text: _tar("etc/db.ini", text, "w:xz")),
    "tar.zst": ("/opt/conf.tar.zst", lambda text: zstandard.compress(_tar("etc/db.ini", text))),
    "gz": ("/etc/app/db.ini.gz", gzip.compress),
    "two gz": ("/etc/app/db.ini.gz", lambda text: gzip.compress(b"# first\n") + gzip.compress(text)),
    "bz2": ("/etc/app/db.ini.bz2", bz2.compress),
    "xz": ("/etc/app/db.ini.xz", lzma.compress),
    "lzma": ("/etc/app/db.ini.lzma", lambda text: lzma.compress(text, format=lzma.FORMAT_ALONE)),
    "zst": ("/etc/app/db.ini.zst", zstandard.compress),
    "cpio": ("/boot/app.cpio", lambda text: _cpio("etc/db.ini", text)),
    "deb": ("/srv/app.deb", lambda text: _ar("data.tar.gz", _tar("./etc/db.ini", text, "w:gz"))),
    "rpm": ("/srv/app.rpm", lambda text: _rpm(lzma.compress(_cpio("./etc/db.ini", text)))),
    "UTF-16 with a mark": ("/etc/app/db.ini", lambda text: text.decode().encode("utf-16")),
    "UTF-16 without": ("/etc/app/db.ini", lambda text: text.decode().encode("utf-16-be")),
    "UTF-32": ("/etc/app/db.ini", lambda text: text.decode().encode("utf-32-le")),
    "a NUL in a comment": ("/etc/app/db.ini", lambda text: b"# a \0 here\n" + text),
    "a program": ("/opt/app/bin/app", lambda text: b"\x7fELF\x02\x01" + bytes(range(256)) * 8 + text + b"\0" * 64),
    "UTF-16 in a program": (
        "/opt/app/app.exe",
        lambda text: b"MZ" + bytes(range(256)) * 8 + text.decode().encode("utf-16-le") + bytes(range(256)),
    ),
}


@pytest.mark.parametrize("name", PACKED)
def test_a_password_is_found_in_whatever_it_is_packed_in(name: str) -> None:
    path, pack = PACKED[name]
    found = examine(pack(SETTINGS), path)
    assert found.reason, name
    assert "value of password" in found.reason
    assert SECRET.encode() in found.values
    assert SECRET not in repr(found)
    harmless = examine(pack(HARMLESS), path)
    assert harmless.reason is None, name
    assert not harmless.not_examined


@pytest.mark.parametrize(
    ("name", "statements"),
    [
        (
            "a column",
            (
                "create table users(id integer primary key, name text, password text)",
                "insert into users values(1,'bo',?)",
            ),
        ),
        ("names and values", ("create table s(k text, v text)", "insert into s values('smtp_password',?)")),
        ("a document", ("create table s(d text)", "insert into s values('{\"password\": \"' || ? || '\"}')")),
        (
            "a deleted row of a dropped table",
            ("create table s(k text, v text)", "insert into s values('smtp_password',?)", "drop table s"),
        ),
        (
            "a long row",
            (
                "create table s(pad text, password text)",
                f"insert into s values('{'x y ' * 9000}',?)",
            ),
        ),
    ],
)
@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le"])
def test_a_password_is_found_in_a_database(name: str, statements: tuple[str, ...], encoding: str) -> None:
    if name.startswith("a deleted") and encoding != "UTF-8":
        pytest.skip("SQLite clears the first bytes of such a page")
    content = _sqlite(*statements, pragma=f"pragma encoding='{encoding}'; pragma secure_delete=off;")
    assert examine(content, "/opt/app/app.db").reason, name


def test_a_database_without_a_secret_is_harmless() -> None:
    content = _sqlite(
        "create table users(id integer primary key, name text, mail text)", "insert into users values(1,'bo','b@x.org')"
    )
    assert examine(content, "/opt/app/app.db").reason is None


PROGRAMS = {
    "a global": f'DB_PASSWORD = "{SECRET}"\n',
    "an attribute": f'class A:\n  def f(self):\n    self.password = "{SECRET}"\n',
    "a local": f'def f():\n  password = "{SECRET}"\n  return password\n',
    "a keyword": f'f(1, password="{SECRET}")\n',
    "a dictionary": f'D = {{"user": "x", "password": "{SECRET}"}}\n',
    "a default": f'def f(host="h", password="{SECRET}"):\n  return password\n',
    "an address": f'URL = "postgresql://shop:{SECRET.replace("&", "")}@db01/shop"\n',
}
PYTHONS = [sys.executable, *map(str, sorted((Path.home() / ".pyenv/versions").glob("*/bin/python")))]


@pytest.mark.parametrize("python", PYTHONS)
def test_a_password_is_found_in_compiled_python(python: str, tmp_path: Path) -> None:
    for name, text in PROGRAMS.items():
        (tmp_path / "m.py").write_text(text)
        script = "import py_compile,sys; py_compile.compile(sys.argv[1], sys.argv[2])"
        subprocess.run([python, "-c", script, str(tmp_path / "m.py"), str(tmp_path / "m.pyc")], check=True)
        assert examine((tmp_path / "m.pyc").read_bytes(), "/opt/app/m.pyc").reason, (name, python)
    (tmp_path / "m.py").write_text(
        'import x\ndef login(user, password="", token=None):\n  return x.go(password, "utf-8")\n'
    )
    subprocess.run([python, "-c", script, str(tmp_path / "m.py"), str(tmp_path / "m.pyc")], check=True)
    found = examine((tmp_path / "m.pyc").read_bytes(), "/opt/app/m.pyc")
    assert found.reason is None
    assert not found.not_examined


JAVA = f"""
import java.util.*;
public class App implements java.io.Serializable {{
  static final String DB_PASSWORD = "{SECRET}";
  String user = "shop"; String password;
  public static void main(String[] arguments) throws Exception {{
    java.io.ObjectOutputStream out = new java.io.ObjectOutputStream(new java.io.FileOutputStream(arguments[0]));
    if (arguments[1].equals("object")) {{ App app = new App(); app.password = arguments[2]; out.writeObject(app); }}
    else {{ Properties p = new Properties(); p.setProperty("db.password", arguments[2]); out.writeObject(p); }}
    out.close();
  }}
}}
"""


@pytest.mark.live
@pytest.mark.skipif(not shutil.which("javac"), reason="no javac")
def test_a_password_is_found_in_java(tmp_path: Path) -> None:
    bodies = [
        JAVA,
        JAVA.replace(f'static final String DB_PASSWORD = "{SECRET}"', f'static String dbPassword = "{SECRET}"'),
        JAVA.replace("static final String DB", "static String DB").replace(
            f'DB_PASSWORD = "{SECRET}";', f'a(){{ new Properties().put("db.password", "{SECRET}"); return null; }}'
        ),
    ]
    for body in bodies:
        (tmp_path / "App.java").write_text(body)
        subprocess.run(["javac", "-d", str(tmp_path), str(tmp_path / "App.java")], check=True)
        assert examine((tmp_path / "App.class").read_bytes(), "/opt/app/App.class").reason
    (tmp_path / "App.java").write_text(JAVA.replace(SECRET, ""))
    subprocess.run(["javac", "-d", str(tmp_path), str(tmp_path / "App.java")], check=True)
    assert examine((tmp_path / "App.class").read_bytes(), "/opt/app/App.class").reason is None
    for kind in ("object", "properties"):
        command = ["java", "-cp", str(tmp_path), "App", str(tmp_path / kind), kind, SECRET]
        subprocess.run(command, check=True)
        assert examine((tmp_path / kind).read_bytes(), "/opt/app/state.ser").reason, kind


def _keys() -> dict[str, bytes]:
    none, pem = ser.NoEncryption(), ser.Encoding.DER
    old, new = ser.PrivateFormat.TraditionalOpenSSL, ser.PrivateFormat.PKCS8
    one = rsa.generate_private_key(65537, 1024)  # noqa: S505 - its size is of no interest here
    curve, two = ec.generate_private_key(ec.SECP256R1()), dsa.generate_private_key(1024)  # noqa: S505
    return {
        "PKCS #1": one.private_bytes(pem, old, none),
        "PKCS #8": one.private_bytes(pem, new, none),
        "PKCS #8 encrypted": one.private_bytes(pem, new, ser.BestAvailableEncryption(b"x" * 8)),
        "SEC 1": curve.private_bytes(pem, old, none),
        "PKCS #8 of a curve": curve.private_bytes(pem, new, none),
        "Ed25519": ed25519.Ed25519PrivateKey.generate().private_bytes(pem, new, none),
        "DSA": two.private_bytes(pem, old, none),
        "PKCS #12": pkcs12.serialize_key_and_certificates(b"k", one, None, None, ser.BestAvailableEncryption(b"x" * 8)),
        "PKCS #12 without a password": pkcs12.serialize_key_and_certificates(b"k", one, None, None, none),
    }


def test_private_keys_in_binary_form_are_found_without_their_names() -> None:
    for name, content in _keys().items():
        assert examine(content, "/opt/app/data").reason, name


def test_private_keys_within_a_program_are_found() -> None:
    keys = _keys()
    for name in ("PKCS #8", "PKCS #8 of a curve"):
        assert examine(b"\x7fELF" + bytes(4096) + keys[name] + bytes(4096), "/opt/app/server").reason, name
    pem = rsa.generate_private_key(65537, 1024).private_bytes(  # noqa: S505
        ser.Encoding.PEM, ser.PrivateFormat.PKCS8, ser.NoEncryption()
    )
    assert examine(b"\x7fELF" + bytes(4096) + pem + bytes(4096), "/opt/app/server").reason
    label = b"-----BEGIN PRIVATE KEY-----\0-----END PRIVATE KEY-----\0"
    assert examine(b"\x7fELF" + bytes(4096) + label + bytes(4096), "/opt/app/server").reason is None


def test_public_parts_in_binary_form_are_harmless() -> None:
    key = rsa.generate_private_key(65537, 1024)  # noqa: S505
    public = key.public_key().public_bytes(ser.Encoding.DER, ser.PublicFormat.SubjectPublicKeyInfo)
    assert examine(public, "/opt/app/data").reason is None
    for certificate in sorted(Path("/usr/share/ca-certificates").rglob("*.crt"))[:50]:
        loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
        assert examine(loaded.public_bytes(ser.Encoding.DER), "/opt/app/data").reason is None


@pytest.mark.live
@pytest.mark.skipif(not shutil.which("gpg"), reason="no gpg")
def test_keyrings_of_gnupg_are_found(tmp_path: Path) -> None:
    home = ["gpg", "--homedir", str(tmp_path), "--batch", "--passphrase", "", "--pinentry-mode", "loopback"]
    tmp_path.chmod(0o700)
    subprocess.run([*home, "--quick-gen-key", "a@example.org", "rsa1024"], check=True, capture_output=True)
    exported = subprocess.run([*home, "--export-secret-keys"], check=True, capture_output=True).stdout
    public = subprocess.run([*home, "--export"], check=True, capture_output=True).stdout
    subprocess.run(["gpgconf", "--homedir", str(tmp_path), "--kill", "all"], check=False)
    stored = [each.read_bytes() for each in (tmp_path / "private-keys-v1.d").iterdir()]
    assert stored
    for content in (exported, *stored):
        assert examine(content, "/opt/app/data").reason == "private key"
    assert examine(public, "/opt/app/data").reason is None


def test_a_trust_store_of_certificates_alone_is_harmless() -> None:
    files = [Path("/etc/ssl/certs/java/cacerts")]
    for path in (each for each in files if each.exists()):
        assert examine(path.read_bytes(), str(path)).reason is None


def test_what_cannot_be_read_is_named() -> None:
    bomb = _zip("zeros", bytes(40 << 20))
    assert "expands to more" in examine(bomb, "/opt/x.zip").not_examined[0]
    deep = HARMLESS
    for _ in range(extracted_parts.DEPTH + 1):
        deep = _zip("x.zip", deep)
    assert "packed too deep" in examine(deep, "/opt/x.zip").not_examined[0]
    assert "7-Zip" in examine(b"7z\xbc\xaf\x27\x1c" + bytes(64), "/opt/x.7z").not_examined[0]
    damaged = bytearray(_zip("db.ini", SETTINGS))
    damaged[40] ^= 0xFF
    assert examine(bytes(damaged), "/opt/x.zip").not_examined
    encrypted = bytearray(_zip("db.ini", SETTINGS))
    encrypted[6] |= 1
    encrypted[bytes(encrypted).find(b"PK\x01\x02") + 8] |= 1
    assert examine(bytes(encrypted), "/opt/x.zip").not_examined == ("db.ini: encrypted",)


@given(st.sampled_from(sorted(PACKED)), st.data())
def test_damaged_carriers_never_raise(name: str, data: st.DataObject) -> None:
    path, pack = PACKED[name]
    content = bytearray(pack(SETTINGS))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(content[: data.draw(st.integers(0, len(content)))])
    examine(cut, path)
    needs_whole(cut[:1000], path)


def test_a_known_value_is_found_in_other_forms() -> None:
    from urllib.parse import quote

    known = KnownSecrets([SECRET.encode()])
    for before in ("", "a", "ab", "user:"):
        token = base64.b64encode(f"{before}{SECRET}:x".encode())
        assert known.within(b"Authorization " + token)
    assert known.within(quote(SECRET, safe="").encode())
    assert known.within(f"x{SECRET}y".encode("utf-16-le"))
    assert known.within(f"x{SECRET}y".encode("utf-16-be"))
    assert not known.within(b"nothing of it")
    assert not KnownSecrets([]).within(SECRET.encode())
    assert SECRET not in repr(known)
    assert known.replaced(f"run --x {SECRET} now", "…") == "run --x … now"
    assert examine(_zip("run.txt", f"go {SECRET} go".encode()), "/opt/x.jar", known).reason


def test_small_binary_forms_with_names_and_values() -> None:
    import pickle

    for protocol in range(2, 6):
        content = pickle.dumps({"user": "shop", "password": SECRET}, protocol)
        assert examine(content, "/srv/app/session").reason, protocol
    lines = "\0".join(reversed(SETTINGS.decode().splitlines())).encode()
    assert examine(b"b0VIM 9.1\0".ljust(4096, b"\0") + lines.rjust(4096, b"\0"), "/etc/app/.db.ini.swp").reason
    record = struct.pack("<6I", 0, 64, 9, 32, 0, 0x26011999) + b"USER_bob\0" + bytes(range(32))
    assert examine(b"TDB file\n".ljust(168, b"\0") + record, "/srv/old/accounts").reason == "Samba passwords"
    pairs = [(b"[mail.example.org]:587", f"shop:{SECRET}".encode())]
    assert examine(_cdb(pairs), "/etc/postfix/smarthost.cdb").reason
    assert examine(_cdb([(b"example.org", b"smtp:[mail.example.org]:25")]), "/etc/postfix/transport.cdb").reason is None
    address = f"jdbc:postgresql://db02/hr?user=hr&password={'Klassenfahrt'}".encode()
    assert examine(b"\x7fELF\0\1" + bytes(64) + address + b"\0", "/opt/app/run").reason


def _cdb(pairs: list[tuple[bytes, bytes]]) -> bytes:
    records = b"".join(struct.pack("<II", len(key), len(value)) + key + value for key, value in pairs)
    return struct.pack("<II", 2048 + len(records), 0) * 256 + records


@pytest.mark.skipif(not shutil.which("db_load") and not shutil.which("db5.3_load"), reason="no db_load")
@pytest.mark.parametrize("kind", ["hash", "btree"])
def test_a_login_is_found_in_berkeley_db(kind: str, tmp_path: Path) -> None:
    program = shutil.which("db_load") or shutil.which("db5.3_load") or ""
    text = f"[mail.example.org]:587\nshop:{SECRET}\n" + "".join(f"user{n}\nx{n}@example.org\n" for n in range(2000))
    command = [program, "-T", "-t", kind, str(tmp_path / "map.db")]
    subprocess.run(command, input=text.encode(), check=True)
    assert examine((tmp_path / "map.db").read_bytes(), "/etc/postfix/out.db").reason


# The data.mdb of py-lmdb 1.x with a login and a value of 9,000 bytes.
LMDB = (
    "c-rmSF-ikL6b9h8NrZH3A!09xjUk|-"
    "<O;TSVi9qPfsGqB3VN}WV(lTkf=5tXvLTp4iv$$EuXz6y!^|+<@Ft?xuIlUa+fx#YHs{ff@4e5&57qON00000)+Jf%`#)LQr#Z{U"
    "m)ux74*&oFuqus((N;{;mvoxC6#xJL_zm`VKRe~E$cx)S-"
    "BI7E>ULa=`op}FJ@iN8JnIzY;IemodNR2w#=Y~hdw+FwU6gx=2WQ#juFUf0e9czXn|}lV00000004l0z#k+40N}6r0I8nR;{"
)


def test_a_login_is_found_in_lmdb() -> None:
    content = zlib.decompress(base64.b85decode(LMDB))
    assert examine(content, "/etc/postfix/out.lmdb").reason
    assert SECRET.encode() in examine(content, "/etc/postfix/out.lmdb").values


def test_annotations_and_other_arguments_are_no_passwords(tmp_path: Path) -> None:
    text = """from __future__ import annotations
import x
def login(user: str, password: bytes = b"", hashes: Optional[str] = None) -> None:
    return x.go(user.name, user.host, password=user.word, where="some_directory_9")
def text(raw):
    return raw.decode("utf-16-be-9", "surrogatepass")
"""
    (tmp_path / "m.py").write_text(text)
    compiled = py_compile.compile(str(tmp_path / "m.py"))
    assert compiled is not None
    assert examine(Path(compiled).read_bytes(), "/opt/app/m.pyc").reason is None


def test_the_alphabet_of_a_library_is_no_password() -> None:
    """libcrypt holds a long run of characters with colons, which is no line of a password file."""
    alphabet = (
        b"\x7fELF\x02\x01\x01"
        + bytes(64)
        + b"<:1?:4?2972<698506=13=4>>07;53;894>3?25<2985<3?:7;0>41:716=0;86=LJAOJDOBIG\0"
    )
    assert examine(alphabet, "/usr/lib/x86_64-linux-gnu/libcrypt.so.1.1.0").reason is None


def test_no_secret_is_pushed_out_by_many_others() -> None:
    others = [f"a-long-value-of-another-account-{number}".encode() for number in range(30_000)]
    known = KnownSecrets([*others, SECRET.encode()])
    assert known.within(b"x=" + SECRET.encode())
    assert known.replaced(f"x={SECRET}; y={others[7].decode()}", "<secret>") == "x=<secret>; y=<secret>"
    with pytest.raises(TooManySecrets, match="at most 50,000"):
        KnownSecrets(f"{number:012}".encode() for number in range(MOST + 1))
