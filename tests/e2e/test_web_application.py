"""The shop of web01 and its database run from their images and do all that they do on their servers.

Nothing of it reaches the live servers, and a copy that serves something else does not pass.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from containerize.grants.model import Allowed
from containerize.pilot.check_subject import CheckSubject
from containerize.pilot.checks import CHECKS
from containerize.pilot.result import CheckResult, CheckVerdict, verdict_of
from tests.e2e.command import Done
from tests.e2e.copies import HTTP, Copies, ask, running_copies, until
from tests.estate import Estate

pytestmark = [pytest.mark.estate, pytest.mark.engine, pytest.mark.timeout(900)]

WEB, DB = "web01/apache2", "db01/mariadb"


@pytest.fixture(scope="module")
def shop(builds: Done, workspace: Path) -> Iterator[Copies]:
    assert builds.status == 0, builds.errors
    # The pages hand their mail to exim, which is setuid: a person has to allow that.
    with running_copies(workspace, WEB, DB, allowed=Allowed(privilege_gain=True)) as copies:
        yield copies


def page(shop: Copies, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    """A page of the copy."""
    subject = shop.subject(WEB)
    return ask(lambda: subject.dial_copy(HTTP), path, body, **headers)


def live_page(shop: Copies, path: str) -> tuple[int, bytes]:
    """The same of the live shop."""
    subject = shop.subject(WEB)
    return ask(lambda: subject.live.dial(HTTP), path)


def sql(shop: Copies, statement: str) -> str:
    """Ask the copy of the database as its root, by its unix socket."""
    return shop.run(DB, "mariadb", "-N", "shop", "-e", statement).strip()


def live_sql(estate: Estate, statement: str) -> str:
    return estate.host("db01").run("mariadb", "-N", "shop", "-e", statement).strip()


def upload(shop: Copies, name: str, content: bytes) -> None:
    part = f'--B\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    status, body = page(
        shop, "/upload", part + content + b"\r\n--B--\r\n", Content_Type="multipart/form-data; boundary=B"
    )
    assert (status, body) == (201, f"/files/{name}\n".encode())


def serves(shop: Copies) -> bool:
    try:
        return page(shop, "/health") == (200, b"ok\n")
    except (OSError, IndexError):
        return False


def check(subject: CheckSubject, name: str) -> tuple[CheckResult, ...]:
    return next(each for each in CHECKS if each.name == name).run(subject)


def test_the_page_shows_rows_of_its_own_database(shop: Copies) -> None:
    status, body = page(shop, "/")
    assert status == 200
    assert "<td>Łukasz Żółty</td><td>Łódź</td>".encode() in body
    assert b"556,00 EUR" in body
    assert (status, body) == live_page(shop, "/")


def test_a_row_that_only_the_copy_has_is_on_the_page_of_the_copy_only(shop: Copies) -> None:
    """So it is the copy of the database that answers, and not the live one."""
    try:
        sql(shop, "UPDATE customers SET name = CONCAT('Copy of ', name) WHERE id = 1")
        assert b"<td>Copy of " in page(shop, "/")[1]
        assert b"<td>Copy of " not in live_page(shop, "/")[1]
    finally:
        sql(shop, "UPDATE customers SET name = SUBSTR(name, 9) WHERE id = 1")


def test_the_database_is_asked_over_tcp_by_name_and_by_the_old_address(shop: Copies) -> None:
    """The report has the address of db01 in its settings, the other pages its name."""
    status, body = page(shop, "/report")
    assert (status, body) == live_page(shop, "/report")
    assert "北京: 30".encode() in body
    assert "db01" in shop.run(WEB, "getent", "hosts", "10.77.0.12")


def test_what_the_copy_writes_stays_in_the_copy(shop: Copies, estate: Estate) -> None:
    count = "SELECT COUNT(*) FROM visits"
    here, live = int(sql(shop, count)), int(live_sql(estate, count))
    assert page(shop, "/visit")[0] == 200
    assert int(sql(shop, count)) == here + 1
    assert int(live_sql(estate, count)) == live
    sql(shop, "DELETE FROM visits ORDER BY id DESC LIMIT 1")


def test_an_upload_is_kept_over_a_restart_and_in_a_new_container(shop: Copies) -> None:
    name, content = f"{uuid.uuid4().hex}.bin", bytes(range(256)) * 40
    upload(shop, name, content)
    assert page(shop, f"/files/{name}") == (200, content)
    assert shop.run(WEB, "stat", "-c", "%U:%G", f"/var/lib/app/uploads/{name}") == "www-data:www-data\n"

    subject = shop.subject(WEB)
    subject.runtime.stop(subject.container)
    subject.runtime.restart(subject.container)
    until(lambda: serves(shop), "the shop serves after a restart")
    assert page(shop, f"/files/{name}") == (200, content)

    gone = subject.container
    shop.recreate(WEB)
    assert subject.container != gone
    until(lambda: serves(shop), "the shop serves from a new container")
    assert page(shop, f"/files/{name}") == (200, content)


def test_the_helper_program_is_called(shop: Copies) -> None:
    """It runs qrencode, which no library and no package of PHP needs."""
    status, body = page(shop, "/helper?text=abc")
    assert (status, body) == live_page(shop, "/helper?text=abc")
    assert b"check ba7816bf8f01cfea" in body
    assert body.endswith(b"status 0\n")


def test_mail_is_handed_to_the_mail_server_and_goes_nowhere(shop: Copies, estate: Estate) -> None:
    """It is delivered to the mailbox of the copy; that of the live server stays as it is."""
    count = ("sh", "-c", "grep -c '^Subject: A new order' /var/mail/ops || true")
    here = int(shop.run(WEB, *count) or 0)
    live = estate.host("web01").run(*count)
    assert page(shop, "/mail") == (200, b"sent\n")
    until(lambda: int(shop.run(WEB, *count) or 0) == here + 1, "the mail is in the mailbox of the copy")
    assert estate.host("web01").run(*count) == live


def test_locale_time_zone_account_and_umask_are_those_of_the_server(shop: Copies) -> None:
    def environment(body: bytes) -> list[str]:
        return [line for line in body.decode().splitlines() if not line.startswith("time ")]

    here, live = environment(page(shop, "/environment")[1]), environment(live_page(shop, "/environment")[1])
    assert here == live
    assert {"locale de_DE.UTF-8", "decimal point ,", "uid 33 (www-data)", "timezone Europe/Berlin"} <= set(here)


def test_the_copy_has_no_way_out(shop: Copies, estate: Estate) -> None:
    """app01 answers the live web01, and not the copy; nor is there a way anywhere else."""
    knock = ("bash", "-c", "timeout 5 bash -c '</dev/tcp/10.77.0.13/80' 2>/dev/null && echo open || echo shut")
    assert estate.host("web01").run(*knock) == "open\n"
    assert shop.run(WEB, *knock) == "shut\n"
    routes = shop.run(WEB, "cat", "/proc/net/route").splitlines()[1:]
    assert [line for line in routes if line.split()[1] == "00000000"] == []


def test_the_secret_file_is_in_memory_and_belongs_to_whom_it_did(shop: Copies) -> None:
    assert shop.run(WEB, "stat", "-c", "%a %U:%G", "/etc/app/app.ini") == "640 root:www-data\n"
    mounts = [line.split() for line in shop.run(WEB, "cat", "/proc/self/mounts").splitlines()]
    assert [(kind, options.split(",")[0]) for _, path, kind, options, *_ in mounts if path == "/etc/app/app.ini"] == [
        ("tmpfs", "ro")
    ]


def test_the_copy_passes_as_it_is(shop: Copies) -> None:
    """What the tests below break is really whole before."""
    for workload, name in ((WEB, "pages"), (DB, "data"), (DB, "greetings"), (WEB, "ports"), (WEB, "processes")):
        results = check(shop.subject(workload), name)
        assert verdict_of(results) is CheckVerdict.PASS, results


@contextmanager
def default_page(shop: Copies) -> Iterator[None]:
    """The site is switched off, as when a virtual host was forgotten: Apache serves the page of its package."""
    sites = "/etc/apache2/sites-enabled"
    off = f"mv {sites}/shop.conf /etc/apache2/shop.off; ln -s ../sites-available/000-default.conf {sites}/"
    off += "; mkdir -p /var/www/html; echo '<h1>It works!</h1>' >/var/www/html/index.html"
    on = f"rm {sites}/000-default.conf; mv /etc/apache2/shop.off {sites}/shop.conf"
    shop.run(WEB, "sh", "-c", f"{off}; apache2ctl graceful")
    try:
        until(lambda: page(shop, "/health")[0] == 404, "the default site answers")
        yield
    finally:
        shop.run(WEB, "sh", "-c", f"{on}; apache2ctl graceful")
        until(lambda: serves(shop), "the shop serves again")


def test_a_default_page_with_status_200_fails(shop: Copies) -> None:
    with default_page(shop):
        assert page(shop, "/")[0] == 200
        results = check(shop.subject(WEB), "pages")
        ports = check(shop.subject(WEB), "ports")
    assert verdict_of(results) is CheckVerdict.FAIL
    assert all(each.verdict is CheckVerdict.FAIL for each in results), results
    assert "/: differs" in results[0].detail
    assert "status" not in next(line for line in results[0].detail.splitlines() if line.startswith("/: "))
    # Nothing but the pages tells: who only knocks at the port believes that all is well.
    assert verdict_of(ports) is CheckVerdict.PASS


def test_one_wrong_value_in_the_data_fails_the_page_that_shows_it(shop: Copies) -> None:
    """As many rows as there should be, and one says something else."""
    try:
        sql(shop, "UPDATE orders SET quantity = quantity + 1 WHERE id = 1")
        pages, data = check(shop.subject(WEB), "pages"), check(shop.subject(DB), "data")
    finally:
        sql(shop, "UPDATE orders SET quantity = quantity - 1 WHERE id = 1")
    assert verdict_of(pages) is CheckVerdict.FAIL
    assert "/: differs" in pages[0].detail
    assert verdict_of(data) is CheckVerdict.PASS


def test_a_missing_row_fails_the_data(shop: Copies) -> None:
    """Also when no page shows it."""
    sql(shop, "CREATE TABLE kept SELECT * FROM orders")
    try:
        sql(shop, "DELETE FROM orders ORDER BY id DESC LIMIT 1")
        results = check(shop.subject(DB), "data")
    finally:
        sql(shop, "INSERT IGNORE INTO orders SELECT * FROM kept; DROP TABLE kept")
    (result,) = results
    assert result.verdict is CheckVerdict.FAIL, result
    assert "table shop.orders: " in result.detail


def test_a_database_that_is_not_there_fails_the_pages(shop: Copies) -> None:
    """The web server runs, listens and answers all the while."""
    database = shop.subject(DB)
    database.runtime.stop(database.container)
    try:
        results = check(shop.subject(WEB), "pages")
    finally:
        database.runtime.restart(database.container)
        until(lambda: serves(shop), "the shop has its database again")
    assert verdict_of(results) is CheckVerdict.FAIL
    assert "status 200 live, 500 here" in results[0].detail
