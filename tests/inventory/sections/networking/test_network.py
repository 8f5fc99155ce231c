"""The network: interfaces, every address, routes, names, cluster addresses, and files of many formats."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.model.network import Network
from inventory.observation import Found, Unknown
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import ParseError
from inventory.sections.networking.network import FRAGMENT, SECTION, parse
from tests.support.live import REDACTOR, ask, found
from tests.support.recordings import answer

ROUTE = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT"


def file(path: str, text: str) -> bytes:
    return "".join(f"{path}:{line}\n" for line in text.strip("\n").splitlines()).encode()


def recording(**parts: bytes) -> SectionRecording:
    """What a host without a packet filter says; redacted as a host's answer is."""
    usual = {"order": b"1\n", "kernel": file("/proc/net/route", ROUTE), "filters": b""}
    return SECTION.redact(answer("network", **(usual | parts)), REDACTOR)


def network(**parts: bytes) -> Network:
    value = found(SECTION, recording(**parts))
    assert isinstance(value, Network)
    return value


def test_addresses_with_aliases_and_service_addresses() -> None:
    """As iproute2 of 2005 and of today print them; the old one lists the links among the addresses."""
    lines = (
        b"2: eth0: <BROADCAST,MULTICAST,UP> mtu 1500 qdisc pfifo_fast \\    link/ether 00:16:3e:00:00:01\n"
        b"2: eth0    inet 10.0.0.5/24 brd 10.0.0.255 scope global eth0\n"
        b"2: eth0    inet 10.0.0.50/24 brd 10.0.0.255 scope global secondary eth0:1\\       valid_lft forever\n"
        b"2: eth0    inet6 fe80::1/64 scope link \\       valid_lft forever preferred_lft forever\n"
        b"3: tun0    inet 172.16.0.1 peer 172.16.0.2/32 scope global dynamic tun0\\       valid_lft 100sec\n"
        b"1: lo    inet 127.0.0.1/8 scope host lo\n"
    )
    value = network(addresses=lines)
    own, alias, _, tunnel, _ = value.addresses

    assert (own.interface, own.address, own.prefix, own.alias) == ("eth0", "10.0.0.5", 24, False)
    assert (alias.label, alias.secondary, alias.alias) == ("eth0:1", True, True)
    assert (tunnel.address, tunnel.prefix, tunnel.dynamic) == ("172.16.0.1", 32, True)
    assert value.own_addresses == {"10.0.0.5", "10.0.0.50", "172.16.0.1"}


def test_without_ip_the_kernels_tables_tell_the_addresses() -> None:
    trie = """
Local:
  +-- 0.0.0.0/0 3 0 5
     |-- 10.0.0.0
        /32 link BROADCAST
     |-- 10.0.0.5
        /32 host LOCAL
     |-- 127.0.0.1
        /32 host LOCAL
"""
    six = "20010db8000000000000000000000005 02 40 00 80     eth0\n00000000000000000000000000000001 01 80 10 80       lo"
    value = network(kernel=file("/proc/net/fib_trie", trie) + file("/proc/net/if_inet6", six))

    assert [(one.interface, one.address, one.prefix, one.scope) for one in value.addresses] == [
        ("", "10.0.0.5", None, "global"),
        ("", "127.0.0.1", None, "host"),
        ("eth0", "2001:db8::5", 64, "global"),
        ("lo", "::1", 128, "host"),
    ]


