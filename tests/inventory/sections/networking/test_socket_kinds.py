"""Sockets beyond TCP and UDP: packet, netlink, SCTP, UDP-Lite, multicast groups, and both ends of unix sockets."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.model.sockets import Sockets, UnixPeer
from inventory.observation import Found, Unknown
from inventory.platforms import Platform
from inventory.section import ParseError
from inventory.sections.networking.sockets import FRAGMENT, SECTION, parse
from tests.support.live import ask, found
from tests.support.recordings import answer

TCP = b"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"


def told(others: bytes = b"", peers: bytes | None = None, order: bytes = b"1\n") -> Sockets:
    """What a host with nothing but these tables has."""
    parts = {"order": order, "tcp": TCP, "others": others}
    value = found(SECTION, answer("sockets", **parts, **({} if peers is None else {"unix_peers": peers})))
    assert isinstance(value, Sockets)
    return value


def table(name: str, text: str) -> bytes:
    return "".join(f"/proc/net/{name}:{line}\n" for line in text.splitlines()).encode()


def test_packet_sockets_tell_what_they_listen_to() -> None:
    """A DHCP client on one interface for IP, an LLDP daemon, and a sniffer of everything."""
    value = told(
        table(
            "packet",
            "sk       RefCnt Type Proto  Iface R Rmem   User   Inode\n"
            "ffff88007b5c9800 3      3    0800   2     1 0      0      14233 \n"
            "ffff88007b5c9801 3      2    88cc   3     1 0      110    14234 \n"
            "0000000000000000 3      3    0003   0     1 0      0      14235 \n",
        )
    )
    assert [(one.kind, one.ethernet_protocol, one.interface, one.uid, one.inode) for one in value.packet] == [
        ("raw", 0x0800, 2, 0, 14233),
        ("dgram", 0x88CC, 3, 110, 14234),
        ("raw", 0x0003, 0, 0, 14235),
    ]


def test_netlink_sockets_of_new_and_old_kernels() -> None:
    """The kernel's own ends (port 0) are left out; 2.6.18 prints neither drops nor inode, and ports below zero."""
    new = (
        "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n"
        "000000009f4a50a8 0   11225      00000011 832      0        0     2        0        3604705 \n"
        "0000000067fabc24 9   0          00000000 0        0        0     2        0        4       \n"
    )
    old = "sk       Eth Pid    Groups   Rmem     Wmem     Dump     Locks\nf7d5da00 9   -4097  00000001 0 0 (null) 2\n"
    (modern,) = told(table("netlink", new)).netlink
    (ancient,) = told(table("netlink", old)).netlink

    assert (modern.family, modern.port_id, modern.groups, modern.inode) == ("route", 11225, 0x11, 3604705)
    assert (ancient.family, ancient.port_id, ancient.inode) == ("audit", 0xFFFFEFFF, 0)


def test_sctp_endpoints_and_associations() -> None:
    value = told(
        table(
            "sctp/eps",
            " ENDPT     SOCK   STY SST HBKT LPORT   UID INODE LADDRS\n"
            "ffff88017e0a0200 ffff880299f7fa00 2   10  29   11165     200 114345 10.0.0.105 10.0.1.105 \n",
        )
        + table(
            "sctp/assocs",
            " ASSOC     SOCK   STY SST ST HBKT ASSOC-ID TX_QUEUE RX_QUEUE UID INODE LPORT RPORT LADDRS <-> RADDRS "
            "HBINT INS OUTS MAXRT T1X T2X RTXC wmema wmemq sndbuf rcvbuf\n"
            "ffff880045ac7800 ffff8800b1d1e100 2   1   4  3432    2        0        0     200 22301 11165 48277 "
            " *10.0.0.105 10.0.1.105 <-> *10.0.0.7 10.0.1.7 \t"
            "    7500    10    10   10    0    0        0        1 0\n",
        )
    )
    endpoint, association = value.sctp

    assert (endpoint.listening, endpoint.port, endpoint.addresses) == (True, 11165, ("10.0.0.105", "10.0.1.105"))
    assert (association.listening, association.remote_port) == (False, 48277)
    assert association.remote_addresses == ("10.0.0.7", "10.0.1.7")
    assert association.addresses == ("10.0.0.105", "10.0.1.105")


def test_multicast_groups_stand_beneath_their_interface() -> None:
    """Keepalived's VRRP group, mDNS over IPv6, and what every host is in. On s390x the bytes are not turned around."""
    rows = (
        "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n1\tlo        :     1      V3\n"
        "\t\t\t\t010000E0     1 0:00000000\t\t0\n2\tbond0.17  :     2      V3\n\t\t\t\t120000E0     2 0:00000000\t\t0\n"
    )
    rows6 = (
        "2    eth0            ff0200000000000000000000000000fb     1 00000004 0\n"
        "2    eth0            ff0200000000000000000001ff000002     1 00000004 0\n"
    )
    groups = told(table("igmp", rows) + table("igmp6", rows6)).multicast

    assert [(one.interface, one.group, one.users) for one in groups if not one.routine] == [
        ("bond0.17", "224.0.0.18", 2),
        ("eth0", "ff02::fb", 1),
    ]
    big = told(table("igmp", rows.replace("120000E0", "E0000012")), order=b"256\n").multicast
    assert big[1].group == "224.0.0.18"


