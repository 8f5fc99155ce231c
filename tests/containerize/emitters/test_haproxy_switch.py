"""HAProxy takes the configuration, and traffic goes where its words say: to blue, to green, and back."""

from __future__ import annotations

import os
import re
import socket
import socketserver
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings

from containerize.emitters import haproxy_switch
from containerize.emitters.emission import Emission
from containerize.emitters.haproxy_switch import fits, word
from containerize.plan.model import ImagePort
from tests.containerize.emitters.cases import HOSTILE, emission, emitted, hostile_emission
from tests.containerize.emitters.texts import EXAMPLES, TEXTS
from tests.containerize.emitters.tools import haproxy_check, program


def text_of(given: Emission) -> str:
    return emitted(haproxy_switch.EMITTER, given)["haproxy/blue-green.cfg"]


def check(text: str, folder: Path) -> None:
    (folder / "blue-green.cfg").write_text(text, "utf-8")
    haproxy_check(folder / "blue-green.cfg")


def unescape(text: str) -> str:
    """One word as HAProxy reads it: a backslash, x, two digits; no quotes and no variables are left in it."""
    assert re.fullmatch(r"(?:[A-Za-z0-9._:/@+-]|\\x[0-9a-f]{2})*", text)
    return re.sub(r"\\x(..)", lambda match: chr(int(match[1], 16)), text).encode("latin-1").decode("utf-8")


def test_it_is_for_tcp_ports_only() -> None:
    plan = emission().plan
    udp = emission(replace(plan, ports=(ImagePort("udp", 53, "0.0.0.0", True, "named"),)))
    assert fits(emission())
    assert not fits(udp)
    both = text_of(emission(replace(plan, ports=(*plan.ports, *udp.plan.ports))))
    assert "# HAProxy carries no UDP: 53 is not here." in both
    assert both.count("\nfrontend ") == 1


@given(TEXTS)
@example(HOSTILE)
def test_a_word_means_the_text(text: str) -> None:
    assert unescape(word(text)) == text


@pytest.mark.parametrize("text", EXAMPLES)
def test_so_do_those_with_a_meaning_elsewhere(text: str) -> None:
    assert unescape(word(text)) == text


@given(TEXTS)
@example(HOSTILE)
def test_no_text_of_a_host_adds_a_line(text: str) -> None:
    plain, hostile = (
        [line.split()[0] for line in text_of(hostile_emission(each)).split("\n") if line and line[0] != "#"]
        for each in ("web", text)
    )
    assert plain == hostile


@pytest.mark.live
@pytest.mark.parametrize("given", [emission(), hostile_emission()], ids=["plain", "hostile"])
def test_haproxy_accepts_it(given: Emission, tmp_path: Path) -> None:
    check(text_of(given), tmp_path)


@pytest.mark.live
@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(TEXTS)
@example(HOSTILE)
def test_haproxy_reads_every_word_as_it_is(tmp_path: Path, text: str) -> None:
    values = [each for each in (*EXAMPLES, text) if each and not set(each) & set("\n\r")]
    lines = [f"    setenv V{at} {word(value)}" for at, value in enumerate(values)]
    stats = tmp_path / "words.sock"
    with running("\n".join(["global", f"    stats socket {stats} mode 600", *lines, ""]), stats, {}):
        for at, value in enumerate(values):
            assert tell(stats, f"show env V{at}").rstrip("\n") == f"V{at}={value}"


@pytest.mark.live
def test_traffic_goes_to_blue_to_green_and_back(tmp_path: Path) -> None:
    with answering(b"blue") as blue, answering(b"green") as green, socket.create_server(("127.0.0.1", 0)) as free:
        listen = free.getsockname()[1]
        plan = replace(emission().plan, ports=(ImagePort("tcp", blue, "0.0.0.0", True, "apache2"),))
        text = text_of(emission(plan, replace(emission().seen, address="127.0.0.1")))
        backend = f"web01-apache2-{blue}"
        stats = tmp_path / "stats.sock"
        free.close()
        settings = {
            "STATS_SOCKET": str(stats),
            "LISTEN_ADDRESS": "127.0.0.1",
            f"LISTEN_PORT_{blue}": str(listen),
            f"GREEN_PORT_{blue}": str(green),
        }
        with running(text, stats, settings):
            commands = re.findall(rf"echo '(set server {backend}/\w+ weight \d+)'", text)
            assert asked(listen, 6) == {b"blue"}
            for command in commands:
                assert tell(stats, command).strip() == ""
            assert asked(listen, 6) == {b"green"}
            tell(stats, f"set server {backend}/blue weight 256")
            tell(stats, f"set server {backend}/green weight 0")
            assert asked(listen, 6) == {b"blue"}


@contextmanager
def running(text: str, stats: Path, settings: dict[str, str]) -> Iterator[None]:
    config = stats.with_suffix(".cfg")
    config.write_text(text, "utf-8")
    stats.unlink(missing_ok=True)
    with subprocess.Popen(
        [program("haproxy"), "-db", "-f", str(config)],
        env={"PATH": os.environ["PATH"], **settings},
        stderr=subprocess.PIPE,
    ) as process:
        try:
            until = time.monotonic() + 20
            while not stats.exists():
                assert process.poll() is None, process.stderr and process.stderr.read()
                assert time.monotonic() < until
                time.sleep(0.05)
            yield
        finally:
            process.terminate()


def tell(stats: Path, command: str) -> str:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(str(stats))
        client.sendall(command.encode() + b"\n")
        return b"".join(iter(lambda: client.recv(4096), b"")).decode("utf-8")


def asked(port: int, times: int) -> set[bytes]:
    found = set()
    for _ in range(times):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            found.add(client.recv(16))
    return found


@contextmanager
def answering(word: bytes) -> Iterator[int]:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(word)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()
