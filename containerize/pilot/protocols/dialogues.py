"""Harmless dialogues with servers: connect, read the greeting, ask one read-only question, quit.

Each is a function from a connection to what was said, as (label, text) pairs: what belongs to one connection only (its
number, its salt) is left out. No login is ever tried. The two sides are compared as trees, like any other answer.
"""

from __future__ import annotations

import hashlib
import ssl
import struct
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from containerize.pilot.compare.node import TreeNode
from containerize.pilot.web.http_exchange import TlsStream
from inventory.products.catalogue import compared_settings
from inventory.transports.transport import Duplex

Said = tuple[tuple[str, str], ...]

_SECONDS = 8.0
_MOST = 65536


class Garbled(Exception):
    """The other side does not speak this protocol, or fell silent; ``str()`` says what came instead."""


class Dialogue(NamedTuple):
    """A protocol by its name. Product files say which programs speak it and on which ports."""

    name: str
    talk: Callable[[Duplex], Said]


def tree_of(said: Said) -> TreeNode:
    """The dialogue as a tree, for comparison."""
    return TreeNode("#document", children=tuple(TreeNode(label, label, text) for label, text in said))


class LineReader:
    """Reads whole lines and lengths from a connection, with a deadline and a limit."""

    def __init__(self, connection: Duplex, seconds: float = _SECONDS) -> None:
        self._connection = connection
        self._deadline = time.monotonic() + seconds
        self._buffer = bytearray()

    def _more(self) -> bool:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise Garbled("it fell silent")
        self._connection.settimeout(left)
        try:
            data = self._connection.recv(4096)
        except TimeoutError:
            raise Garbled("it fell silent") from None
        except OSError as error:
            raise Garbled(f"the connection broke ({error.strerror or type(error).__name__})") from None
        self._buffer += data
        if len(self._buffer) > _MOST:
            raise Garbled("it does not stop talking")
        return bool(data)

    def exactly(self, size: int) -> bytes:
        """``size`` bytes."""
        while len(self._buffer) < size:
            if not self._more():
                raise Garbled(f"it closed the connection after {bytes(self._buffer[:40])!r}")
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    def line(self) -> str:
        """A line without its end."""
        while (end := self._buffer.find(b"\n")) < 0:
            if not self._more():
                raise Garbled(f"it closed the connection after {bytes(self._buffer[:40])!r}")
        data = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return data.rstrip(b"\r").decode("utf-8", "replace")

    def banner(self, seconds: float) -> tuple[bytes, bool]:
        """The greeting within ``seconds``, and whether the server then closed the connection."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and len(self._buffer) < 4096:
            self._connection.settimeout(left)
            try:
                data = self._connection.recv(4096)
            except TimeoutError:
                break
            except OSError:
                return bytes(self._buffer), True
            if not data:
                return bytes(self._buffer), True
            self._buffer += data
            deadline = min(deadline, time.monotonic() + 0.3)  # it has begun; its end is near
        return bytes(self._buffer), False


def talk_mysql(connection: Duplex) -> Said:
    """The server's greeting. It is left without a login, as a port check does."""
    reader = LineReader(connection)
    header = reader.exactly(4)
    payload = reader.exactly(int.from_bytes(header[:3], "little"))
    if payload[:1] == b"\xff":
        code = struct.unpack_from("<H", payload, 1)[0]
        return (("refuses", f"{code} {payload[3:].decode('utf-8', 'replace')}"),)
    if payload[:1] != b"\x0a":
        raise Garbled(f"it greets with {payload[:20]!r}")
    version, _, rest = payload[1:].partition(b"\0")
    if len(rest) < 18:
        raise Garbled("its greeting is too short")
    lower, charset, status, upper = struct.unpack_from("<HBHH", rest, 13)
    salt_length = rest[20] if len(rest) > 20 else 0
    plugin = b""
    if upper & 0x0008:  # CLIENT_PLUGIN_AUTH, bit 19
        plugin = rest[31 + max(13, salt_length - 8) :].split(b"\0")[0]
    return (
        ("version", version.decode("utf-8", "replace")),
        ("character set", str(charset)),
        ("capabilities", f"{upper << 16 | lower:#010x}"),
        ("status", f"{status:#06x}"),
        ("authentication", plugin.decode("ascii", "replace")),
    )


