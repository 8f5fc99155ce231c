"""Listeners, connections and unix sockets, as machines of both byte orders list them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from inventory.model.sockets import Sockets
from inventory.observation import Unknown
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import ParseError
from inventory.sections.networking.sockets import SECTION, parse
from inventory.sections.programs.open_files import SECTION as OPEN_FILES
from tests.support import odd_processes
from tests.support.live import ask, found
from tests.support.recordings import about, answer, hosts_with, recorded, with_part

HOSTS = [host for host in hosts_with("sockets") if "ports" in about(host)]
HEADER = b"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"


def sockets(recording: SectionRecording) -> Sockets:
    """What it says."""
    value = found(SECTION, recording)
    assert isinstance(value, Sockets)
    return value


@pytest.mark.parametrize("host", HOSTS)
def test_the_ports_of_a_host(host: str) -> None:
    listeners = sockets(recorded(host, "sockets")).listeners

    assert sorted(f"{socket.protocol} {socket.address} {socket.port}" for socket in listeners) == sorted(
        about(host)["ports"]
    )


def test_an_ordinary_user_sees_who_owns_a_port_by_uid() -> None:
    (tomcat,) = [socket for socket in sockets(recorded("app01-user", "sockets")).listeners if socket.port == 8080]

    assert tomcat.uid == 997
    assert tomcat.any_address
    assert not tomcat.loopback


def test_connections_name_both_ends() -> None:
    """The two ends of one connection over loopback."""
    one, other = sockets(recorded("trixie01", "sockets")).connections

    assert (one.local_address, one.local_port) == (other.remote_address, other.remote_port)
    assert (one.remote_address, one.remote_port) == (other.local_address, other.local_port)
    assert {one.state, other.state} == {"ESTABLISHED"}


def test_unix_sockets_listen_or_not() -> None:
    """A server's socket listens; /dev/log is for datagrams; accepted connections carry the name of the server's."""
    unix = sockets(recorded("vm01", "sockets")).unix
    of_bus = [socket for socket in unix if socket.path == "/run/dbus/system_bus_socket"]

    assert of_bus[0].listening
    assert not all(socket.listening for socket in of_bus)
    assert {socket.kind for socket in unix if socket.path == "/run/systemd/journal/dev-log"} == {"dgram"}
    assert {socket.kind for socket in unix if socket.path == "/run/udev/control"} == {"seqpacket"}


def test_abstract_names_and_names_with_spaces() -> None:
    unix = {socket.path: socket for socket in sockets(recorded("trixie01", "sockets")).unix}

    assert unix["@an abstract one"].listening
    assert unix["packets"].kind == "seqpacket"
    assert unix["a socket"].listening, "its second line is no socket of its own"


def test_the_byte_order_decides() -> None:
    """One row as an s390x machine prints it, and the same text read as x86-64 would mean another address."""
    row = b"   0: 7F000001:0CEA 00000000:0000 0A 00000000:00000000 00:00000000 00000000   100        0 77 1\n"
    big = answer("sockets", order=b"   256\n", tcp=HEADER + row)
    little = answer("sockets", order=b"     1\n", tcp=HEADER + row)

    assert [listener.address for listener in sockets(big).listeners] == ["127.0.0.1"]
    assert [listener.address for listener in sockets(little).listeners] == ["1.0.0.127"]
    with pytest.raises(ParseError):
        parse(answer("sockets", tcp=HEADER + row))


def test_rows_without_an_owner_are_no_connections() -> None:
    """TIME_WAIT (06) and SYN_RECV (03) have none; CLOSE_WAIT (08) has."""
    rows = b"".join(
        b"   %d: 0100007F:0050 0100007F:%04X %02X 00000000:00000000 00:00000000 00000000     0        0 %d 1\n"
        % (number, 4000 + state, state, inode)
        for number, (state, inode) in enumerate([(6, 0), (3, 0), (12, 0), (8, 9), (1, 10)])
    )
    value = sockets(answer("sockets", order=b"1\n", tcp=HEADER + rows))

    assert [(connection.state, connection.inode) for connection in value.connections] == [
        ("CLOSE_WAIT", 9),
        ("ESTABLISHED", 10),
    ]


def test_a_connected_udp_socket_is_a_connection() -> None:
    """A bound one waits for anyone (state 07), a connected one (01) has a peer. Old kernels print fewer columns."""
    rows = (
        b"   5: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 11 2 ffff 0\n"
        b"   6: 0100007F:A001 0100007F:0035 01 00000000:00000000 00:00000000 00000000     0        0 12\n"
    )
    value = sockets(answer("sockets", order=b"1\n", tcp=HEADER, udp=HEADER + rows))

    assert [(listener.protocol, listener.port) for listener in value.listeners] == [("udp", 53)]
    assert [(connection.protocol, connection.remote_port) for connection in value.connections] == [("udp", 53)]


def test_a_raw_sockets_port_is_its_protocol() -> None:
    """Keepalived listens to protocol 112."""
    row = b"   1: 00000000:0070 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 13 2 ffff 0\n"
    (listener,) = sockets(answer("sockets", order=b"1\n", tcp=HEADER, raw=HEADER + row)).listeners

    assert (listener.protocol, listener.port) == ("raw", 112)


def test_an_unnameable_row_is_an_error() -> None:
    with pytest.raises(ParseError, match="tcp:2"):
        parse(answer("sockets", order=b"1\n", tcp=HEADER + b"what is this\n"))
    with pytest.raises(ParseError, match="state 4F"):
        row = b"   1: 00000000:0070 00000000:0000 4F 00000000:00000000 00:00000000 00000000     0        0 13\n"
        parse(answer("sockets", order=b"1\n", tcp=HEADER + row))


def test_without_proc_nothing_is_known() -> None:
    recording = recorded("web01", "sockets")
    for name in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
        recording = with_part(recording, Part(name, b"", 1))

    assert isinstance(SECTION.observe(recording, Platform.POSIX), Unknown)


def test_live_sockets_are_tied_to_their_process(tmp_path: Path) -> None:
    """Sockets by inode, inodes by open files: the two sections agree about a process that has some of each kind."""
    with odd_processes.running(tmp_path) as pids:
        recordings = ask(SECTION, OPEN_FILES)
    inodes = {file.inode for file in found(OPEN_FILES, recordings["open_files"]) if file.pid == pids["sockets"]}
    value = sockets(recordings["sockets"])
    mine = [listener for listener in value.listeners if listener.inode in inodes]

    assert {("tcp", "127.0.0.1"), ("udp", "127.0.0.1")} <= {(socket.protocol, socket.address) for socket in mine}
    if Path("/proc/net/if_inet6").exists():
        assert ("tcp6", "::1") in {(socket.protocol, socket.address) for socket in mine}
    assert len([connection for connection in value.connections if connection.inode in inodes]) == 2
    assert {socket.path for socket in value.unix if socket.inode in inodes} >= {"@an abstract one", "packets"}


def test_in_a_network_of_its_own_there_is_nothing() -> None:
    """No sockets is an answer, not a failure."""
    if os.geteuid() != 0:
        pytest.skip("needs root to make a network namespace")
    done = subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip("network namespaces are not to be had here")
    value = sockets(ask(SECTION, shell=["unshare", "-n", "sh", "-s"])["sockets"])  # noqa: S604

    assert (value.listeners, value.connections) == ((), ())
