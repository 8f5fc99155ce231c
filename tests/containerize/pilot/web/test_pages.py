"""What makes an answer the same, another one, or one that cannot be compared."""

from __future__ import annotations

from containerize.pilot.web.http_exchange import BODY_LIMIT, HttpResponse
from containerize.pilot.web.pages import compare_answers

HTML = (("content-type", "text/html; charset=utf-8"),)


def html(body: str, status: int = 200) -> HttpResponse:
    return HttpResponse(status, HTML, body.encode())


SHOP = html("<html><body><h1>Orders</h1><table><tr><td>Ada</td><td>3</td></tr></table></body></html>")


def test_the_same_page_is_the_same() -> None:
    page = compare_answers("/", [SHOP, SHOP], [SHOP])
    assert (page.outcome, page.status) == ("same", 200)
    assert page.tree is not None


def test_another_page_with_status_200_differs_and_says_how() -> None:
    default = html("<html><body><h1>It works!</h1></body></html>")
    page = compare_answers("/", [SHOP, SHOP], [default])
    assert page.outcome == "differs"
    assert "'Orders' live, 'It works!' here" in page.words


def test_a_status_is_compared_before_everything_else() -> None:
    page = compare_answers("/", [SHOP, SHOP], [html("<h1>no database</h1>", 503)])
    assert (page.outcome, page.words) == ("differs", "status 200 live, 503 here")


def test_a_live_server_in_trouble_is_no_measure() -> None:
    broken = html("<h1>Internal error 17</h1>", 500)
    assert compare_answers("/", [broken, broken], [broken]).outcome == "not comparable"


def test_what_each_side_calls_itself_is_taken_out() -> None:
    live = html("<p>served by 10.77.0.11 for 10.77.0.110</p>")
    copy = html("<p>served by 10.213.7.2 for 10.77.0.110</p>")
    words = (("10.77.0.11",), ("10.213.7.2",))
    assert compare_answers("/", [live, live], [copy], words).outcome == "same"
    assert compare_answers("/", [live, live], [copy]).outcome == "differs"


def test_a_redirect_to_another_place_differs() -> None:
    live = HttpResponse(302, (("location", "http://shop/login"),), b"")
    copy = HttpResponse(302, (("location", "http://localhost/login"),), b"")
    page = compare_answers("/", [live, live], [copy])
    assert page.outcome == "differs"
    assert "location" in page.words


def test_a_body_of_another_kind_differs() -> None:
    kind = (("content-type", ""),)
    live, copy = HttpResponse(200, kind, b"plain"), HttpResponse(200, kind, b"\x00\x01")
    assert compare_answers("/", [live, live], [copy]).words == "body: text live, binary here"


def test_binary_bodies_are_compared_byte_for_byte() -> None:
    kind = (("content-type", "image/png"),)
    live, copy = HttpResponse(200, kind, b"\x89PNG1"), HttpResponse(200, kind, b"\x89PNG2")
    assert compare_answers("/", [live, live], [live]).outcome == "same"
    assert compare_answers("/", [live, live], [copy]).outcome == "differs"


def test_an_endless_body_is_not_called_the_same() -> None:
    long = HttpResponse(200, HTML, b"x" * BODY_LIMIT, truncated=True)
    assert compare_answers("/", [long, long], [long]).outcome == "not comparable"


def test_headers_that_only_tell_the_version_are_reported() -> None:
    live = HttpResponse(200, (*HTML, ("server", "Apache/2.4.57")), b"<p>a</p>")
    copy = HttpResponse(200, (*HTML, ("server", "Apache/2.4.62")), b"<p>a</p>")
    page = compare_answers("/", [live, live], [copy])
    assert page.outcome == "same"
    assert page.reported == ("server: 'Apache/2.4.57' live, 'Apache/2.4.62' here",)
