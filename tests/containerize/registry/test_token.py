"""Registries with a token server, as the public ones have it: whom credentials are sent to, and whom they are not."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from containerize.registry.client import RegistryClient
from containerize.registry.credentials import NONE, Credentials
from containerize.registry.errors import LoginNeeded, RegistryError
from containerize.registry.image_reference import parse_reference

SECRET = "correct-horse-battery"
WITH = Credentials("ops", SECRET)
BASIC = "Basic " + base64.b64encode(f"ops:{SECRET}".encode()).decode()


class Server:
    """Answers as a registry and as its token server; keeps what it was asked with which authorization."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.realm = ""
        self.life = 60
        self.tokens = 0
        self.status: dict[str, int] = {}
        self.port = 0

    @contextmanager
    def running(self) -> Iterator[str]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            headers_sent: ClassVar[dict[str, str]] = {}

            def log_message(self, *arguments: Any) -> None: ...

            def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                authorization = self.headers.get("Authorization", "")
                server.asked.append((f"{self.command} {self.path}", authorization, body))
                path = urlsplit(self.path).path
                if path == "/token":
                    given = parse_qs(body).get("refresh_token") == ["refresh"] or authorization in (BASIC, "")
                    server.tokens += given
                    document = {"token": f"t{server.tokens}", "expires_in": server.life}
                    self.answer(200 if given else 401, json.dumps(document).encode())
                elif not authorization.startswith("Bearer t"):
                    realm = server.realm or f"http://127.0.0.1:{server.port}/token"
                    self.answer(401, WWW_Authenticate=f'Bearer realm="{realm}",service="s",scope="x"')
                else:
                    self.answer(server.status.get(path, 200 if path == "/v2/" else 404))

            do_HEAD = do_POST = do_GET  # noqa: N815

        http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = http.server_address[1]
        threading.Thread(target=http.serve_forever, daemon=True).start()
        try:
            yield f"127.0.0.1:{self.port}"
        finally:
            http.shutdown()
            http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    with made.running():
        yield made


def client(server: Server, credentials: Credentials = WITH, pulls: tuple[str, ...] = ()) -> RegistryClient:
    return RegistryClient(
        parse_reference(f"127.0.0.1:{server.port}/team/web:v1", "a/b:c"), credentials, insecure=True, pulls=pulls
    )


def test_the_password_goes_to_the_token_server_alone(server: Server) -> None:
    asking = client(server, pulls=("team/other",))
    asking.hello()
    assert asking.has_blob("sha256:00") is False
    assert [row[0].split("?")[0] for row in server.asked] == [
        "GET /v2/", "GET /token", "GET /v2/", "HEAD /v2/team/web/blobs/sha256:00",
    ]  # fmt: skip
    assert [row[1] for row in server.asked] == ["", BASIC, "Bearer t1", "Bearer t1"]
    scopes = parse_qs(urlsplit(server.asked[1][0].split()[1]).query)["scope"]
    assert scopes == ["repository:team/web:pull,push", "repository:team/other:pull"]


def test_a_refresh_token_is_sent_in_a_form(server: Server) -> None:
    client(server, Credentials(identity_token="refresh")).hello()
    assert (server.asked[1][0], server.asked[1][1]) == ("POST /token", "")
    assert parse_qs(server.asked[1][2])["scope"] == ["repository:team/web:pull,push"]


def test_a_token_that_ends_is_asked_for_again(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    import containerize.registry.authorization as authorization

    asking = client(server)
    asking.hello()
    now = authorization.time.monotonic()
    monkeypatch.setattr(authorization.time, "monotonic", lambda: now + 55)
    asking.has_blob("sha256:00")
    assert [row[1] for row in server.asked][-2:] == [BASIC, "Bearer t2"]


@pytest.mark.parametrize("realm", ["ftp://auth.example.org/token", "javascript:x", "/token"])
def test_no_credentials_go_where_there_is_no_tls(server: Server, realm: str) -> None:
    server.realm = realm
    with pytest.raises(RegistryError, match="names no token server with TLS"):
        client(server).hello()
    assert all(SECRET not in row[1] and BASIC not in row[1] for row in server.asked)


def test_a_token_server_that_refuses_is_one_sentence_without_the_secret(server: Server) -> None:
    with pytest.raises(LoginNeeded) as refused:
        client(server, Credentials("ops", "wrong-battery")).hello()
    assert "took neither the name nor the password" in str(refused.value)
    assert "wrong-battery" not in repr(refused.value) + repr(refused.value.__context__)
    client(server, NONE).hello()  # a token for nobody in particular


@pytest.mark.parametrize(
    ("status", "words"), [(403, "its permissions do not allow it"), (405, "cannot be written to"), (418, "no reason")]
)
def test_what_a_registry_refuses_is_said_in_our_words(server: Server, status: int, words: str) -> None:
    asking = client(server)
    asking.hello()
    server.status["/v2/team/web/blobs/sha256:00"] = status
    with pytest.raises(RegistryError, match=words):
        asking.has_blob("sha256:00")


def test_netrc_is_not_read(server: Server, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".netrc").write_text(f"machine 127.0.0.1 login ops password {SECRET}\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    client(server, NONE).hello()
    assert not any(row[1].startswith("Basic") for row in server.asked)


def test_credentials_are_not_shown() -> None:
    assert SECRET not in repr(WITH) + str(Credentials("a", SECRET, SECRET))
