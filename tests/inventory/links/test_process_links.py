"""What ties processes of one host to each other."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from inventory.links.process_links import kernel_objects, local_connections, pipes, shared_memory, unix_ties
from inventory.model.libraries import MappedFile
from inventory.model.open_files import OpenFile
from inventory.model.sockets import Connection, OwnedConnection, UnixPeer
from inventory.observation import Found, Origin, Unknown
from inventory.platforms import Platform
from inventory.sections.networking import sockets
from inventory.sections.programs import libraries, open_files
from inventory.snapshot import Snapshot
from tests.support.live import ask

HERE = Origin("test", "test", 1)


def held(
    pid: int, number: int, target: str, mode: str = "rw", *, deleted: bool = False, fifo: bool = False
) -> OpenFile:
    return OpenFile(pid, number, target, "r" in mode, "w" in mode, deleted, HERE, fifo)


def connection(local: str, remote: str, *, inbound: bool, protocol: str = "tcp") -> OwnedConnection:
    (address, _, port), (peer, _, peer_port) = local.rpartition(" "), remote.rpartition(" ")
    made = Connection(protocol, address, int(port), peer, int(peer_port), "ESTABLISHED", 0, 1, HERE)
    return OwnedConnection(made, (int(port),), inbound)


def test_both_ends_of_a_pipe() -> None:
    """A pipe that only one process holds ties it to nobody; a file that two have open is no pipe."""
    files = [
        held(1, 1, "pipe:[7]", "w"),
        held(2, 0, "pipe:[7]", "r"),
        held(3, 0, "pipe:[8]", "r"),
        held(3, 1, "pipe:[8]"),
    ]
    files += [held(1, 3, "/var/log/x", "w"), held(2, 3, "/var/log/x", "r")]
    files += [held(4, 3, "/run/queue", "w", fifo=True), held(5, 3, "/run/queue", "r", fifo=True)]
    found = pipes(files)

    assert [(pipe.name, pipe.named, pipe.writers, pipe.readers) for pipe in found] == [
        ("pipe:[7]", False, (1,), (2,)),
        ("/run/queue", True, (4,), (5,)),
    ]


def test_a_unix_connection_is_told_once_from_the_servers_side() -> None:
    holders = {10: (100,), 11: (200,), 12: (100,), 13: (100,), 20: (300,), 21: (400,), 22: (500,)}
    rows = [
        UnixPeer("", "stream", 11, 10, HERE),
        UnixPeer("/run/db.sock", "stream", 10, 11, HERE),
        UnixPeer("", "stream", 12, 13, HERE),  # a process with itself
        UnixPeer("", "stream", 13, 12, HERE),
        UnixPeer("", "dgram", 21, 20, HERE),  # two clients of one datagram socket, which is connected to none
        UnixPeer("", "dgram", 22, 20, HERE),
    ]
    ties = unix_ties(rows, lambda inode: holders.get(inode, ()))

    assert [(tie.path, tie.server_pids, tie.client_pids) for tie in ties] == [
        ("/run/db.sock", (100,), (200,)),
        ("", (300,), (400,)),
        ("", (300,), (500,)),
    ]


def test_a_connection_of_the_host_with_itself() -> None:
    """An IPv6 socket may be one end of a connection over IPv4. One whose other end is elsewhere is none."""
    found = local_connections(
        [
            connection("127.0.0.1 40000", "127.0.0.1 5432", inbound=False),
            connection("::ffff:127.0.0.1 5432", "::ffff:127.0.0.1 40000", inbound=True, protocol="tcp6"),
            connection("10.0.0.1 5432", "10.0.0.9 40001", inbound=True),
        ]
    )
    assert [(one.server.pids, one.client.pids) for one in found] == [((5432,), (40000,))]


def test_two_servers_that_talk_from_their_ports_are_tied_once() -> None:
    """Both ports are listened on, so either end could be called the server."""
    found = local_connections(
        [
            connection("127.0.0.1 7000", "127.0.0.1 7001", inbound=True),
            connection("127.0.0.1 7001", "127.0.0.1 7000", inbound=True),
        ]
    )
    assert len(found) == 1


def test_memory_that_several_have_mapped() -> None:
    mapped = [
        MappedFile("/dev/shm/PostgreSQL.1", (1, 2), False, False, HERE),
        MappedFile("/dev/shm/own", (1,), False, False, HERE),
        MappedFile("/SYSV0052e2c1", (1, 3), False, True, HERE),
        MappedFile("/SYSV00000000", (1, 4), False, True, HERE),  # one name for all private segments
        MappedFile("/usr/lib/libc.so.6", (1, 2, 3), True, False, HERE),
    ]
    assert [(one.path, one.pids) for one in shared_memory(mapped)] == [
        ("/dev/shm/PostgreSQL.1", (1, 2)),
        ("/SYSV0052e2c1", (1, 3)),
    ]


def test_kernel_objects_are_counted() -> None:
    files = [held(1, 3, "anon_inode:[eventpoll]"), held(1, 4, "anon_inode:inotify"), held(1, 5, "anon_inode:inotify")]
    files += [held(2, 3, "anon_inode:[io_uring]"), held(2, 4, "/memfd:x", deleted=True), held(2, 5, "/memfd:x")]

    assert kernel_objects(files) == {1: {"eventpoll": 1, "inotify": 2}, 2: {"io_uring": 1, "memfd": 1}}


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("/dev/sda", "device"),
        ("/dev/shm/x", "file"),
        ("/etc/x", "file"),
        ("socket:[3]", "socket"),
        ("pipe:[3]", "pipe"),
    ],
)
def test_the_kind_of_a_descriptor(target: str, kind: str) -> None:
    assert held(1, 3, target).kind == kind


def test_without_sock_diag_unix_ties_are_unknown() -> None:
    value = Found(sockets.Sockets((), (), ()))
    snapshot = Snapshot("h", "", (), "posix", 0, "complete", "", {"sockets": value})

    assert isinstance(snapshot.unix_ties, Unknown)
    assert isinstance(snapshot.pipes, Unknown)


def test_live_processes_are_tied(tmp_path: Path) -> None:
    """A child with a pipe, a FIFO, a unix socket, a TCP connection and an inotify descriptor of this process."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "s"))
    server.listen()
    web = socket.create_server(("127.0.0.1", 0))
    read, write = os.pipe()
    child = f"""
import ctypes, os, socket, sys
u = socket.socket(socket.AF_UNIX); u.connect({str(tmp_path / "s")!r})
t = socket.create_connection(("127.0.0.1", {web.getsockname()[1]}))
f = os.open({str(fifo)!r}, os.O_RDWR)
libc = ctypes.CDLL(None); n = libc.inotify_init(); libc.inotify_add_watch(n, b"/", 2)
print("ready", flush=True); sys.stdin.read()
"""
    command = [sys.executable, "-c", child]
    with subprocess.Popen(command, stdin=read, stdout=subprocess.PIPE, pass_fds=[write]) as process:
        accepted = [server.accept()[0], web.accept()[0]]
        other = subprocess.Popen(["sleep", "60"], stdin=accepted[0], stdout=accepted[1], pass_fds=[read])
        assert process.stdout is not None
        process.stdout.readline()
        asked = (sockets, open_files, libraries)
        recordings = ask(*(module.SECTION for module in asked))
        process.kill()
        other.kill()
        other.wait()
    for closing in (server, web, *accepted):
        closing.close()
    os.close(read)
    os.close(write)
    seen = {module.NAME: module.SECTION.observe(recordings[module.NAME], Platform.POSIX) for module in asked}
    snapshot = Snapshot("h", "", (), "posix", 0, "complete", "", seen)
    pair = {process.pid, other.pid}

    assert isinstance(snapshot.pipes, Found)
    assert any({*pipe.readers, *pipe.writers} >= pair for pipe in snapshot.pipes.value)
    assert isinstance(snapshot.local_connections, Found)
    assert ((other.pid,), (process.pid,)) in {
        (one.server.pids, one.client.pids) for one in snapshot.local_connections.value
    }
    assert isinstance(snapshot.kernel_objects, Found)
    assert snapshot.kernel_objects.value[process.pid]["inotify"] == 1
    if not isinstance(snapshot.unix_ties, Unknown):
        assert isinstance(snapshot.unix_ties, Found)
        assert (str(tmp_path / "s"), (other.pid,), (process.pid,)) in {
            (tie.path, tie.server_pids, tie.client_pids) for tie in snapshot.unix_ties.value
        }
    mine = [file for file in snapshot.open_files.value if file.pid == process.pid]  # type: ignore[union-attr]
    (watching,) = [file for file in mine if file.kernel_object == "inotify"]
    assert watching.watches == 1
    (named,) = [file for file in mine if file.target == str(fifo)]
    assert named.flags is not None
    assert named.flags & os.O_ACCMODE == os.O_RDWR