def test_routes_of_both_families() -> None:
    """Not those that are down, that refuse, to the host itself, or to groups."""
    four = ROUTE + (
        "\neth0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\neth0\t0000000A\t00000000\t0001\t0\t0\t0\t"
        "00FFFFFF\t0\t0\t0\neth1\t0000000B\t00000000\t0000\t0\t0\t0\t00FFFFFF\t0\t0\t0"
        "\n*\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0"
        "\n*\t0000000C\t00000000\t0200\t0\t0\t0\t00FFFFFF\t0\t0\t0"
    )
    none = "0" * 32
    six = f"""
{none} 00 {none} 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth0
20010db8000000000000000000000005 80 {none} 00 {none} 00000000 00000002 00000000 80200001     eth0
ff000000000000000000000000000000 08 {none} 00 {none} 00000100 00000002 00000000 00000001     eth0
{none} 00 {none} 00 {none} ffffffff 00000001 00000000 00200200       lo
"""
    value = network(kernel=file("/proc/net/route", four) + file("/proc/net/ipv6_route", six))

    assert [(one.destination, one.gateway, one.interface, one.metric) for one in value.routes] == [
        ("0.0.0.0/0", "10.0.0.1", "eth0", 100),
        ("10.0.0.0/24", "", "eth0", 0),
        ("::/0", "fe80::1", "eth0", 1024),
    ]


def test_interfaces_and_what_they_stand_on() -> None:
    kernel = b"".join(
        file(f"/sys/class/net/{name}/{attribute}", value)
        for name, facts in {
            "bond0": {"uevent": "DEVTYPE=bond\nINTERFACE=bond0", "ifindex": "4", "flags": "0x1403", "type": "1"},
            "bond0.17": {"uevent": "DEVTYPE=vlan", "ifindex": "5", "flags": "0x1003", "type": "1"},
            "eth0": {"uevent": "INTERFACE=eth0", "ifindex": "2", "flags": "0x1903", "type": "1", "mtu": "9000"},
            "tun0": {"uevent": "INTERFACE=tun0", "ifindex": "9", "flags": "0x11d1", "tun_flags": "0x1001"},
        }.items()
        for attribute, value in facts.items()
    )
    bonding = """
Ethernet Channel Bonding Driver: v3.7.1 (April 27, 2011)

Bonding Mode: fault-tolerance (active-backup) (fail_over_mac active)
Currently Active Slave: eth0
MII Status: up

Slave Interface: eth0
MII Status: up
Slave Interface: eth1
MII Status: down
"""
    vlan = "VLAN Dev name\t | VLAN ID\nName-Type: VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD\nbond0.17       | 17  | bond0"
    layers = (
        b"/sys/class/net/eth0/device /sys/class/net/bond0/lower_eth0 /sys/class/net/bond0.17/lower_bond0 "
        b"/sys/class/net/*/brif/*\n"
    )
    kernel += file("/proc/net/bonding/bond0", bonding) + file("/proc/net/vlan/config", vlan)
    value = network(kernel=kernel, layers=layers)

    assert [(one.name, one.kind, one.physical, one.lower, one.promiscuous) for one in value.interfaces] == [
        ("eth0", "ethernet", True, (), True),
        ("bond0", "bond", False, ("eth0",), False),
        ("bond0.17", "vlan", False, ("bond0",), False),
        ("tun0", "tun", False, (), True),
    ]
    assert [(one.mode, one.members, one.active) for one in value.bonds] == [("active-backup", ("eth0", "eth1"), "eth0")]
    assert [(one.name, one.number, one.parent) for one in value.vlans] == [("bond0.17", 17, "bond0")]


def test_policy_rules_static_neighbours_and_virtual_servers() -> None:
    arp = (
        "IP address       HW type     Flags       HW address            Mask     Device\n"
        "10.0.0.9         0x1         0x6         00:16:3e:00:00:09     *        eth0\n"
        "10.0.0.1         0x1         0x2         00:16:3e:00:00:01     *        eth0"
    )
    ipvs = (
        "IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n"
        "  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\nTCP  0A000032:0050 wlc \n"
        "  -> 0A000007:1F90      Route   1      0          0         "
    )
    ipvs += "\nFWM  0000000A rr \n  -> 0A000008:0000      Masq    1      0          0         "
    rules = b"0:\tfrom all lookup local\n100:\tfrom 10.1.0.0/16 lookup dmz\n32766:\tfrom all lookup main \n"
    value = network(kernel=file("/proc/net/arp", arp) + file("/proc/net/ip_vs", ipvs), rules=rules)

    assert [(one.priority, one.text) for one in value.rules] == [(100, "from 10.1.0.0/16 lookup dmz")]
    assert [one.address for one in value.neighbours] == ["10.0.0.9"]
    assert [(one.service, one.scheduler, one.servers) for one in value.virtual_servers] == [
        ("10.0.0.50:80", "wlc", ("10.0.0.7:8080",)),
        ("10", "rr", ("10.0.0.8:0",)),
    ]


