"""PostgreSQL, Redis, Postfix and applications in Perl, Node.js, Python and Ruby: each passes its pilot, and its copy
also does what the service does rarely.

The host is this module's own, with a scan of its own. The copies are shared by its tests, which run in any order: each
counts from what it finds, or takes back what it wrote where others look.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from containerize.grants.model import Allowed
from containerize.pilot.reference_service import Endpoint
from containerize.plan.model import ImagePlan
from containerize.plan.plan_json import load_plan
from containerize.runtimes import choose
from containerize.runtimes.runtime import RuntimeUnavailable
from inventory.store.workspace import Workspace
from tests.e2e.command import Done, assess
from tests.e2e.copies import Copies, ask, running_copies, until
from tests.e2e.small_services import HOST, SERVICES, Service
from tests.e2e.traces import nothing_left_behind
from tests.estate import RunningHost

pytestmark = [pytest.mark.estate, pytest.mark.engine, pytest.mark.timeout(900)]

NAMES = tuple(each.id for each in SERVICES)
EACH = pytest.mark.parametrize("service", SERVICES, ids=lambda each: each.name)


@pytest.fixture(scope="module")
def built(services: Path) -> Done:
    done = assess(services, "build", "--json", *NAMES)
    assert done.status == 0, done.errors
    return done


@pytest.fixture(scope="module")
def piloted(built: Done, services: Path) -> Done:
    try:
        choose("docker").close()
    except RuntimeUnavailable as error:
        pytest.skip(str(error))
    with nothing_left_behind() as ours:
        done = assess(services, "pilot", "--runtime", "docker", "--json", *NAMES)
        ours.append(done.pid)
    return done


@pytest.fixture(scope="module")
def copies(built: Done, services: Path) -> Iterator[Copies]:
    # Mail goes into Postfix's queue through postdrop, which is setgid: a person has to allow that.
    with running_copies(services, *NAMES, allowed=Allowed(privilege_gain=True)) as running:
        yield running


def plan_of(services: Path, each: Service) -> ImagePlan:
    return load_plan(Workspace.open(services).build(HOST, each.name))


@EACH
def test_everything_that_belongs_to_it_is_planned(built: Done, services: Path, service: Service) -> None:
    plan = plan_of(services, service)
    paths = {file.path for file in plan.files}

    assert {volume.path for volume in plan.volumes} == set(service.volumes)
    assert {secret.path for secret in plan.secrets} >= set(service.secrets)
    assert {workload for _, _, workload in plan.peers} == set(service.peers)
    assert set(plan.companions) == set(service.companions)
    assert set(service.inside) - paths == set()
    assert set(service.outside) & paths == set()
    assert {path for path in paths for volume in service.volumes if path.startswith(f"{volume}/")} == set()
    assert set(service.secrets) & paths == set()


@EACH
def test_its_image_has_a_size_that_fits_it(built: Done, service: Service) -> None:
    (row,) = (row for row in built.document["builds"] if row["workload"] == service.id)
    assert 1 << 20 < row["compressed_size"] < row["size"] < service.most_megabytes << 20


@EACH
def test_its_copy_passes(piloted: Done, service: Service) -> None:
    (pilot,) = (row for row in piloted.document["pilots"] if row["workload"] == service.id)
    assert [check for check in pilot["checks"] if check["verdict"] != "pass"] == []
    assert pilot["verdict"] == "pass"
    names = {check["name"].partition(" ")[0] for check in pilot["checks"]}
    assert {"starts", "port", "processes", "data", service.speaks, "stays", "stops", "restarts"} <= names


def test_databases_were_counted_and_not_only_copied(piloted: Done) -> None:
    said = {
        row["workload"]: check["actual"]
        for row in piloted.document["pilots"]
        for check in row["checks"]
        if check["name"].startswith("data ")
    }
    assert said[f"{HOST}/postgresql"] == "2 tables with 52 rows, 2 accounts"
    assert said[f"{HOST}/redis-server"] == "2 keys of database 0"


def test_no_password_is_in_what_was_printed_or_written(built: Done, piloted: Done, services: Path) -> None:
    secrets = ("estate-ledger-password", "estate-redis-password")
    assert [secret for secret in secrets if secret in piloted.output + built.output] == []
    texts = (path for path in services.rglob("*") if path.is_file() and path.stat().st_size < 1 << 20)
    found = {(path, secret) for path in texts for secret in secrets if secret.encode() in path.read_bytes()}
    assert found == set()


def test_the_job_beside_the_service_becomes_a_scheduled_one(built: Done, services: Path) -> None:
    jobs = Workspace.open(services).build(HOST, "ledger") / "kubernetes" / "base" / "jobs.yaml"
    text = jobs.read_text("utf-8")
    assert "kind: CronJob" in text and 'schedule: "17 2 * * *"' in text and "/opt/ledger/bin/nightly" in text


# What each does rarely. The copies share the network of their host, as the services do.


def page(copies: Copies, name: str, port: int, path: str, body: bytes | None = None) -> tuple[int, str]:
    subject = copies.subject(f"{HOST}/{name}")
    status, content = ask(lambda: subject.dial_copy(Endpoint("127.0.0.1", port, inside=True)), path, body)
    return status, content.decode()


def live_page(services_host: RunningHost, port: int, path: str) -> str:
    return services_host.run("curl", "-sS", f"http://localhost:{port}{path}")


@pytest.mark.parametrize(
    ("name", "port", "path", "shows"),
    [
        ("bookings", 8001, "/environment", "Sonntag, 29. März 2020 03:00 CEST\n1.234.567,89\n"),
        ("bookings", 8001, "/environment", "smtp 25\nweek 13 of 2020, by calendarium 2.1\n"),
        ("bookings", 8001, "/tls", "well\n"),  # by name, against the authority of the house
        ("bookings", 8001, "/archive", "1f8b\n"),  # tar, which runs gzip
        ("ledger", 8002, "/", "<td>Ärzte</td><td>378.12 EUR</td>"),
        ("ledger", 8002, "/balances.json", '{"amount":"394.56 EUR","name":"Öl und Gas"}'),  # JSON is loaded here only
        ("ledger", 8002, "/month", "März CET\n"),
        ("board", 8003, "/", "<h1>Grüße aus Köln</h1>"),
        ("board", 8003, "/environment", "Mitteleuropäische Normalzeit) 1.234.567,5 de_DE.UTF-8\n"),
        ("board", 8003, "/version", "true\n"),  # a module that is loaded here only
        ("board", 8003, "/calculate?q=2^64", "18446744073709551616\n"),  # bc
        ("canteen", 8005, "/card", "<td>Käsespätzle</td>"),  # a gem beside the application, and what it depends on
        ("canteen", 8005, "/card", "12:00 CEST\n"),
        ("canteen", 8005, "/feed", '<dish day="Dienstag">Grünkohl</dish>'),  # a template of a kind known by its name
        ("canteen", 8005, "/extensions", "Ei, Milch, Weizen\n"),  # a gem that the settings name
        ("canteen", 8005, "/table.csv", "Montag;Käsespätzle\n"),
    ],
)
def test_a_rare_page_is_that_of_the_server(
    copies: Copies, services_host: RunningHost, name: str, port: int, path: str, shows: str
) -> None:
    status, text = page(copies, name, port, path)
    assert (status, shows in text) == (200, True), text
    # The copy runs under the same account, and mentions it.
    assert text == live_page(services_host, port, path)


def test_an_upload_is_kept_in_a_new_container(copies: Copies, services_host: RunningHost) -> None:
    assert page(copies, "bookings", 8001, "/rooms/attic", "Montag: Łukasz\n".encode()) == (201, "kept\n")
    copies.recreate(f"{HOST}/bookings")
    until(_answers(copies, "bookings", 8001), "the bookings answer from a new container")
    assert page(copies, "bookings", 8001, "/rooms/attic") == (200, "Montag: Łukasz\n")
    assert "attic" not in live_page(services_host, 8001, "/")
    copies.run(f"{HOST}/bookings", "rm", "/var/lib/bookings/attic")


def test_a_log_that_was_rotated_is_written_anew(copies: Copies) -> None:
    """As logrotate does it: the old one is moved away, and the service is told."""
    log = "/var/log/bookings/access.log"
    page(copies, "bookings", 8001, "/health")
    copies.run(f"{HOST}/bookings", "mv", log, f"{log}.1")
    copies.run(f"{HOST}/bookings", "sh", "-c", "kill -HUP 1")

    def written() -> bool:
        page(copies, "bookings", 8001, "/health")
        return "GET /health" in copies.run(f"{HOST}/bookings", "sh", "-c", f"cat {log} || true")

    until(written, "the new log is written")


def test_mail_goes_by_the_queue_to_the_copy_of_the_mail_server(copies: Copies, services_host: RunningHost) -> None:
    """sendmail puts it into the queue, the Postfix in the other container delivers it to whom the alias says."""
    count = ("sh", "-c", "grep -c '^Subject: Balances of the ledger' /var/mail/ops 2>/dev/null || true")
    live = services_host.run(*count)
    here = int(copies.run(f"{HOST}/postfix", *count) or 0)
    assert page(copies, "ledger", 8002, "/mail") == (200, "sent\n")
    until(lambda: int(copies.run(f"{HOST}/postfix", *count) or 0) == here + 1, "the mail is delivered")
    assert services_host.run(*count) == live


def test_mail_over_smtp_is_delivered(copies: Copies) -> None:
    subject = f"Subject: {uuid.uuid4()}"
    connection = copies.subject(f"{HOST}/postfix").dial_copy(Endpoint("127.0.0.1", 25, inside=True))
    said = b""
    try:
        connection.settimeout(30)
        for words in (
            b"",
            b"HELO here",
            b"MAIL FROM:<>",
            b"RCPT TO:<accounts>",
            b"DATA",
            f"{subject}\r\n\r\n.".encode(),
            b"QUIT",
        ):
            if words:
                connection.sendall(words + b"\r\n")
            said += connection.recv(4096)
    finally:
        connection.close()
    codes = [line[:3] for line in said.decode().splitlines()]
    assert codes == ["220", "250", "250", "250", "354", "250", "221"], said
    mailbox = ("sh", "-c", "cat /var/mail/ops 2>/dev/null || true")
    until(lambda: subject in copies.run(f"{HOST}/postfix", *mailbox), "the mail is delivered")


def test_the_job_runs_in_a_copy_of_its_service(copies: Copies, services_host: RunningHost) -> None:
    live = services_host.run("ls", "-l", "--full-time", "/var/lib/ledger")
    user = copies.run(f"{HOST}/ledger", "id", "-u", "ledger").strip()
    copies.run(f"{HOST}/ledger", "rm", "-f", "/var/lib/ledger/balances.json")
    copies.run(f"{HOST}/ledger", "/opt/ledger/bin/nightly", user=user)
    written = copies.run(f"{HOST}/ledger", "cat", "/var/lib/ledger/balances.json")
    assert written == live_page(services_host, 8002, "/balances.json")
    assert services_host.run("ls", "-l", "--full-time", "/var/lib/ledger") == live


def test_what_the_database_says_is_sorted_as_on_the_server(copies: Copies, services_host: RunningHost) -> None:
    """And only the copy gets a new row."""
    names = "SELECT string_agg(name, ',' ORDER BY name) FROM accounts"
    psql = ("psql", "-h", "/var/run/postgresql", "-XAtq", "-d", "ledger", "-c")
    user = copies.run(f"{HOST}/postgresql", "id", "-u", "postgres").strip()
    assert copies.run(f"{HOST}/postgresql", *psql, names, user=user) == "Ärzte,Miete,Öl und Gas,Zinsen\n"
    copies.run(f"{HOST}/postgresql", *psql, "UPDATE entries SET cents = 100 WHERE account = 1", user=user)
    try:
        assert "<td>12.00 EUR</td>" in page(copies, "ledger", 8002, "/")[1]
        assert "<td>12.00 EUR</td>" not in live_page(services_host, 8002, "/")
    finally:
        copies.run(f"{HOST}/postgresql", *psql, "UPDATE entries SET cents = id * 137 WHERE account = 1", user=user)


def test_what_is_written_to_redis_is_there_from_a_new_container(copies: Copies, services_host: RunningHost) -> None:
    """And taken away again: other tests compare the board with the server's."""
    assert page(copies, "board", 8003, "/notices", b"The roof leaks") == (201, "kept\n")
    try:
        copies.recreate(f"{HOST}/redis-server")

        def shown() -> bool:
            return "<li>The roof leaks</li>" in page(copies, "board", 8003, "/")[1]

        until(shown, "the board shows what was written before")
        assert "roof" not in live_page(services_host, 8003, "/")
    finally:
        again = "REDISCLI_AUTH=estate-redis-password redis-cli LREM notices 0 'The roof leaks'"
        assert copies.run(f"{HOST}/redis-server", "sh", "-c", again) == "1\n"


