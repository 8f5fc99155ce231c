"""Only pages that are there to be looked at are requested of the live server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containerize.pilot.check_subject import CheckSubject
from containerize.pilot.checks import web_pages
from containerize.pilot.mask import Mask
from containerize.pilot.reference_service import ReferenceService
from containerize.pilot.web.crawl_policy import CrawlPolicy, is_safe
from containerize.pilot.web.logged_paths import LoggedPaths
from containerize.plan.model import ImagePort
from containerize.runtimes.runtime import Runtime
from inventory.host import Host
from inventory.transports import connect
from tests.containerize.pilot.plans import make_plan


@pytest.mark.parametrize(
    "path",
    [
        "/logout",
        "/user/log-off",
        "/orders/7/delete",
        "/rm?id=3",
        "/cart",
        "/checkout",
        "/mail",
        "/export.csv",
        "/cron.php",
        "/wiki/Main?action=edit",
        "/files?sid=abc",
        "/download?token=abc",
        "/index.php?PHPSESSID=1",
        "/install/",
        "/vote?answer=3",
        "/visit",
        "/jobs/bill-customers",
        "/refund?id=2",
        "/failover",
        "/wipe",
        "/stop?svc=db",
        "/loeschen.php?id=3",
        "/customers/7?do=anonymise",
        "/report?page=2;rm",
        "//elsewhere.example/sync",
        "/a b",
        "/" + "x" * 600,
    ],
)
def test_what_sounds_like_an_action_is_left_alone(path: str) -> None:
    assert not is_safe(path)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/articles",
        "/report?year=2026",
        "/shop.css",
        "/customers/7",
        "/environment",
        "/form",
        "/app.js?v=7",
        "/x?page=2",
    ],
)
def test_what_only_shows_something_is_asked_for(path: str) -> None:
    assert is_safe(path)


@given(st.text(), st.text())
def test_any_path_and_any_robots_file_gives_an_answer(path: str, robots: str) -> None:
    assert CrawlPolicy(robots).allows(path) in (True, False)


def test_what_a_site_closes_to_robots_is_not_requested() -> None:
    policy = CrawlPolicy("User-agent: *\nDisallow: /internal/\n", frozenset({"/nightly"}))
    assert policy.allows("/articles")
    assert not policy.allows("/internal/articles")
    assert not policy.allows("/nightly?day=2"), "only the server itself requests it"


PAGE = (
    b"<html><body><a href=/about>a</a><a href=/jobs/bill-customers>b</a><a href=/secret/area>s</a>"
    b"<a href=/nightly>n</a><a rel=nofollow href=/hidden>h</a><a href=/yearly>y</a><img src=/logo.png></body></html>"
)


@contextmanager
def site() -> Iterator[tuple[int, list[str]]]:
    """A web server whose yearly report is a download; its port, and the requests that it got."""
    requests: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(f"{self.command} {self.path}")
            body = b"User-agent: *\nDisallow: /secret\n" if self.path == "/robots.txt" else PAGE
            self.send_response(200 if self.path != "/brownfield-pilot-asks-for-no-such-page" else 404)
            self.send_header("Content-Type", "application/zip" if self.path == "/yearly" else "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815 - the name that the base class calls

        def log_message(self, *_: object) -> None:
            """Keep the output of tests clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1], requests
    finally:
        server.shutdown()
        server.server_close()


class SameServer:
    """In place of a runtime: the copy is the live server itself."""

    def dial(self, _container: str, port: int, **_: object) -> object:
        import socket

        return socket.create_connection(("127.0.0.1", port), timeout=5)


def crawl(monkeypatch: pytest.MonkeyPatch, logged: LoggedPaths, *, allowed: bool) -> tuple[set[str], str]:
    """What the server was asked for, and the details of the result."""
    monkeypatch.setattr(web_pages, "logged_paths", lambda _subject: logged)
    host = Host("here", "127.0.0.1", connection="local")
    with site() as (port, requests), connect(host) as transport:
        subject = CheckSubject(
            make_plan("here/httpd"),
            cast(Runtime, SameServer()),
            "copy",
            ReferenceService(host, transport),
            Mask(),
            sleep=lambda _seconds: None,
            logged_paths=allowed,
        )
        (result,) = web_pages._port(subject, ImagePort("tcp", port, "127.0.0.1", False, "httpd"), tls=False)
    return {request.split(" ")[1] for request in requests}, result.detail


LOGGED = LoggedPaths(("/api/parts", "/refund?id=2"), frozenset({"/nightly"}))


def test_a_pilot_repeats_no_request_of_the_access_log_on_the_live_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """/refund?id=2 in the log of a live shop was asked for twice by each pilot."""
    asked, detail = crawl(monkeypatch, LOGGED, allowed=False)

    assert asked == {
        "/",
        "/robots.txt",
        "/favicon.ico",
        "/brownfield-pilot-asks-for-no-such-page",
        "/about",
        "/logo.png",
        "/yearly",
    }
    assert "not requested: 2 paths of the access log (/api/parts, /refund?id=2); --allow-logged-paths" in detail
    assert "/yearly: not requested: its content is application/zip" in detail


def test_a_person_may_have_the_paths_of_the_log_requested(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, detail = crawl(monkeypatch, LOGGED, allowed=True)

    assert {"/api/parts", "/refund?id=2"} <= asked
    assert "--allow-logged-paths" not in detail
    assert "/nightly" not in asked