def test_udp_lite_is_listed_like_udp() -> None:
    row = "   0: 00000000:1388 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 5512 2 0 0"
    (listener,) = told(table("udplite", TCP.decode().strip("\n") + "\n" + row)).listeners

    assert (listener.protocol, listener.port, listener.uid, listener.inode) == ("udplite", 5000, 1000, 5512)


def test_protocols_without_sockets_are_left_out() -> None:
    rows = (
        "protocol  size sockets  memory press maxhdr  slab module     cl co di\n"
        "DCCP      1600      2      -1   NI     304   yes  dccp_ipv4   y  n  n\n"
        "RAW CAN    900      1      -1   NI       0   no   can_raw     y  n  n\n"
        "UDP-Lite  1600      0      -1   NI       0   yes  kernel      y  n  n\n"
    )
    assert [(one.name, one.sockets) for one in told(table("protocols", rows)).protocols] == [
        ("DCCP", 2),
        ("RAW CAN", 1),
    ]


def test_a_socket_name_can_not_pretend_to_be_another_connection() -> None:
    """Its second line names inode 7 again: neither is believed, the others are."""
    peers = (
        b"Netid State Recv-Q Send-Q Local Address:Port Peer Address:Port   \n"
        b"u_str ESTAB 0      0      /run/x 7            * 8   \n"
        b"u_str ESTAB 0      0                                               * 8               * 7   \n"
        b"u_str ESTAB 0      0      /tmp/a\nu_str ESTAB 0 0 /run/x 7 * 9\n 9            * 10   \n"
        b"u_seq ESTAB 0      0      @a b 11             * 12\n"
        b"u_dgr ESTAB 0      0                                               * 13              * 0\n"
    )
    value = told(peers=peers).unix_peers

    assert value is not None
    assert {peer.inode: (peer.path, peer.kind, peer.peer_inode) for peer in value} == {
        8: ("", "stream", 7),
        11: ("@a b", "seqpacket", 12),
    }


def test_what_an_older_recording_was_not_asked_is_a_gap() -> None:
    observation = SECTION.observe(answer("sockets", order=b"1\n", tcp=TCP), Platform.POSIX)

    assert isinstance(observation, Found)
    assert ["multicast" in gap.what for gap in observation.gaps] == [True]
    assert observation.value.unix_peers is None


@pytest.mark.parametrize("answers", ["unix_diag is loaded", "no modules at all", "it would be loaded"])
def test_ss_is_run_only_where_it_loads_no_module(answers: str, tmp_path: Path) -> None:
    """The kernel loads unix_diag for whoever asks, also for an ordinary user."""
    modules, sysfs = tmp_path / "modules", tmp_path / "unix_diag"
    if answers != "no modules at all":
        modules.touch()
    if answers == "unix_diag is loaded":
        sysfs.mkdir()
    match = re.search(r"bf_may_diagnose\(\) \{\n.*?\n\}\n", FRAGMENT, re.DOTALL)
    assert match
    text = match[0].replace("/proc/modules", str(modules)).replace("/sys/module/unix_diag", str(sysfs))
    for shell in filter(lambda words: shutil.which(words[0]), (["sh"], ["ksh"], ["busybox", "sh"])):
        done = subprocess.run([*shell, "-c", text.replace("/lib/modules", str(tmp_path)) + "bf_may_diagnose"])
        assert (done.returncode == 0) is (answers != "it would be loaded")


def test_live_sockets_of_other_kinds() -> None:
    """Opened here, and listed by the kernel with the inode that this process holds."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as member,
        socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as netlink,
    ):
        netlink.bind((0, 0))
        on_loopback = socket.inet_aton("224.1.2.3") + socket.inet_aton("127.0.0.1")
        member.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, on_loopback)
        inode = os.fstat(netlink.fileno()).st_ino
        value = found(SECTION, ask(SECTION)["sockets"])

    assert ("lo", "224.1.2.3", 1) in {(one.interface, one.group, one.users) for one in value.multicast}
    assert {one.inode: one.family for one in value.netlink}[inode] == "route"


def test_a_live_packet_socket() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may open one")
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x88CC)) as lldp:
        inode = os.fstat(lldp.fileno()).st_ino
        value = found(SECTION, ask(SECTION)["sockets"])

    (mine,) = [one for one in value.packet if one.inode == inode]
    assert (mine.kind, mine.ethernet_protocol, mine.uid) == ("dgram", 0x88CC, 0)


def test_live_pairs_name_each_other() -> None:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with one, other:
        inodes = os.fstat(one.fileno()).st_ino, os.fstat(other.fileno()).st_ino
        value = found(SECTION, ask(SECTION)["sockets"])
    if value.unix_peers is None:
        pytest.skip("the kernel of this machine cannot be asked")
    ends = {peer.inode: peer.peer_inode for peer in value.unix_peers}
    assert (ends[inodes[0]], ends[inodes[1]]) == (inodes[1], inodes[0])
    assert all(isinstance(peer, UnixPeer) for peer in value.unix_peers)


@given(
    st.sampled_from(["packet", "netlink", "igmp", "igmp6", "protocols", "udplite", "sctp/eps", "sctp/assocs"]),
    st.text("\t :0aF1*-<>x", max_size=60),
    st.binary(max_size=60),
)
def test_nothing_but_a_parse_error_comes_of_rubbish(name: str, text: str, peers: bytes) -> None:
    try:
        rows = f"/proc/net/{name}:{text}\n".encode()
        seen = parse(answer("sockets", order=b"1\n", tcp=TCP, others=rows, unix_peers=peers))
        assert isinstance(seen, Found | Unknown)
    except ParseError as error:
        assert str(error)
