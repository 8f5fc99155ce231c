"""A request and its answer, from servers that behave and from servers that do not."""

from __future__ import annotations

import datetime
import socket
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from containerize.pilot.web.http_exchange import BODY_LIMIT, HttpFailed, HttpRequest, ask
from tests.containerize.pilot.servers import saying, serving

QUESTION = HttpRequest("/orders?page=2", "shop.web01")


def test_answer_keeps_status_headers_and_body() -> None:
    said = b"HTTP/1.1 404 Not Found\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 5\r\n\r\ngone\nmore"
    with serving(saying(said)) as dial:
        answer = ask(dial, QUESTION)
    assert (answer.status, answer.body) == (404, b"gone\n")
    assert answer.values("set-cookie") == ("a=1", "b=2")


def test_request_asks_as_a_browser_of_that_name_would() -> None:
    seen: list[bytes] = []

    def answer(connection: socket.socket) -> None:
        seen.append(connection.recv(65536))
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")

    with serving(answer) as dial:
        ask(dial, QUESTION)
    assert seen[0].startswith(b"GET /orders?page=2 HTTP/1.1\r\nHost: shop.web01\r\n")
    assert b"Accept-Encoding: identity\r\n" in seen[0]
    assert b"Cookie" not in seen[0]


def test_chunked_body_is_put_together() -> None:
    said = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    with serving(saying(said)) as dial:
        assert ask(dial, QUESTION).body == b"abcde"


def test_redirect_is_an_answer_and_is_not_followed() -> None:
    with serving(saying(b"HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n")) as dial:
        answer = ask(dial, QUESTION)
    assert (answer.status, answer.value("location")) == (302, "/login")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", "ended early"),
        (b"", "not HTTP|connection broke|broken"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 2000 + b"\r\n", "broken"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n", "broken"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "broken|ended early"),
    ],
)
def test_broken_answer_is_a_few_words(said: bytes, words: str) -> None:
    with serving(saying(said)) as dial, pytest.raises(HttpFailed, match=words):
        ask(dial, QUESTION)


def test_endless_body_is_cut_off() -> None:
    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    with serving(answer) as dial:
        got = ask(dial, QUESTION)
    assert got.truncated
    assert len(got.body) == BODY_LIMIT


def test_silence_ends_at_the_deadline() -> None:
    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.recv(65536)

    with serving(answer) as dial, pytest.raises(HttpFailed, match="within 0 s"):
        ask(dial, QUESTION, seconds=0.3)


def test_drip_of_single_bytes_ends_at_the_deadline_too() -> None:
    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x")
            connection.settimeout(0.05)
            try:
                connection.recv(1)
            except TimeoutError:
                continue

    with serving(answer) as dial, pytest.raises(HttpFailed, match="no complete answer"):
        ask(dial, QUESTION, seconds=0.6)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that nobody signed and that has expired, as old servers have."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.web01")])
    past = datetime.datetime(2015, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(past)
        .not_valid_after(past + datetime.timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_tls_with_an_expired_certificate_of_its_own_is_spoken(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def answer(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(65536)
            secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + b"a" * 300_000)

    with serving(answer) as dial:
        got = ask(dial, QUESTION, tls=True)
    assert (got.status, len(got.body)) == (200, 300_000)
    assert got.certificate


def test_plain_server_asked_for_tls_is_a_few_words() -> None:
    with serving(saying(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as dial, pytest.raises(HttpFailed):
        ask(dial, QUESTION, tls=True, seconds=5)
