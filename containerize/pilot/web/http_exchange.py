"""One HTTP request over any byte stream, and its raw response.

A client library would follow redirects, keep cookies, join headers and decode bodies; what is compared is what was
sent. The answering side may be hostile: lines, headers and bodies are bounded, and the whole exchange has a deadline.
"""

from __future__ import annotations

import http.client
import io
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from inventory.transports.transport import Duplex

BODY_LIMIT = 1 << 20
"""A longer body is read up to here and its comparison is not made."""

USER_AGENT = "brownfield-pilot/1"


class HttpFailed(Exception):
    """No answer that could be read; ``str()`` says why in a few words."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """``headers`` in their order, names in lower case. ``truncated``: the body is longer than BODY_LIMIT."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    truncated: bool = False
    certificate: bytes = field(default=b"", repr=False)

    def values(self, name: str) -> tuple[str, ...]:
        """All values of a header."""
        return tuple(value for header, value in self.headers if header == name)

    def value(self, name: str) -> str:
        """The first value of a header, "" without one."""
        return next(iter(self.values(name)), "")


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request. ``host`` is the Host header; ``path`` includes the query."""

    path: str
    host: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()

    def encode(self) -> bytes:
        """The request."""
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {self.host}", f"User-Agent: {USER_AGENT}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if not any(name.lower() == "accept-encoding" for name, _ in self.headers):
            lines.append("Accept-Encoding: identity")
        lines += ["Accept: */*", "Connection: close", "", ""]
        return "\r\n".join(lines).encode("latin-1", "replace")


def ask(dial: Callable[[], Duplex], question: HttpRequest, *, tls: bool = False, seconds: float = 20.0) -> HttpResponse:
    """Connect, ask once, close. Raises HttpFailed, and whatever ``dial`` raises."""
    deadline = time.monotonic() + seconds
    connection = dial()
    try:
        certificate = b""
        if tls:
            secured = TlsStream(connection, question.host.partition(":")[0], deadline)
            connection, certificate = secured, secured.certificate
        connection.sendall(question.encode())
        return _read(connection, question.method, deadline, certificate)
    except http.client.BadStatusLine as error:
        raise HttpFailed(f"the answer is not HTTP ({str(error)[:60]!r})") from None
    except (http.client.HTTPException, ValueError) as error:
        raise HttpFailed(f"the answer is broken ({type(error).__name__})") from None
    except ssl.SSLError as error:
        raise HttpFailed(f"no TLS ({error.reason or error})") from None
    except TimeoutError:
        raise HttpFailed(f"no complete answer within {seconds:.0f} s") from None
    except (OSError, EOFError) as error:
        raise HttpFailed(f"the connection broke ({getattr(error, 'strerror', None) or type(error).__name__})") from None
    finally:
        connection.close()


def _read(connection: Duplex, method: str, deadline: float, certificate: bytes) -> HttpResponse:
    response = http.client.HTTPResponse(cast(Any, _StreamFile(connection, deadline)), method=method)
    response.begin()
    try:
        body = response.read(BODY_LIMIT + 1)
    except http.client.IncompleteRead as error:
        raise HttpFailed(f"the body ended early, after {len(error.partial)} bytes") from None
    if len(body) <= BODY_LIMIT and response.length:  # what is left of a length that was promised
        raise HttpFailed(f"the body ended early, after {len(body)} bytes")
    headers = tuple((name.lower(), value) for name, value in response.getheaders())
    return HttpResponse(response.status, headers, body[:BODY_LIMIT], len(body) > BODY_LIMIT, certificate)


class _StreamFile:
    """The part of a socket's interface that HTTPResponse uses."""

    def __init__(self, connection: Duplex, deadline: float) -> None:
        self._raw = _Raw(connection, deadline)

    def makefile(self, *_arguments: object, **_named: object) -> io.BufferedReader:
        return io.BufferedReader(self._raw)


class _Raw(io.RawIOBase):
    def __init__(self, connection: Duplex, deadline: float) -> None:
        self._connection = connection
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        data = self._connection.recv(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class TlsStream:
    """TLS over a byte stream. Certificates are compared, not trusted: old servers have old and self-made ones."""

    def __init__(self, connection: Duplex, server_name: str, deadline: float) -> None:
        self._connection = connection
        self._deadline = deadline
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.set_ciphers("ALL:@SECLEVEL=0")
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name or None)
        self._pump(self._tls.do_handshake)
        self.certificate = self._tls.getpeercert(binary_form=True) or b""
        self.version = self._tls.version() or ""

    def _pump(self, step: Callable[[], Any]) -> Any:
        """Repeat a step of the TLS machine, moving bytes, until it is through."""
        while True:
            try:
                result = step()
            except ssl.SSLWantReadError:
                result = None
                wanting = True
            else:
                wanting = False
            if data := self._outgoing.read():
                self._connection.sendall(data)
            if not wanting:
                return result
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._connection.settimeout(left)
            if received := self._connection.recv(65536):
                self._incoming.write(received)
            else:
                self._incoming.write_eof()

    def settimeout(self, seconds: float | None, /) -> None:
        """The deadline of the whole exchange holds."""

    def sendall(self, data: bytes, /) -> None:
        """See Duplex."""
        self._pump(lambda: self._tls.write(data))

    def recv(self, size: int, /) -> bytes:
        """See Duplex. Old servers end without a closing notice."""
        try:
            return cast(bytes, self._pump(lambda: self._tls.read(size)))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError, ssl.SSLSyscallError):
            return b""

    def close(self) -> None:
        """See Duplex."""
        self._connection.close()