def test_names_and_resolvers() -> None:
    value = network(
        files=file(
            "/etc/resolv.conf", "# by dhclient\nsearch corp.example example\nnameserver 10.0.0.2\noptions rotate"
        )
        + file("/etc/hosts", "127.0.0.1 localhost\n10.0.0.7 db01.corp.example db01 # the old one\n\n#10.0.0.8 gone")
        + file("/etc/nsswitch.conf", "passwd: files sss\nhosts: files mdns4_minimal [NOTFOUND=return] dns # x")
    )
    assert value.resolver.nameservers == ("10.0.0.2",)
    assert value.resolver.search == ("corp.example", "example")
    assert [(one.address, one.names) for one in value.hosts][1:] == [("10.0.0.7", ("db01.corp.example", "db01"))]
    assert value.name_services[0].sources == ("files", "sss")


def test_addresses_in_the_configuration_of_every_family() -> None:
    """Red Hat's ifcfg files (one of an alias), Debian's interfaces, netplan, NetworkManager, systemd-networkd."""
    netplan = """
network:
  version: 2
  ethernets:
    ens3:
      addresses:
        - 10.3.0.5/24
        - "2001:db8::3/64"
      gateway4: 10.3.0.1
      nameservers: {addresses: [10.3.0.2]}
    ens4:
      addresses: [10.4.0.5/24, 10.4.0.6/24]
      nameservers:
        search: [corp.example]
        addresses:
          - 10.4.0.2
          - "2001:db8::53"
    ens5:
      nameservers:
        addresses: [10.4.0.3]
"""
    keyfile = "[connection]\nid=a\n[ipv4]\naddress1=10.5.0.5/24,10.5.0.1\ndns=10.5.0.2;"
    value = network(
        files=file("/etc/sysconfig/network-scripts/ifcfg-eth0", 'DEVICE="eth0"\nIPADDR=10.1.0.5\nNETMASK=255.255.255.0')
        + file("/etc/network/interfaces", "auto eth0\niface eth0 inet static\n  address 10.2.0.5/24\n  up route add x")
        + file("/etc/netplan/01.yaml", netplan)
        + file("/etc/NetworkManager/system-connections/a.nmconnection", keyfile)
        + file("/etc/systemd/network/10.network", "[Match]\nName=ens6\n[Network]\nAddress=10.6.0.5/24"),
        aliases=file("/etc/sysconfig/network-scripts/ifcfg-eth0%1", "DEVICE=eth0:1\nIPADDR=10.1.0.6"),
    )
    assert [(one.address, one.prefix, one.scope) for one in value.configured_addresses] == [
        ("10.1.0.5", None, ""),
        ("10.2.0.5", 24, "iface eth0 inet static"),
        ("10.3.0.5", 24, "network.ethernets.ens3"),
        ("2001:db8::3", 64, "network.ethernets.ens3"),
        ("10.4.0.5", 24, "network.ethernets.ens4"),
        ("10.4.0.6", 24, "network.ethernets.ens4"),
        ("10.5.0.5", 24, "[ipv4]"),
        ("10.6.0.5", 24, "[Network]"),
        ("10.1.0.6", None, ""),
    ]
    assert value.configured_addresses[-1].path.endswith("/ifcfg-eth0:1")
    assert ("up", "route add x") in {(one.key, one.value) for one in value.settings}


