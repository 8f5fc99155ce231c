"""Which headers make a difference."""

from __future__ import annotations

import pytest

from containerize.pilot.compare.headers import differing_headers

SHOP = [("content-type", "text/html; charset=UTF-8"), ("x-shop-version", "2.4"), ("vary", "Accept, Cookie")]


def names(lives: list[list[tuple[str, str]]], copy: list[tuple[str, str]]) -> list[str]:
    return [name for name, _, _ in differing_headers(lives, [copy])]


@pytest.mark.parametrize(
    "changed",
    [
        ("date", "Tue, 24 Nov 2026 14:00:01 GMT"),
        ("server", "Apache/2.4.62"),
        ("content-length", "17"),
        ("connection", "close"),
        ("x-request-id", "f00"),
        ("accept-ranges", "bytes"),
    ],
)
def test_what_belongs_to_the_moment_is_left_out(changed: tuple[str, str]) -> None:
    assert names([SHOP, SHOP], [*SHOP, changed]) == []


@pytest.mark.parametrize(
    ("live", "copy"),
    [
        (("vary", "Accept, Cookie"), ("vary", "cookie,accept")),
        (("content-type", 'text/html; charset="UTF-8"'), ("content-type", "text/html;charset=utf-8")),
        (("etag", '"5a-1"'), ("etag", '"5a-2"')),
        (("set-cookie", "PHPSESSID=a1; path=/; HttpOnly"), ("set-cookie", "PHPSESSID=b2; HttpOnly; Path=/")),
        (("last-modified", "Mon, 01 Jan 2024 00:00:00 GMT"), ("last-modified", "Tue, 02 Jan 2024 00:00:00 GMT")),
        (("www-authenticate", 'Digest realm="x", nonce="1"'), ("www-authenticate", 'Digest realm="x", nonce="2"')),
    ],
)
def test_the_same_in_another_form_is_the_same(live: tuple[str, str], copy: tuple[str, str]) -> None:
    assert names([[live], [live]], [copy]) == []


@pytest.mark.parametrize(
    ("live", "copy"),
    [
        (("content-type", "text/html; charset=UTF-8"), ("content-type", "text/html")),
        (("location", "https://shop/"), ("location", "http://shop/")),
        (("set-cookie", "S=1; Secure; HttpOnly"), ("set-cookie", "S=1; HttpOnly")),
        (("cache-control", "private, no-store"), ("cache-control", "public")),
        (("x-shop-version", "2.4"), ("x-shop-version", "2.3")),
        (("access-control-allow-origin", "*"), ("access-control-allow-origin", "https://shop")),
        (("www-authenticate", 'Basic realm="shop"'), ("www-authenticate", 'Basic realm="other"')),
    ],
)
def test_a_difference_that_clients_see_is_one(live: tuple[str, str], copy: tuple[str, str]) -> None:
    assert names([[live], [live]], [copy]) == [live[0]]


def test_a_header_that_is_gone_or_new_is_a_difference() -> None:
    assert names([SHOP, SHOP], SHOP[:1]) == ["vary", "x-shop-version"]
    assert names([SHOP, SHOP], [*SHOP, ("x-debug", "on")]) == ["x-debug"]


def test_what_changes_on_the_live_server_is_compared_by_shape() -> None:
    lives = [[("x-queue", "12 waiting")], [("x-queue", "17 waiting")]]
    assert names(lives, [("x-queue", "3 waiting")]) == []
    assert names(lives, [("x-queue", "closed")]) == ["x-queue"]