def talk_smtp(connection: Duplex) -> Said:
    """Banner, EHLO, QUIT."""
    reader = LineReader(connection, 20.0)
    said = [("banner", " ".join(_reply(reader)))]
    connection.sendall(b"EHLO pilot.invalid\r\n")
    first, *features = _reply(reader)
    said.append(("hello", first))
    said += [
        ("feature", " ".join([feature.split(" ")[0], *sorted(feature.split(" ")[1:])])) for feature in sorted(features)
    ]
    connection.sendall(b"QUIT\r\n")
    said.append(("quit", " ".join(_reply(reader))))
    return tuple(said)


def _reply(reader: LineReader) -> list[str]:
    """The lines of an SMTP reply, each with its code; the later ones without."""
    lines: list[str] = []
    while True:
        line = reader.line()
        if len(line) < 3 or not line[:3].isdigit():
            raise Garbled(f"it says {line[:60]!r}")
        lines.append(line if not lines else line[4:])
        if line[3:4] != "-":
            return lines
        if len(lines) > 100:
            raise Garbled("its reply has no end")


def talk_redis(connection: Duplex) -> Said:
    """PING, and what INFO says of the server's kind. An error (a password is wanted) is an answer too."""
    reader = LineReader(connection)
    connection.sendall(b"PING\r\n")
    said = [("ping", reader.line())]
    connection.sendall(b"INFO\r\n")
    first = reader.line()
    if not first.startswith("$"):
        said.append(("info", first))
    elif first[1:].isdigit():
        info = reader.exactly(int(first[1:])).decode("utf-8", "replace")
        facts = dict(line.split(":", 1) for line in info.splitlines() if ":" in line)
        said += [(name, facts[name]) for name in compared_settings("redis") if name in facts]
    connection.sendall(b"QUIT\r\n")
    return tuple(said)


_SSL_REQUEST = struct.pack("!II", 8, 80877103)
_OLD_STARTUP = struct.pack("!II", 8, 0)


def talk_postgresql(connection: Duplex) -> Said:
    """Whether it offers TLS and with which certificate, and how it rejects a protocol that is too old: no account is
    tried.
    """
    reader = LineReader(connection)
    connection.sendall(_SSL_REQUEST)
    offer = reader.exactly(1)
    if offer not in (b"S", b"N"):
        raise Garbled(f"it answers {offer!r} to the question for TLS")
    said = [("tls", "offered" if offer == b"S" else "not offered")]
    if offer == b"S":
        connection = secured = _secured(connection)
        reader = LineReader(connection)
        said.append(("certificate", hashlib.sha256(secured.certificate).hexdigest()))
    connection.sendall(_OLD_STARTUP)
    kind = reader.exactly(1)
    if kind != b"E":
        raise Garbled(f"it answers {kind!r}")
    length = struct.unpack("!I", reader.exactly(4))[0]
    said += _postgresql_error(reader.exactly(max(0, min(length, _MOST) - 4)))
    return tuple(said)


def _secured(connection: Duplex) -> TlsStream:
    """The same connection over TLS."""
    try:
        return TlsStream(connection, "", time.monotonic() + _SECONDS)
    except ssl.SSLError as error:
        raise Garbled(f"no TLS ({error.reason or error})") from None
    except TimeoutError:
        raise Garbled("it fell silent") from None
    except OSError as error:
        raise Garbled(f"the connection broke ({error.strerror or type(error).__name__})") from None


def _postgresql_error(body: bytes) -> list[tuple[str, str]]:
    """Severity, code and message: the other fields are lines of the source."""
    fields = {field[:1]: field[1:].decode("utf-8", "replace") for field in body.split(b"\0") if field}
    names = {b"S": "severity", b"C": "code", b"M": "message"}
    return [(name, fields[key]) for key, name in names.items() if key in fields]


def talk_plain(connection: Duplex, seconds: float = 2.0) -> Said:
    """The greeting. Nothing is sent: printers and controllers act on any byte."""
    banner, closed = LineReader(connection).banner(seconds)
    said = [("says", banner.decode("utf-8", "replace") if banner else "nothing")]
    if closed:
        said.append(("then", "closes the connection"))
    return tuple(said)


CONVERSATIONS: Sequence[Dialogue] = (
    Dialogue("mysql", talk_mysql),
    Dialogue("smtp", talk_smtp),
    Dialogue("redis", talk_redis),
    Dialogue("postgresql", talk_postgresql),
    Dialogue("tcp", talk_plain),
)
"""The last one suits everything that is not HTTP."""