def test_service_addresses_that_move_between_hosts() -> None:
    keepalived = """
vrrp_instance web {   # the shop
    interface eth0
    authentication { auth_type PASS
        auth_pass Hunter2x
    }
    unicast_peer {
        10.0.0.6
    }
    virtual_ipaddress {
        10.0.0.50/24 dev eth0 label eth0:1
        10.0.0.51
    }
    track_script { check }
}
"""
    cib = """
<primitive id="vip" class="ocf" provider="heartbeat" type="IPaddr2">
  <nvpair id="vip-ip" name="ip" value="10.0.0.60"/>
<primitive id="fence" class="stonith" type="fence_ipmilan">
  <nvpair id="f" name="passwd" value="calvin77"/>
"""
    value = network(
        files=file("/etc/keepalived/keepalived.conf", keepalived)
        + file("/etc/corosync/corosync.conf", "nodelist {\n node {\n ring0_addr: 10.0.0.6\n }\n}")
        + file("/etc/ha.d/haresources", "node1 IPaddr::10.0.0.70/24/eth0 apache2"),
        protected=file("/var/lib/pacemaker/cib/cib.xml", cib),
    )
    assert [(one.address, one.manager, one.group) for one in value.virtual_addresses] == [
        ("10.0.0.50", "keepalived", "web"),
        ("10.0.0.51", "keepalived", "web"),
        ("10.0.0.70", "heartbeat", "node1"),
        ("10.0.0.60", "pacemaker", "vip"),
    ]
    assert [(one.address, one.manager) for one in value.cluster_members] == [
        ("10.0.0.6", "keepalived"),
        ("10.0.0.6", "corosync"),
    ]


SECRETS = {
    "/etc/NetworkManager/system-connections/w": "[wifi-security]\npsk=SECRET\n[vpn-secrets]\nx=SECRET",
    "/etc/sysconfig/network-scripts/ifcfg-wlan0": "ESSID=home\nKEY=SECRET\nWPA_PSK='SECRET'",
    "/etc/network/interfaces": "iface wlan0 inet dhcp\n  wpa-ssid home\n  wpa-psk SECRET\n  wireless-key s:SECRET",
    "/etc/netplan/w.yaml": "network:\n wifis:\n  w:\n   access-points:\n    home:\n     password: SECRET",
    "/etc/systemd/network/wg.netdev": "[WireGuard]\nPrivateKey=SECRET\n[WireGuardPeer]\nPresharedKey = SECRET",
    "/etc/keepalived/keepalived.conf": "authentication {\n auth_type PASS\n auth_pass SECRET\n}",
    "/var/lib/pacemaker/cib/cib.xml": '<nvpair name="passwd" value="SECRET"/>\n<nvpair value="SECRET" name="pin"/>',
}


@pytest.mark.parametrize("path", SECRETS)
def test_keys_and_passwords_are_hidden(path: str) -> None:
    """And what was redacted stays the same when it is redacted again."""
    secret = "nOt4you-Hx"
    made = recording(files=file(path, SECRETS[path].replace("SECRET", secret)))

    assert secret.encode() not in made.to_text()
    assert b"<redacted:" in made.to_text()
    assert SECTION.redact(made, REDACTOR) == made


def test_what_root_alone_may_read_is_a_gap() -> None:
    made = recording(filters=b"ip4\nnft\n")
    made = SectionRecording(made.section, (*made.parts, Part("protected", b"", 126), Part("nft", b"", 126)))
    observation = SECTION.observe(made, Platform.POSIX)

    assert isinstance(observation, Found)
    assert observation.value.firewall is None
    assert {gap.what: "become" in gap.reason for gap in observation.gaps} == {
        "files that configure the network": True,
        "rules of iptables": False,  # the host has no tool for it
        "rules of nf_tables": True,
    }


