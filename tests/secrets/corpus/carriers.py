"""Files that hold a secret where a search through lines of text does not see it.

They are made here, the same bytes each time: archives, databases, programs, other encodings and keys.
"""

from __future__ import annotations

import bz2
import gzip
import importlib.util
import io
import lzma
import marshal
import pickle
import random
import sqlite3
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

_SETTINGS = b"db.url=jdbc:mysql://db01:3306/orders\ndb.user=orders\ndb.password=%s\n"
_WORDPRESS = b"<?php\ndefine( 'DB_USER', 'blog' );\ndefine( 'DB_PASSWORD', '%s' );\ndefine( 'DB_HOST', 'localhost' );\n"
_EPOCH = (2019, 3, 1, 4, 5, 6)


@dataclass(frozen=True)
class Carrier:
    """A packed, compiled or binary file; ``secret`` is what it hides, or what a reader would look for in a key."""

    path: str
    content: bytes
    secret: bytes


def carriers() -> tuple[Carrier, ...]:
    """Return every carrier."""
    return tuple(Carrier(path, make(secret.encode()), secret.encode()) for path, secret, make in _CARRIERS)


def _zip(entries: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _tar(entries: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, content in entries.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(content), 1551413106
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _gz(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def _jar(secret: bytes) -> bytes:
    manifest = b"Manifest-Version: 1.0\r\nMain-Class: example.Main\r\n\r\n"
    return _zip({"META-INF/MANIFEST.MF": manifest, "application.properties": _SETTINGS % secret})


def _war(secret: bytes) -> bytes:
    context = b'<Context><Resource name="jdbc/hr" username="hr" password="%s"/></Context>\n' % secret
    return _zip({"META-INF/context.xml": context, "WEB-INF/web.xml": b"<web-app/>\n", "index.jsp": b"<html/>\n"})


def _ear(secret: bytes) -> bytes:
    return _zip({"META-INF/application.xml": b"<application/>\n", "shop.war": _war(secret)})


def _nested(secret: bytes) -> bytes:
    return _gz(_tar({"release/README": b"unpack here\n", "release/app.zip": _zip({"lib/app.jar": _jar(secret)})}))


def _deb(secret: bytes) -> bytes:
    members = {
        "debian-binary": b"2.0\n",
        "data.tar.gz": _gz(_tar({"./etc/agent.conf": b"api_password = %s\n" % secret})),
    }
    packed = b"!<arch>\n"
    for name, content in members.items():
        packed += b"%-16s%-12d%-6d%-6d%-8s%-10d`\n" % (name.encode(), 1551413106, 0, 0, b"100644", len(content))
        packed += content + b"\n" * (len(content) % 2)
    return packed


def _cpio(secret: bytes) -> bytes:
    packed = b""
    for name, content in (("etc/initramfs.conf", b"DROPBEAR_PASSWORD='%s'\n" % secret), ("TRAILER!!!", b"")):
        fields = (1, 0o100600, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0)
        header = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
        packed += header + b"\0" * (-len(header) % 4) + content + b"\0" * (-len(content) % 4)
    return _gz(packed)


def _spreadsheet(secret: bytes) -> bytes:
    cells = b"<sst><si><t>Firewall</t></si><si><t>Passwort: %s</t></si></sst>" % secret
    return _zip({"[Content_Types].xml": b"<Types/>", "xl/sharedStrings.xml": cells})


def _sqlite(secret: bytes) -> bytes:
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE settings (name TEXT, value TEXT)")
        database.execute("INSERT INTO settings VALUES ('smtp_password', ?)", (secret.decode(),))
        database.commit()
        return database.serialize()


def _berkeley(secret: bytes) -> bytes:
    """A hash of Berkeley DB as postmap writes it: metadata page, then one page with key and value."""
    meta = struct.pack("<8xIIII", 0, 0x061561, 9, 4096) + b"\0" * (4096 - 24)
    value = b"relay01:%s\0" % secret
    key = b"[smtp.provider.example]:587\0"
    ends = (4096 - len(key) - 1, 4096 - len(key) - len(value) - 2)
    page = struct.pack("<8xIIIHHBB", 1, 0, 0, 2, ends[1], 0, 13) + struct.pack("<HH", *ends)
    return meta + page + b"\0" * (4096 - len(page) - len(key) - len(value) - 2) + b"\1" + value + b"\1" + key


def _cdb(secret: bytes) -> bytes:
    """A constant database with one record."""
    key, value = b"mailout.corp.example", b"relay02:%s" % secret
    record = struct.pack("<II", len(key), len(value)) + key + value
    hashed = 5381
    for byte in key:
        hashed = ((hashed << 5) + hashed ^ byte) & 0xFFFFFFFF
    end = 2048 + len(record)
    table = [(end + (16 if slot > hashed % 256 else 0), 2 if slot == hashed % 256 else 0) for slot in range(256)]
    slots = [(0, 0), (0, 0)]
    slots[(hashed >> 8) % 2] = (hashed, 2048)
    return (
        b"".join(struct.pack("<II", *pair) for pair in table)
        + record
        + b"".join(struct.pack("<II", *pair) for pair in slots)
    )


def _tdb(secret: bytes) -> bytes:
    """A trivial database as Samba keeps its machine account in."""
    key = b"SECRETS/MACHINE_PASSWORD/CORP\0"
    record = struct.pack("<IIIIII", 0, len(key) + len(secret) + 1, len(key), len(secret) + 1, 7, 0x26011999)
    return (
        b"TDB file\n".ljust(32, b"\0")
        + struct.pack("<II", 0x26011967, 131)
        + b"\0" * 656
        + record
        + key
        + secret
        + b"\0"
    )


def _table(secret: bytes) -> bytes:
    """Rows of a MyISAM table of accounts."""
    return b"\x03\x00\x6d\x0f\xfe\x09localhost\x04root*" + secret + b"\x02\x02\x02\x02\x00\x00\x00\xff" + b"\0" * 64


def _pyc(secret: bytes) -> bytes:
    source = f'PASSWORD = "{secret.decode()}"\ndef connect(db):\n    return db.connect(password=PASSWORD)\n'
    code = compile(source, "/srv/shop/local_settings.py", "exec")
    return importlib.util.MAGIC_NUMBER + struct.pack("<III", 0, 1551413106, len(source)) + marshal.dumps(code)


def _elf(secret: bytes) -> bytes:
    header = b"\x7fELF\2\1\1" + b"\0" * 9
    header += struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0x401000, 64, 0, 0, 64, 56, 1, 64, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, 0x2000, 0x2000, 0x1000)
    strings = b"/lib64/ld-linux-x86-64.so.2\0libpq.so.5\0PQconnectdb\0"
    strings += b"host=db02 dbname=scada user=scada password=%s\0usage: %%s FILE\0" % secret
    return (header + segment).ljust(0x1000, b"\0") + b"\x55\x48\x89\xe5\xc3".ljust(256, b"\x90") + strings


def _class(secret: bytes) -> bytes:
    """A Java class whose constants are a URL with a login and the call that uses it."""
    constants = [
        b"example/Loader",
        b"java/lang/Object",
        b"getConnection",
        b"jdbc:postgresql://db02/hr?user=hr&password=%s" % secret,
    ]
    pool = b"".join(b"\x01" + struct.pack(">H", len(text)) + text for text in constants)
    pool += b"\x07\0\1\x07\0\2\x08\0\4"
    return struct.pack(">IHHH", 0xCAFEBABE, 0, 52, 8) + pool + struct.pack(">HHHHHHH", 0x21, 5, 6, 0, 0, 0, 0)


def _serialised(secret: bytes) -> bytes:
    """A serialised java.util.Properties."""
    kind = b"java.util.Properties"
    stream = (
        b"\xac\xed\0\5\x73\x72"
        + struct.pack(">H", len(kind))
        + kind
        + bytes.fromhex("3912d07a70363e98")
        + b"\2\0\0\x78\x70"
    )
    for text in (b"db.user", b"orders", b"db.password", secret):
        stream += b"\x74" + struct.pack(">H", len(text)) + text
    return stream + b"\x78"


def _pickled(secret: bytes) -> bytes:
    return pickle.dumps({"user": "report", "password": secret.decode(), "retries": 3}, protocol=4)


def _swap(secret: bytes) -> bytes:
    """What Vim leaves of an edited file: a header, then blocks of lines that end with NUL."""
    header = (
        b"b0VIM 8.2"
        + b"\0" * 7
        + struct.pack("<III", 4096, 0, 4711)
        + b"root\0".ljust(40, b"\0")
        + b"web01\0".ljust(40, b"\0")
    )
    text = b"\0".join(reversed((_WORDPRESS % secret).split(b"\n")[:-1])) + b"\0"
    return header.ljust(8192, b"\0") + b"ad".ljust(4096 - len(text), b"\0") + text


def _ini(secret: bytes) -> str:
    return f"[Datenbank]\r\nBenutzer=lager\r\nPasswort={secret.decode()}\r\n"


def _registry(secret: bytes) -> bytes:
    text = "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\App]\r\n"
    text += f'"DbPassword"="{secret.decode()}"\r\n'
    return b"\xff\xfe" + text.encode("utf-16-le")


def _primes() -> Iterator[int]:
    """Two fixed primes of 512 bits."""
    dice = random.Random(23)
    while True:
        number = dice.getrandbits(512) | 1 << 511 | 1 << 510 | 1
        if number % 65537 != 1 and all(pow(base, number - 1, number) == 1 for base in (2, 3, 5, 7)):
            yield number


def _rsa_key() -> rsa.RSAPrivateKey:
    primes = _primes()
    p, q = next(primes), next(primes)
    d = pow(65537, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(65537, p * q)
    return rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public).private_key()


def _rsa_der(_: bytes) -> bytes:
    return _rsa_key().private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def _ec_der(_: bytes) -> bytes:
    key = ec.derive_private_key(0x3F8A1C9E7B2D46059E8F1A0B9C8D7E6F, ec.SECP256R1())
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def _ed25519_der(_: bytes) -> bytes:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(7, 39)))
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def _pkcs12(_: bytes) -> bytes:
    """A PKCS#12 file with one plain key and no MAC, whose salt would differ each time."""
    data, key_bag = bytes.fromhex("06092a864886f70d010701"), bytes.fromhex("060b2a864886f70d010c0a0101")
    key = _rsa_key().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    def content(inner: bytes) -> bytes:
        return _der(0x30, data + _der(0xA0, _der(0x04, inner)))

    bag = _der(0x30, key_bag + _der(0xA0, key))
    return _der(0x30, b"\2\1\3" + content(_der(0x30, content(_der(0x30, bag)))))


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def _java_keystore(_: bytes) -> bytes:
    alias, key = b"web01", bytes(range(64))
    entry = struct.pack(">IH", 1, len(alias)) + alias + struct.pack(">QI", 1551413106000, len(key)) + key
    return struct.pack(">III", 0xFEEDFEED, 2, 1) + entry + struct.pack(">I", 0) + bytes(range(20))


