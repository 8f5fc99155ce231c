"""The output of a command arrives whole, however the engine's pieces and the HTTP client's buffer fall."""

from __future__ import annotations

import io
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from containerize.runtimes.exec_stream import _Incoming, converse

HEAD = b"HTTP/1.1 101 UPGRADED\r\n\r\n"


def piece(output: int, content: bytes) -> bytes:
    return bytes([output, 0, 0, 0]) + len(content).to_bytes(4, "big") + content


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Ours and the engine's."""
    ours, engines = socket.socketpair()
    with ours, engines:
        yield ours, engines


def after_the_head(ours: socket.socket) -> Any:
    """As the SDK hands it out: a file without a buffer, of which the answer has read the head with one."""
    file = ours.makefile("rb")
    assert isinstance(file, io.BufferedReader)
    assert [file.readline(), file.readline()] == [b"HTTP/1.1 101 UPGRADED\r\n", b"\r\n"]
    answer = SimpleNamespace(raw=SimpleNamespace(_fp=SimpleNamespace(fp=file)))
    return SimpleNamespace(_sock=ours, _response=answer)


@pytest.mark.parametrize("with_the_head", range(0, 30, 3))
def test_what_came_with_the_head_of_the_answer_is_not_lost(
    ends: tuple[socket.socket, socket.socket], with_the_head: int
) -> None:
    ours, engines = ends
    sent = piece(1, b"hello\n") + piece(2, b"alas\n")
    engines.sendall(HEAD + sent[:with_the_head])
    stream = after_the_head(ours)
    engines.sendall(sent[with_the_head:])
    engines.shutdown(socket.SHUT_WR)
    assert converse(stream, None, 5.0) == (b"hello\n", b"alas\n")


def test_a_command_that_says_nothing_is_waited_for_no_longer_than_was_said(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ours, engines = ends
    engines.sendall(HEAD)
    with pytest.raises(TimeoutError):
        converse(after_the_head(ours), None, 0.2)


def test_input_is_fed_while_output_comes(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, engines = ends
    engines.sendall(HEAD + piece(1, b"ready\n"))
    stream = after_the_head(ours)
    given = b"x" * 100_000
    got = bytearray()

    def engine() -> None:
        while data := engines.recv(1 << 16):
            got.extend(data)
        engines.sendall(piece(1, b"done\n"))
        engines.shutdown(socket.SHUT_WR)

    thread = threading.Thread(target=engine)
    thread.start()
    assert converse(stream, given, 5.0) == (b"ready\ndone\n", b"")
    thread.join()
    assert bytes(got) == given


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a key and a certificate for it, for as long as the tests run."""
    file = tmp_path_factory.mktemp("tls") / "engine.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=engine", "-days", "2"]
    make += ["-addext", "subjectAltName=DNS:engine"]
    subprocess.run([*make, "-keyout", file, "-out", f"{file}.crt"], check=True, capture_output=True)
    file.write_bytes(file.read_bytes() + Path(f"{file}.crt").read_bytes())
    return file


@pytest.fixture
def tls_ends(ends: tuple[socket.socket, socket.socket], certificate: Path) -> Iterator[tuple[Any, Any]]:
    """The same over TLS."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    client = ssl.create_default_context(cafile=certificate)
    ours, engines = ends
    with ThreadPoolExecutor(1) as pool:
        accepted = pool.submit(server.wrap_socket, engines, server_side=True)
        wrapped = client.wrap_socket(ours, server_hostname="engine")
        with wrapped, accepted.result() as other:
            yield wrapped, other


def test_what_tls_has_taken_from_the_socket_already_is_read(tls_ends: tuple[Any, Any]) -> None:
    """One record with two pieces: after the first read the socket itself has nothing more to say."""
    ours, engines = tls_ends
    engines.sendall(piece(1, b"hello\n") + piece(2, b"alas\n"))
    incoming = _Incoming(ours, b"", time.monotonic() + 2.0)

    assert [incoming.exactly(size) for size in (8, 6, 8, 5)] == [
        piece(1, b"hello\n")[:8], b"hello\n", piece(2, b"alas\n")[:8], b"alas\n"
    ]  # fmt: skip
