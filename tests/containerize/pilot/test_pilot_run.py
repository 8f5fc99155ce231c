"""Whole pilots, on every runtime that is here: a live busybox httpd on this machine and images made for the tests."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from containerize.pilot.pilot_run import Pilot
from containerize.pilot.piloted_workload import Candidate
from containerize.pilot.result import CheckResult, CheckVerdict, PilotResult
from containerize.plan.model import BuiltImage, ExpectedProcess, ImagePlan, ImagePort, SecretMount, Start, Volume
from containerize.runtimes import RUNTIMES
from containerize.runtimes.runtime import Runtime, RuntimeUnavailable
from inventory.errors import HostUnreachable
from inventory.host import Host
from inventory.transports import connect
from inventory.transports.transport import Transport
from tests.containerize.pilot.plans import make_plan
from tests.containerize.runtimes.small_image import write_layout

pytestmark = pytest.mark.engine

SHOP = b"<html><body><h1>Orders</h1><table><tr><td>Ada</td><td>3</td></tr></table><a href=/parts.html>p</a></body>\n"
PARTS = b"<html><body><ul><li>bolt</li><li>nut</li></ul></body></html>\n"
SECRET = b"[database]\npassword = Winter7Night\n"
HERE = Host("shop01", "127.0.0.1", connection="local")


@pytest.fixture(scope="module", params=[backend.name for backend in RUNTIMES])
def runtime(request: pytest.FixtureRequest) -> Iterator[Runtime]:
    backend = next(each for each in RUNTIMES if each.name == request.param)
    try:
        connected = backend.connect()
    except RuntimeUnavailable as error:
        pytest.skip(str(error))
    yield connected
    connected.close()


@pytest.fixture
def live(tmp_path: Path) -> Iterator[ImagePlan]:
    """A plan of a web server that really runs: pages in a data directory, a password in a file."""
    busybox = shutil.which("busybox")
    if busybox is None:
        pytest.skip("needs busybox")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    www, ini = tmp_path / "www", tmp_path / "app.ini"
    www.mkdir(mode=0o755)
    (www / "index.html").write_bytes(SHOP)
    (www / "parts.html").write_bytes(PARTS)
    ini.write_bytes(SECRET)
    for parent in (tmp_path, *tmp_path.parents):
        if str(parent).startswith("/tmp/pytest"):
            parent.chmod(0o755)
    command = ["httpd", "-f", "-p", f"127.0.0.1:{port}", "-h", str(www)]
    with subprocess.Popen([busybox, *command], stdout=subprocess.DEVNULL) as server:
        try:
            for _ in range(100):
                if not socket.socket().connect_ex(("127.0.0.1", port)):
                    break
                time.sleep(0.05)
            checked = ("/bin/sh", "-c", f'grep -q Winter7Night {ini} && exec "$@"', "sh", "/bin/httpd", *command[1:])
            yield replace(
                make_plan("shop01/httpd", hostname="shop01"),
                start=Start(checked, (), (), "0:0", "/", "SIGTERM", True, "it stays in the foreground with -f"),
                ports=(ImagePort("tcp", port, "127.0.0.1", False, "httpd"),),
                volumes=(Volume(str(www), 0, 0, 0o755, "copy", "holds the pages"),),
                secrets=(SecretMount(str(ini), 0, 0, 0o400, "value of password"),),
                processes=(ExpectedProcess("/bin/busybox", "root", 1),),
            )
        finally:
            server.kill()


def candidate(plan: ImagePlan, layout: Path) -> Candidate:
    return Candidate(plan, BuiltImage(plan.workload, plan.image, str(layout), "sha256:00", 1, 1, 1), HERE)


def run(runtime: Runtime, *candidates: Candidate, start_seconds: float = 30.0) -> tuple[PilotResult, ...]:
    results = Pilot(
        runtime, connect, sleep=lambda seconds: time.sleep(min(seconds, 0.2)), start_seconds=start_seconds
    ).run(candidates)
    assert left_behind() == []
    return results


def left_behind() -> list[str]:
    """What a pilot of this process may leave; those of others are theirs."""
    from containerize.runtimes.pilot_owner import this_process

    found = []
    for path in Path("/dev/shm").glob("brownfield-*"):
        owner = path / "owner"
        if owner.exists() and owner.read_text().startswith(this_process()):
            found.append(str(path))
    return found


def check(result: PilotResult, name: str) -> CheckResult:
    return next(each for each in result.checks if each.name.startswith(name))


def verdicts(result: PilotResult) -> dict[str, str]:
    return {each.name: str(each.verdict) for each in result.checks}


def test_a_good_copy_passes_every_check(runtime: Runtime, live: ImagePlan, tmp_path: Path) -> None:
    """Its pages come from the seeded volume, and it only starts with the secret."""
    (result,) = run(runtime, candidate(live, write_layout(tmp_path / "layout")))
    assert set(verdicts(result).values()) == {"pass"}, result.checks
    names = {each.name.split(" ")[0] for each in result.checks}
    assert names == {"starts", "port", "processes", "data", "http", "stays", "stops", "restarts"}
    assert result.verdict is CheckVerdict.PASS
    assert "Winter7Night" not in repr(result)


def test_another_page_with_status_200_fails(runtime: Runtime, live: ImagePlan, tmp_path: Path) -> None:
    """The image has pages of its own where the legacy host had data that nobody planned to take along."""
    pages = {f"{live.volumes[0].path.lstrip('/')}/index.html": b"<html><body><h1>It works!</h1></body></html>\n"}
    layout = write_layout(tmp_path / "layout", pages)
    (result,) = run(runtime, candidate(replace(live, volumes=()), layout))
    found = check(result, "http")
    assert found.verdict is CheckVerdict.FAIL
    assert "'Orders' live, 'It works!' here" in found.actual + found.detail
    assert result.verdict is CheckVerdict.FAIL


def test_other_pages_are_no_failure_while_somebody_it_talks_to_is_missing(
    runtime: Runtime, live: ImagePlan, tmp_path: Path
) -> None:
    """They may be the fault of the one that is not there."""
    pages = {f"{live.volumes[0].path.lstrip('/')}/index.html": b"<html><body><h1>No database</h1></body></html>\n"}
    plan = replace(live, volumes=(), peers=(("db01", 3306, "db01/mariadb"),))
    (result,) = run(runtime, candidate(plan, write_layout(tmp_path / "layout", pages)))
    found = check(result, "http")
    assert found.verdict is CheckVerdict.INCONCLUSIVE
    assert "db01/mariadb, to which it talks, does not run in this pilot" in found.actual
    assert result.verdict is CheckVerdict.INCONCLUSIVE


def test_a_copy_that_ends_at_once_shows_its_last_words(runtime: Runtime, live: ImagePlan, tmp_path: Path) -> None:
    start = replace(live.start, arguments=("/bin/sh", "-c", "echo cannot open the log >&2; exit 3"))
    (result,) = run(runtime, candidate(replace(live, start=start, ports=()), write_layout(tmp_path / "layout")))
    found = check(result, "starts")
    assert (found.verdict, found.expected) == (CheckVerdict.FAIL, "runs within 30 s")
    assert found.actual == "ended with status 3; last words: cannot open the log"


def test_a_missing_port_and_process_are_named(runtime: Runtime, live: ImagePlan, tmp_path: Path) -> None:
    start = replace(live.start, arguments=("/bin/sleep", "1000"))
    plan = replace(live, start=start, processes=(ExpectedProcess("/usr/sbin/httpd", "shop", 1),))
    (result,) = run(runtime, candidate(plan, write_layout(tmp_path / "layout")), start_seconds=2.0)
    port = live.ports[0].port
    assert check(result, "starts").expected == "runs, with its port open within 2 s"
    assert f"nothing listens on tcp/{port}" in check(result, "starts").actual
    assert check(result, "port").verdict is CheckVerdict.FAIL
    assert check(result, "processes").actual.startswith(
        "not there: /usr/sbin/httpd as shop; running: /bin/busybox as root"
    )
    assert check(result, "http").verdict is CheckVerdict.FAIL
    assert "no connection" in check(result, "http").actual


def test_a_host_that_cannot_be_reached_is_no_failure_of_the_copy(
    runtime: Runtime, live: ImagePlan, tmp_path: Path
) -> None:
    def unreachable(_host: Host) -> AbstractContextManager[Transport]:
        raise HostUnreachable("shop01 (127.0.0.1:22) does not answer within 10 s; is it up?")

    layout = write_layout(tmp_path / "layout", {f"{live.volumes[0].path.lstrip('/')}/index.html": SHOP})
    alone = replace(live, secrets=(), volumes=(), start=replace(live.start, arguments=live.start.arguments[4:]))
    (needing,) = Pilot(runtime, unreachable).run([candidate(live, layout)])
    assert verdicts(needing) == {"starts": "inconclusive"}
    assert "does not answer" in needing.checks[0].actual
    gone = replace(candidate(alone, layout), host=replace(HERE, address="127.0.0.99"))
    (standing,) = Pilot(runtime, unreachable).run([gone])
    assert check(standing, "http").verdict is CheckVerdict.INCONCLUSIVE
    assert check(standing, "starts").verdict is CheckVerdict.PASS
    assert left_behind() == []


def test_an_interruption_leaves_nothing(runtime: Runtime, live: ImagePlan, tmp_path: Path) -> None:
    def step(words: str) -> None:
        if words.endswith("pages"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Pilot(runtime, connect, step).run([candidate(live, write_layout(tmp_path / "layout"))])
    assert left_behind() == []


def test_workloads_find_each_other_and_whom_they_miss_is_said(
    runtime: Runtime, live: ImagePlan, tmp_path: Path
) -> None:
    """The second one starts when the first is up, and asks it by the name that its configuration has."""
    layout = write_layout(tmp_path / "layout")
    port = live.ports[0].port
    # It listens on the loopback of its host alone, which both share as they did there.
    asks = f"printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 5 shop01.estate.example {port} || "
    asks += f"printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 5 127.0.0.1 {port}"
    script = f"{asks} | grep -q Orders && echo found && sleep 1000"
    client = replace(
        make_plan("shop01/client", hostname="shop01", arguments=("/bin/sh", "-c", script)),
        peers=(("shop01.estate.example", port, "shop01/httpd"), ("archive", 80, "archive01/nginx")),
    )
    client_result, server_result = run(runtime, candidate(client, layout), candidate(live, layout))
    assert server_result.verdict is CheckVerdict.PASS, server_result.checks
    peers = check(client_result, "peers")
    assert peers.verdict is CheckVerdict.INCONCLUSIVE
    assert "assess pilot shop01/client archive01/nginx" in peers.actual
    assert check(client_result, "starts").verdict is CheckVerdict.PASS
    assert check(client_result, "stays up").verdict is CheckVerdict.PASS


@contextmanager
def changed(path: Path, content: bytes) -> Iterator[None]:
    before = path.read_bytes()
    path.write_bytes(content)
    try:
        yield
    finally:
        path.write_bytes(before)


def test_a_row_that_is_missing_in_the_copy_is_found(runtime: Runtime, live: ImagePlan, tmp_path: Path) -> None:
    """The page is 200 on both sides and looks alike."""
    page = Path(live.volumes[0].path) / "parts.html"
    pages = {
        str(Path(live.volumes[0].path) / name).lstrip("/"): body
        for name, body in (("index.html", SHOP), ("parts.html", PARTS))
    }
    layout = write_layout(tmp_path / "layout", pages)
    with changed(page, PARTS.replace(b"</ul>", b"<li>washer</li></ul>")):
        (result,) = run(runtime, candidate(replace(live, volumes=()), layout))
    assert check(result, "http").verdict is CheckVerdict.FAIL
    assert "/parts.html" in check(result, "http").actual
    assert "'washer' is missing" in check(result, "http").actual