def test_the_front_reaches_its_worker_and_the_worker_keeps_the_votes(
    copies: Copies, services_host: RunningHost
) -> None:
    def votes(text: str) -> int:
        return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("green "))

    live, here = live_page(services_host, 8004, "/counts"), votes(page(copies, "survey-front", 8004, "/counts")[1])
    assert page(copies, "survey-front", 8004, "/", b"green") == (201, f"green {here + 1}\n")
    copies.recreate(f"{HOST}/survey-front")
    until(_answers(copies, "survey-front", 8004), "the survey answers from a new container")
    until(lambda: page(copies, "survey-front", 8004, "/counts")[1] == f"green {here + 1}\n", "the vote is kept")
    assert live_page(services_host, 8004, "/counts") == live


def test_a_mark_is_kept_by_a_library_that_is_loaded_for_it(copies: Copies, services_host: RunningHost) -> None:
    """SQLite for Ruby, an object file that the live service has never mapped."""
    path, live = "/marks/K%C3%A4se", live_page(services_host, 8005, "/marks")
    before = page(copies, "canteen", 8005, "/marks")[1]
    assert page(copies, "canteen", 8005, path, b"2") == (201, "kept\n")
    copies.recreate(f"{HOST}/canteen")
    until(_answers(copies, "canteen", 8005), "the canteen answers from a new container")
    after = json.loads(page(copies, "canteen", 8005, "/marks")[1])
    assert after == [*json.loads(before), ["Käse", 2]]
    assert live_page(services_host, 8005, "/marks") == live


def _answers(copies: Copies, name: str, port: int) -> Callable[[], bool]:
    def answers() -> bool:
        try:
            return page(copies, name, port, "/")[0] == 200
        except (OSError, IndexError):
            return False

    return answers
