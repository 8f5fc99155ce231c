"""What servers say, from recordings of real ones and from a real PostgreSQL."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import socket
import ssl
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containerize.pilot.compare.answer_comparison import judge
from containerize.pilot.protocols.dialogues import (
    CONVERSATIONS,
    Garbled,
    Said,
    talk_mysql,
    talk_plain,
    talk_postgresql,
    talk_redis,
    talk_smtp,
    tree_of,
)
from inventory.transports.transport import Duplex
from tests.containerize.pilot.servers import saying, serving

# MariaDB 10.11 of Debian 12, twice: connection number and salt differ.
MARIADB = (
    b"d\x00\x00\x00\n5.5.5-10.11.18-MariaDB-0+deb12u1\x00<\x01\x00\x00-S8]MJiT\x00\xfe\xf7-\x02\x00\xff\x81\x15\x00\x00"
    b"\x00\x00\x00\x00\x1d\x00\x00\x00IN,3XC%-R9bc\x00mysql_native_password\x00",
    b"d\x00\x00\x00\n5.5.5-10.11.18-MariaDB-0+deb12u1\x00=\x01\x00\x00]bT^Y%J%\x00\xfe\xf7-\x02\x00\xff\x81\x15\x00\x00"
    b"\x00\x00\x00\x00\x1d\x00\x00\x00zW%QGO;tYAvS\x00mysql_native_password\x00",
)
REFUSED = b"\xffj\x04Host '10.77.0.99' is not allowed to connect to this MariaDB server"
# Exim 4.96 of Debian 12.
EXIM = (
    b"220 web01.estate.example ESMTP Exim 4.96 Tue, 24 Nov 2026 15:37:20 +0100\r\n",
    b"250-web01.estate.example Hello pilot.invalid [127.0.0.1]\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n"
    b"250-PIPELINING\r\n250-PIPECONNECT\r\n250-CHUNKING\r\n250-STARTTLS\r\n250-PRDR\r\n250 HELP\r\n",
    b"221 web01.estate.example closing connection\r\n",
)


def hear(talk: Callable[[Duplex], Said], *parts: bytes, asked: bool = False) -> Said:
    with serving(saying(*parts, asked=asked)) as dial:
        connection = dial()
        try:
            return talk(connection)
        finally:
            connection.close()


def test_mariadb_greets_the_same_on_every_connection() -> None:
    first, second = (hear(talk_mysql, greeting) for greeting in MARIADB)
    assert first == second
    assert dict(first) == {
        "version": "5.5.5-10.11.18-MariaDB-0+deb12u1",
        "character set": "45",
        "capabilities": "0x81fff7fe",
        "status": "0x0002",
        "authentication": "mysql_native_password",
    }


def test_another_version_of_mariadb_differs() -> None:
    live = tree_of(hear(talk_mysql, MARIADB[0]))
    copy = tree_of(hear(talk_mysql, MARIADB[1].replace(b"10.11.18", b"10.11.14")))
    assert judge([live, live], [copy]).remaining


def test_refusal_of_a_client_is_an_answer() -> None:
    ((label, text),) = hear(talk_mysql, len(REFUSED).to_bytes(3, "little") + b"\0" + REFUSED)
    assert (label, text) == ("refuses", "1130 Host '10.77.0.99' is not allowed to connect to this MariaDB server")


def smtp(connection: socket.socket) -> None:
    connection.sendall(EXIM[0])
    assert connection.recv(1000) == b"EHLO pilot.invalid\r\n"
    connection.sendall(EXIM[1])
    assert connection.recv(1000) == b"QUIT\r\n"
    connection.sendall(EXIM[2])


def test_exim_tells_its_name_and_features_and_no_mail_is_begun() -> None:
    with serving(smtp) as dial:
        said = talk_smtp(dial())
    assert said[0] == ("banner", EXIM[0].decode().strip())
    assert ("feature", "SIZE 52428800") in said
    assert ("quit", "221 web01.estate.example closing connection") in said


def test_time_in_the_banner_is_noise_and_a_missing_feature_is_not() -> None:
    with serving(smtp) as dial:
        said = talk_smtp(dial())
    later = tuple((label, text.replace("15:37:20", "15:37:22")) for label, text in said)
    copy = tuple((label, text.replace("15:37:20", "15:37:21")) for label, text in said)
    lives = [tree_of(said), tree_of(later)]
    assert judge(lives, [tree_of(copy)]).same
    without = tuple(pair for pair in copy if pair != ("feature", "STARTTLS"))
    assert judge(lives, [tree_of(without)]).remaining


def redis(connection: socket.socket) -> None:
    info = b"# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nuptime_in_seconds:7\r\n"
    info += b"maxmemory_policy:noeviction\r\n"
    assert connection.recv(1000) == b"PING\r\n"
    connection.sendall(b"+PONG\r\n")
    assert connection.recv(1000) == b"INFO\r\n"
    connection.sendall(b"$%d\r\n%s\r\n" % (len(info), info))


def test_redis_tells_what_decides_its_answers() -> None:
    with serving(redis) as dial:
        said = talk_redis(dial())
    assert said == (
        ("ping", "+PONG"),
        ("redis_version", "7.0.15"),
        ("redis_mode", "standalone"),
        ("maxmemory_policy", "noeviction"),
    )


def test_redis_that_wants_a_password_says_so_twice() -> None:
    error = b"-NOAUTH Authentication required.\r\n"
    said = hear(talk_redis, error, error, asked=True)
    assert said == (("ping", error.decode().strip()), ("info", error.decode().strip()))


def test_silence_and_closing_are_what_a_plain_port_says() -> None:
    with serving(lambda connection: connection.recv(1) and None) as dial:
        assert talk_plain(dial(), seconds=0.2) == (("says", "nothing"),)
    assert hear(talk_plain, b"220 ftp ready\r\n") == (("says", "220 ftp ready\r\n"), ("then", "closes the connection"))


@given(st.binary(max_size=200))
def test_any_bytes_are_said_or_garbled(data: bytes) -> None:
    for conversation in CONVERSATIONS[:-1]:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.sendall(data)
            theirs.shutdown(socket.SHUT_WR)
            try:
                said = conversation.talk(ours)
            except (Garbled, OSError):
                continue
            assert all(isinstance(text, str) for pair in said for text in pair)


def test_endless_reply_is_garbled() -> None:
    def answer(connection: socket.socket) -> None:
        while True:
            connection.sendall(b"220-again\r\n" * 1000)

    with serving(answer) as dial, pytest.raises(Garbled):
        talk_smtp(dial())


@pytest.fixture
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A real server of its own, on a port of its own."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found or os.geteuid() != 0 or shutil.which("runuser") is None:
        pytest.skip("needs PostgreSQL's server, and root to become its user")
    try:
        owner = pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("there is no account postgres")
    place = Path(f"/tmp/brownfield-test-postgresql-{os.getpid()}")
    place.mkdir(mode=0o700)
    os.chown(place, owner.pw_uid, owner.pw_gid)
    as_owner = ["runuser", "-u", "postgres", "--"]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    try:
        subprocess.run([*as_owner, found[-1], "-D", place / "data", "-N"], check=True, capture_output=True, cwd="/")
        options = ["-D", place / "data", "-p", str(port), "-k", place, "-c", "listen_addresses=127.0.0.1"]
        with subprocess.Popen(
            [*as_owner, found[-1].with_name("postgres"), *options], stderr=subprocess.DEVNULL, cwd="/"
        ) as server:
            try:
                for _ in range(200):
                    try:
                        socket.create_connection(("127.0.0.1", port)).close()
                        break
                    except OSError:
                        time.sleep(0.05)
                yield place / str(port)
            finally:
                server.terminate()
    finally:
        shutil.rmtree(place, ignore_errors=True)


def test_postgresql_says_whether_it_has_tls_and_which_protocols_it_speaks(postgresql: Path) -> None:
    said = dict(talk_postgresql(socket.create_connection(("127.0.0.1", int(postgresql.name)), timeout=5)))
    assert said["tls"] == "not offered"
    assert said["severity"] == "FATAL"
    assert said["code"] == "0A000"
    assert "unsupported frontend protocol 0.0" in said["message"]


def test_postgresql_with_tls_shows_its_certificate_and_refuses_within(postgresql: Path) -> None:
    data, as_owner = postgresql.parent / "data", ["runuser", "-u", "postgres", "--"]
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=db01", "-days", "2"]
    files = ["-keyout", data / "server.key", "-out", data / "server.crt"]
    subprocess.run([*as_owner, *make, *files], check=True, capture_output=True, cwd="/")
    (psql,) = sorted(Path("/usr/lib/postgresql").glob("*/bin/psql"))[-1:]
    login = [*as_owner, psql, "-h", postgresql.parent, "-p", postgresql.name, "-Xq", "postgres"]
    orders = ["-c", "ALTER SYSTEM SET ssl = on", "-c", "SELECT pg_reload_conf()"]
    subprocess.run([*login, *orders], check=True, capture_output=True, cwd="/")
    certificate = ssl.PEM_cert_to_DER_cert((data / "server.crt").read_text("ascii"))

    for _ in range(100):
        said = dict(talk_postgresql(socket.create_connection(("127.0.0.1", int(postgresql.name)), timeout=5)))
        if said["tls"] == "offered":
            break
        time.sleep(0.05)
    assert said["certificate"] == hashlib.sha256(certificate).hexdigest()
    assert (said["severity"], said["code"]) == ("FATAL", "0A000")


def test_tls_that_is_promised_and_not_spoken_is_no_answer() -> None:
    with pytest.raises(Garbled):
        hear(talk_postgresql, b"S" + b"hello, this is no TLS\r\n" * 10, asked=True)


def test_a_connection_that_breaks_within_the_agreement_on_tls_is_no_answer() -> None:
    """The other side ends with bytes unread, so the kernel resets: what a server does that was stopped just then."""

    def ends_with_bytes_unread(connection: socket.socket) -> None:
        connection.recv(8)
        connection.sendall(b"S")
        connection.recv(1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with serving(ends_with_bytes_unread) as dial:
        connection = dial()
        try:
            with pytest.raises(Garbled, match=r"the connection broke \(Connection reset by peer\)"):
                talk_postgresql(connection)
        finally:
            connection.close()