def _keytab(_: bytes) -> bytes:
    principal = b"".join(struct.pack(">H", len(part)) + part for part in (b"CORP.EXAMPLE", b"HTTP", b"web01"))
    entry = struct.pack(">H", 2) + principal + struct.pack(">IIBHH", 1, 1551413106, 2, 18, 32) + bytes(range(32))
    return b"\5\2" + struct.pack(">i", len(entry)) + entry


def _keepass(_: bytes) -> bytes:
    return bytes.fromhex("03d9a29a67fb4bb501000300") + bytes(range(200))


_CARRIERS: tuple[tuple[str, str, Callable[[bytes], bytes]], ...] = (
    ("/opt/orders/orders.jar", "Jahrmarkt77", _jar),
    ("/var/lib/tomcat9/webapps/hr.war", "Kriegerdenkmal", _war),
    ("/opt/jboss/deployments/shop.ear", "Ohrensessel", _ear),
    ("/srv/releases/app-1.4.tar.gz", "Matrjoschka", _nested),
    (
        "/srv/www/old-site.zip",
        "Reisetasche",
        lambda s: _zip({"site/.env": b"DB_PASSWORD=%s\n" % s, "site/a.css": b"a{}\n"}),
    ),
    ("/srv/backup/blog.tar", "Teerfass-12", lambda s: _tar({"blog/wp-config.php": _WORDPRESS % s})),
    (
        "/srv/backup/etc.tgz",
        "Lattenrost",
        lambda s: _gz(_tar({"etc/my.cnf": b"[client]\nuser=root\npassword=%s\n" % s})),
    ),
    ("/srv/backup/app.conf.gz", "Quetschkommode", lambda s: _gz(_SETTINGS % s)),
    ("/srv/backup/app.properties.xz", "Korsettstange", lambda s: lzma.compress(_SETTINGS % s)),
    (
        "/srv/backup/grants.sql.bz2",
        "Blockflöte",
        lambda s: bz2.compress(b"CREATE USER 'app'@'%%' IDENTIFIED BY '%s';\n" % s),
    ),
    ("/srv/pool/agent_1.0_amd64.deb", "Paketzusteller", _deb),
    ("/srv/tftp/initrd.img", "Startschuss", _cpio),
    ("/srv/share/zugaenge.xlsx", "Rechenschieber", _spreadsheet),
    ("/srv/app/app.sqlite3", "Federgewicht", _sqlite),
    ("/etc/postfix/sasl_passwd.db", "Hackfleisch", _berkeley),
    ("/etc/postfix/smarthost.cdb", "Festplatte9", _cdb),
    ("/srv/old/samba/accounts.tdb", "Maschinenraum", _tdb),
    ("/srv/old/mysql/user.MYD", "6BB4837EB74329105EE4568DDA7DC67ED2CA2AD9", _table),
    ("/srv/shop/__pycache__/local_settings.cpython-311.pyc", "Brillenschlange", _pyc),
    ("/opt/scada/bin/reader", "Elfenbeinturm", _elf),
    ("/opt/loader/Loader.class", "Klassenfahrt", _class),
    ("/opt/orders/state/properties.ser", "Serienbrief", _serialised),
    ("/srv/report/session.pickle", "Essiggurke", _pickled),
    ("/var/www/blog/.wp-config.php.swp", "Tauschhandel", _swap),
    ("/srv/lager/lager.ini", "Zweierlei", lambda s: b"\xff\xfe" + _ini(s).encode("utf-16-le")),
    ("/srv/lager/alt.ini", "Großrechner", lambda s: b"\xfe\xff" + _ini(s).encode("utf-16-be")),
    ("/srv/lager/ohne-bom.ini", "Namenlose", lambda s: _ini(s).encode("utf-16-le")),
    ("/srv/lager/app.reg", "Registratur", _registry),
    ("/srv/lager/latin1.ini", "Sprachinsel", lambda s: "; Zugänge für Köln\n".encode("latin-1") + b"passwort=%s\n" % s),
    ("/srv/lager/nul.conf", "Nullpunkt3", lambda s: b"# caf\0 settings\nuser=lager\npassword=%s\n" % s),
    ("/srv/keys/web01", "", _rsa_der),
    ("/srv/keys/signing", "", _ec_der),
    ("/srv/keys/deploy", "", _ed25519_der),
    ("/srv/keys/bundle", "", _pkcs12),
    ("/srv/keys/store", "", _java_keystore),
    ("/srv/keys/http-service", "", _keytab),
    ("/srv/keys/team", "", _keepass),
)
