"""Sockets of other services that a workload uses, as the scan and the files of its image say."""

from __future__ import annotations

import time

import pytest

from assess.subjects.host_facts import HostFacts
from assess.workloads import find_workloads
from containerize.host.file_tree import FileEntry, HostTree
from containerize.plan.model import SocketPeer
from containerize.profile.socket_peers import SocketFinder, socket_directories
from tests.support.snapshots import HostBuilder


def entry(uid: int = 0, mode: int = 0o755) -> FileEntry:
    return FileEntry("d", mode, uid, 0, 0, 0, 0, "", "")


TREE = HostTree(
    {
        "/": entry(),
        "/run": entry(),
        "/run/mysqld": entry(106),
        "/run/cache": entry(107, 0o750),
        "/run/postgresql": entry(108, 0o2775),
    },
    {},
    (),
)


@pytest.fixture
def host() -> HostFacts:
    """An application, and three servers with sockets."""
    built = HostBuilder()
    built.init()
    built.process(50, "/opt/shop/shop")
    for pid, program, path in (
        (60, "/usr/sbin/mariadbd", "/run/mysqld/mysqld.sock"),
        (70, "/usr/bin/cached", "/run/cache/cache.sock"),
        (80, "/usr/lib/postgresql/15/bin/postgres", "/run/postgresql/.s.PGSQL.5432"),
        (90, "/usr/bin/rootd", "/run/rootd.sock"),
    ):
        built.listen_unix(built.process(pid, program), path)
    snapshot = built.build()
    return HostFacts(snapshot, find_workloads(snapshot))


def found(host: HostFacts, path: str, text: str, *, shipped: bool = False) -> tuple[SocketPeer, ...]:
    members = [each for each in host.workloads if each.name == "shop"]
    finder = SocketFinder(host, members, lambda _path, _content: shipped)
    finder.read(path, text.encode())
    return finder.peers(TREE)[0]


@pytest.mark.parametrize("text", ["cache = /run/cache/cache.sock\n", "url=unix:/var/run/cache/cache.sock;timeout=3"])
def test_a_file_names_a_socket(host: HostFacts, text: str) -> None:
    fact = "/etc/shop.conf names /run/cache/cache.sock, where cached listens"
    peer = SocketPeer("/run/cache/cache.sock", "web01/cached", "/run/cache", 107, 0, 0o750, fact)

    assert found(host, "/etc/shop.conf", text) == (peer,)


@pytest.mark.parametrize(
    ("path", "text", "socket"),
    [
        ("/srv/shop/wp-config.php", "define('DB_HOST', 'localhost');", "/run/mysqld/mysqld.sock"),
        ("/srv/shop/.env", "DB_CONNECTION=mysql\nDB_HOST=localhost", "/run/mysqld/mysqld.sock"),
        ("/srv/shop/settings.py", "URL = 'postgresql:///shop'", "/run/postgresql/.s.PGSQL.5432"),
        ("/srv/shop/settings.py", "host=/var/run/postgresql dbname=shop", "/run/postgresql/.s.PGSQL.5432"),
    ],
)
def test_a_setting_means_the_socket_of_a_database(host: HostFacts, path: str, text: str, socket: str) -> None:
    assert [peer.path for peer in found(host, path, text)] == [socket]


@pytest.mark.parametrize(
    "text",
    [
        "# cache = /run/cache/cache.sock",
        "  ; cache = /run/cache/cache.sock",
        "cache = /run/cache/cache.sock2",
        "cache = /srv/run/cache/cache.sock",
        "pid = /run/postgresql/15-main.pid",
    ],
)
def test_a_comment_and_another_path_name_none(host: HostFacts, text: str) -> None:
    assert not found(host, "/etc/shop.conf", text)


@pytest.mark.parametrize(
    "path",
    [
        "/srv/shop/venv/lib/python3.11/site-packages/pymysql/connections.py",
        "/srv/shop/node_modules/cache/index.js",
        "/srv/shop/settings.ini.example",
    ],
)
def test_a_library_and_an_example_name_none(host: HostFacts, path: str) -> None:
    assert not found(host, path, "cache = /run/cache/cache.sock")


def test_the_text_of_a_package_names_none(host: HostFacts) -> None:
    assert not found(host, "/etc/shop.conf", "cache = /run/cache/cache.sock", shipped=True)


def test_a_socket_that_no_two_containers_can_share_is_said(host: HostFacts) -> None:
    members = [each for each in host.workloads if each.name == "shop"]
    finder = SocketFinder(host, members, lambda _path, _content: False)
    finder.read("/etc/shop.conf", b"root = /run/rootd.sock")
    peers, (note,) = finder.peers(TREE)

    assert not peers
    assert note.startswith("/etc/shop.conf names /run/rootd.sock, where rootd listens, and two containers cannot share")


def test_directories_of_sockets_below_data_are_asked_for() -> None:
    built = HostBuilder()
    built.init()
    built.listen_unix(built.process(50, "/usr/sbin/dovecot"), "/var/spool/postfix/private/auth")
    built.listen_unix(built.process(60, "/usr/sbin/mariadbd"), "/run/mysqld/mysqld.sock")
    snapshot = built.build()
    facts = HostFacts(snapshot, find_workloads(snapshot))

    assert socket_directories(facts, ["/var/spool/postfix"]) == ("/var/spool/postfix/private",)


def test_many_sockets_are_looked_for_at_once() -> None:
    """Shared hosting has a pool of PHP, and so a socket, for each of its customers."""
    built = HostBuilder()
    built.init()
    built.process(50, "/opt/shop/shop")
    pools = built.process(60, "/usr/bin/poold")
    for number in range(3000):
        built.listen_unix(pools, f"/run/pools/customer-{number}.sock")
    snapshot = built.build()
    host = HostFacts(snapshot, find_workloads(snapshot))
    finder = SocketFinder(host, [each for each in host.workloads if each.name == "shop"], lambda *_: False)
    content = b"root = /srv/shop/customers\n" * 40_000 + b"pool = /run/pools/customer-77.sock\n"
    began = time.process_time()
    for number in range(20):
        finder.read(f"/etc/shop-{number}.conf", content)
    assert time.process_time() - began < 5
    assert [note.partition(",")[0] for note in finder.peers(TREE)[1]] == [
        "/etc/shop-0.conf names /run/pools/customer-77.sock"
    ]