def test_a_kernel_that_does_not_say_whether_it_filters_is_a_gap() -> None:
    observation = SECTION.observe(recording(filters=b"nft?\n"), Platform.POSIX)

    assert isinstance(observation, Found)
    assert observation.value.firewall is None
    assert [gap.reason for gap in observation.gaps] == ["it is not known whether the kernel has nf_tables built in"]


def test_rules_that_could_be_read_are_told_beside_those_that_could_not() -> None:
    rules = b"*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 8080\nCOMMIT\n"
    observation = SECTION.observe(recording(filters=b"nft?\nip4\n", ip4_tables=b"nat\n", ip4=rules), Platform.POSIX)

    assert isinstance(observation, Found)
    assert [gap.what for gap in observation.gaps] == ["rules of nf_tables"]
    assert observation.value.firewall is not None
    assert observation.value.firewall.unread == ("nf_tables",)
    assert [rule.table for rule in observation.value.firewall.rules] == ["nat"]


def test_a_filter_without_tables_has_no_rules_whatever_tools_there_are() -> None:
    """systemd loads ip_tables at each start; on most hosts nothing ever uses it."""
    empty = SECTION.observe(recording(filters=b"ip4\n", ip4_tables=b""), Platform.POSIX)
    used = SECTION.observe(recording(filters=b"ip4\n", ip4_tables=b"nat\nfilter\n"), Platform.POSIX)

    assert isinstance(empty, Found)
    assert (empty.gaps, empty.value.firewall is None) == ((), False)
    assert isinstance(used, Found)
    assert [gap.what for gap in used.gaps] == ["rules of iptables"]
    assert used.value.firewall is None


def test_no_packet_filter_is_an_answer() -> None:
    firewall = network().firewall

    assert firewall is not None
    assert not firewall.filters


def test_without_proc_and_sys_nothing_is_known() -> None:
    assert isinstance(SECTION.observe(answer("network", kernel=b""), Platform.POSIX), Unknown)


def test_names_of_alias_files_survive_in_every_shell(tmp_path: Path) -> None:
    (tmp_path / "ifcfg-eth0:1").write_text("DEVICE=eth0:1\nA='b\\c'\n")
    functions = FRAGMENT.split("part order")[0].replace("/etc/sysconfig/network-scripts", str(tmp_path))
    for shell in (["sh"], ["bash", "--posix"], ["ksh"], ["busybox", "sh"]):
        try:
            done = subprocess.run([*shell, "-c", f"{functions}\nbf_aliases"], capture_output=True, check=True)
        except FileNotFoundError:
            continue
        assert done.stdout == f"{tmp_path}/ifcfg-eth0%1:DEVICE=eth0:1\n{tmp_path}/ifcfg-eth0%1:A='b\\c'\n".encode()


def test_this_machine_has_the_addresses_that_psutil_sees() -> None:
    import psutil

    value = found(SECTION, ask(SECTION)["network"])
    theirs = {
        (name, one.address.split("%")[0])
        for name, each in psutil.net_if_addrs().items()
        for one in each
        if one.family.name in ("AF_INET", "AF_INET6")
    }
    assert {(one.interface, one.address) for one in value.addresses} == theirs
    assert {one.name for one in value.interfaces} == set(psutil.net_if_addrs())


@given(
    st.sampled_from(
        ["kernel", "layers", "addresses", "rules", "files", "protected", "aliases", "nft", "ip4", "filters"]
    ),
    st.sampled_from(
        [
            "/proc/net/route",
            "/proc/net/ip_vs",
            "/sys/class/net/x/flags",
            "/etc/netplan/x.yaml",
            "/etc/hosts",
            "/a/cib.xml",
        ]
    ),
    st.text("\t :0aF1*-<>x.=[]{}/%", max_size=60),
)
def test_nothing_but_a_parse_error_comes_of_rubbish(name: str, path: str, text: str) -> None:
    try:
        assert isinstance(parse(recording(**{name: file(path, text)})), Found | Unknown)
    except ParseError as error:
        assert str(error)
