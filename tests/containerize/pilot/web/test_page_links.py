"""Only safe pages of the same site are asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containerize.pilot.compare.html_tree import html_tree
from containerize.pilot.web.logged_paths import paths_in
from containerize.pilot.web.page_links import links_of, same_site
from containerize.pilot.web.virtual_hosts import names_in


def test_links_of_the_same_site_are_found_in_their_order() -> None:
    page = html_tree(
        "<link rel=stylesheet href=/shop.css><a href='report?year=1#top'>r</a><a href=//other.example/x>o</a>"
        "<a href=mailto:ops@example>m</a><a href='http://shop.web01:8080/parts'>p</a><img src='../logo.png'>"
        "<a href=/logout>bye</a><a href='javascript:void(0)'>j</a>"
    )
    assert list(links_of(page, "/shop/index", "shop.web01")) == [
        "/shop.css",
        "/shop/report?year=1",
        "/parts",
        "/logo.png",
        "/logout",
    ]


@given(st.text(), st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=30))
def test_any_link_is_a_path_or_nothing(target: str, path: str) -> None:
    found = same_site(target, f"http://shop/{path}", "shop")
    assert found is None or found.startswith("/")


def test_names_of_apache_and_nginx() -> None:
    configuration = """
    <VirtualHost *:80>
      ServerName shop.web01:80
      ServerAlias www.shop.example *.shop.example   # and others
    </VirtualHost>
    server { listen 80; server_name status.vm01 _ ~^www\\d+$; }
    """
    assert names_in(configuration) == ["shop.web01", "www.shop.example", "status.vm01"]


def test_logged_paths_are_those_that_people_ask_for() -> None:
    line = '10.77.0.9 - - [24/Nov/2026:14:00:00 +0100] "{} HTTP/1.1" {} 512 "-" "{}"\n'
    log = line.format("GET /parts/17", 200, "curl/7") * 3 + line.format("GET /parts/18", 200, "curl/7")
    log += line.format("GET /health", 200, "check") * 9 + line.format("POST /orders", 201, "curl/7")
    log += line.format("GET /secret?api_key=1", 200, "curl/7") + line.format("GET /old", 404, "curl/7")
    log += line.format("GET /only-we-asked", 200, "brownfield-pilot/1") + line.format("GET /logout", 302, "Mozilla")
    log += "garbage \x00 line\n"
    log += line.replace("10.77.0.9", "shop.example:80 127.0.0.1").format("GET /jobs/nightly?day=1", 200, "curl/7")
    log += line.replace("10.77.0.9", "::ffff:10.77.0.11").format("GET /health", 200, "curl/7")
    found = paths_in(log, frozenset({"10.77.0.11"}))
    assert found.paths == ("/health", "/parts/17", "/logout")
    assert found.local_only == {"/jobs/nightly"}


@pytest.mark.parametrize(
    "forbidding", ["<meta name=robots content='noindex, nofollow'>", "<meta name=Robots content=none>"]
)
def test_links_that_robots_shall_not_follow_are_not_followed(forbidding: str) -> None:
    page = html_tree("<a rel='noopener nofollow' href=/a>a</a><a href=/b>b</a>")
    assert list(links_of(page, "/", "shop")) == ["/b"]
    assert list(links_of(html_tree(f"{forbidding}<a href=/b>b</a>"), "/", "shop")) == []
