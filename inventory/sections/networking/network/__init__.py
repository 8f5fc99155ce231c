"""The network of a host: interfaces, every address, routes, names, packet filters, and what files configure of them.

Nothing here loads a module into the kernel: `iptables -L` would, and so would `nft` and `iptables-save` of the nft kind
where nf_tables is not in use. They are run only where the kernel's own tables show that the filter is there already.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import groupby

from inventory.formats.grep_lines import FileLine, file_lines, rewrite_files
from inventory.formats.procfs.socket_addresses import ByteOrder
from inventory.model.firewall import Firewall
from inventory.model.network import Network, NetworkSetting
from inventory.observation import Found, Gap, Observation, Unknown
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import ParseError, Redact, Section, Variant
from inventory.sections.networking.network import interface_tables, network_files
from inventory.sections.networking.network.packet_filters import read_firewall
from inventory.sections.windows.network import VARIANT as WINDOWS

NAME = "network"

# The trie of IPv4 holds the host's own addresses among its routes, and is large on a router; it is read only where
# there is no `ip`.
FILES = r"""
bf_trie=/proc/net/fib_trie
if type ip >/dev/null 2>&1; then bf_trie=; fi
set -- /proc/net/route /proc/net/ipv6_route /proc/net/if_inet6 /proc/net/arp /proc/net/ip_vs $bf_trie \
  /proc/net/vlan/config /proc/net/bonding/* /sys/class/net/*/uevent /sys/class/net/*/address /sys/class/net/*/mtu \
  /sys/class/net/*/operstate /sys/class/net/*/flags /sys/class/net/*/ifindex /sys/class/net/*/type \
  /sys/class/net/*/tun_flags
for bf_file in /etc/resolv.conf /run/systemd/resolve/resolv.conf /etc/hosts /etc/nsswitch.conf /etc/host.conf \
  /etc/hosts.allow /etc/hosts.deny /etc/network/interfaces /etc/network/interfaces.d/* \
  /etc/sysconfig/network-scripts/ifcfg-* /etc/sysconfig/network-scripts/route* \
  /etc/sysconfig/network-scripts/rule* /etc/sysconfig/network /etc/sysconfig/network/ifcfg-* \
  /etc/sysconfig/network/routes /etc/sysconfig/network/ifroute-* /etc/netplan/*.yaml \
  /etc/NetworkManager/system-connections/* /etc/systemd/network/*.net* /etc/systemd/network/*.link \
  /etc/conf.d/net /etc/keepalived/keepalived.conf /etc/corosync/corosync.conf /etc/cluster/cluster.conf \
  /var/lib/pacemaker/cib/cib.xml /var/lib/heartbeat/crm/cib.xml /etc/ha.d/ha.cf /etc/ha.d/haresources; do
  [ -f "$bf_file" ] && [ -r "$bf_file" ] || continue
  case $bf_file in *:*|*'
'*|*~|*.bak|*.old|*.rpm*|*.dpkg-*) continue ;; esac
  set -- "$@" "$bf_file"
done
want 'kernel=/proc/net/*|/sys/class/net/*,files=/etc/*|/run/*|/var/*' "$@"
"""

# Names of ifcfg files of aliases hold a colon (ifcfg-eth0:1), which would end the name in an answer of grep, so the
# shell itself reads those few and writes the colon as %.
#
# A legacy iptables-save asks only for the tables of /proc/net/ip_tables_names, a file that exists only where ip_tables
# is loaded. systemd loads it at each start, so that the file is there on many hosts without a single table in it.
#
# nf_tables has a folder in /sys/module where it is a loaded module. Built into the kernel it has none, for it takes no
# parameters: then modules.builtin names it. Where there is no such file (a container used as a server) the kernel's
# symbols do, which cost 30 ms and are read only where `nft` could then be asked. Where nothing on the host speaks to
# nf_tables, nothing there made rules of it (1: no rules, 2: not known). It came with 3.13; no kernel 2 has it.
FRAGMENT = r"""
bf_layers() { echo /sys/class/net/*/device /sys/class/net/*/lower_* /sys/class/net/*/brif/*; }
bf_addresses() {
  # one program says both, unless it is that of busybox
  if bf_said=`printf 'addr show\nrule show\n' | ip -o -b - 2>/dev/null`; then
    printf '%s\n' "$bf_said"
  else
    ip -o addr show
    ip rule show
  fi
}
bf_aliases() {
  for bf_file in /etc/sysconfig/network-scripts/ifcfg-*:*; do
    [ -r "$bf_file" ] || continue
    while read -r bf_line; do
      printf '%s%%%s:%s\n' "${bf_file%:*}" "${bf_file##*:}" "$bf_line"
    done <"$bf_file"
  done
}
part order bf_order
part layers bf_layers
if type ip >/dev/null 2>&1; then
  part addresses bf_addresses
fi
part aliases bf_aliases
bf_protected() {
  for bf_file in /etc/network /etc/NetworkManager/system-connections /etc/netplan /var/lib/pacemaker/cib \
    /var/lib/heartbeat/crm /etc/NetworkManager/system-connections/* /etc/netplan/* /etc/network/* /etc/network/*/* \
    /etc/keepalived/keepalived.conf /etc/corosync/corosync.conf /etc/cluster/cluster.conf /etc/ha.d/* \
    /var/lib/pacemaker/cib/cib.xml /var/lib/heartbeat/crm/cib.xml; do
    if [ -e "$bf_file" ] && [ ! -r "$bf_file" ]; then return 0; fi
  done
  return 1
}
if bf_protected; then
  root protected /usr/bin/find /etc/NetworkManager/system-connections /etc/netplan /etc/network \
    /etc/keepalived/keepalived.conf /etc/corosync/corosync.conf /etc/cluster/cluster.conf /etc/ha.d \
    /var/lib/pacemaker/cib/cib.xml /var/lib/heartbeat/crm/cib.xml -type f -exec /bin/grep -aH ^ '{}' +
fi
bf_nf_tables() {
  if [ -d /sys/module/nf_tables ]; then return 0; fi
  read -r bf_release </proc/sys/kernel/osrelease
  case $bf_release in 2.*) return 1 ;; esac
  bf_built=/lib/modules/$bf_release/modules.builtin
  if [ -r "$bf_built" ]; then
    grep -q '/nf_tables\.ko' "$bf_built"
  elif [ -x /usr/sbin/nft ] && [ -r /proc/kallsyms ]; then
    grep -q ' nft_register_expr' /proc/kallsyms
  else
    for bf_file in /usr/sbin/nft /usr/sbin/xtables-nft-multi /usr/lib/*/libnft* /usr/lib64/libnft* /usr/lib/libnft*; do
      if [ -e "$bf_file" ]; then return 2; fi
    done
    return 1
  fi
}
bf_nf_tables
bf_nft=$?
bf_filters() {
  case $bf_nft in 0) echo nft ;; 1) ;; *) echo 'nft?' ;; esac
  if [ -e /proc/net/ip_tables_names ]; then echo ip4; fi
  if [ -e /proc/net/ip6_tables_names ]; then echo ip6; fi
}
bf_names_in() { while read -r bf_word; do printf '%s\n' "$bf_word"; done <"$1"; }
part filters bf_filters
if [ $bf_nft = 0 ] && [ -x /usr/sbin/nft ]; then root nft /usr/sbin/nft list ruleset; fi
if [ -e /proc/net/ip_tables_names ]; then
  if [ "$BF_UID" = 0 ]; then
    part ip4-tables bf_names_in /proc/net/ip_tables_names
  else
    root ip4-tables /bin/cat /proc/net/ip_tables_names
  fi
  if [ -x /usr/sbin/iptables-legacy-save ]; then
    root ip4 /usr/sbin/iptables-legacy-save
  elif [ ! -e /usr/sbin/xtables-nft-multi ] && [ -x /usr/sbin/iptables-save ]; then
    root ip4 /usr/sbin/iptables-save
  elif [ ! -e /usr/sbin/xtables-nft-multi ] && [ -x /sbin/iptables-save ]; then
    root ip4 /sbin/iptables-save
  fi
fi
if [ -e /proc/net/ip6_tables_names ]; then
  if [ "$BF_UID" = 0 ]; then
    part ip6-tables bf_names_in /proc/net/ip6_tables_names
  else
    root ip6-tables /bin/cat /proc/net/ip6_tables_names
  fi
  if [ -x /usr/sbin/ip6tables-legacy-save ]; then
    root ip6 /usr/sbin/ip6tables-legacy-save
  elif [ ! -e /usr/sbin/xtables-nft-multi ] && [ -x /usr/sbin/ip6tables-save ]; then
    root ip6 /usr/sbin/ip6tables-save
  elif [ ! -e /usr/sbin/xtables-nft-multi ] && [ -x /sbin/ip6tables-save ]; then
    root ip6 /sbin/ip6tables-save
  fi
fi
"""

_FILES = ("files", "protected", "aliases")
_KINDS = {"nft": "nf_tables", "ip4": "iptables", "ip6": "ip6tables"}
_NAMED = ("/etc/hosts", "/etc/nsswitch.conf", "/etc/resolv.conf", "/run/systemd/resolve/resolv.conf", "/etc/host.conf")
_CLUSTER = ("keepalived.conf", "corosync.conf", "cluster.conf", "cib.xml", "/ha.cf", "haresources")


def parse(recording: SectionRecording) -> Observation[Network]:
    """The network namespace of the probe, and the files of the host."""
    kernel = recording.part("kernel")
    if kernel is None or not kernel.content:
        return Unknown("neither /proc/net nor /sys/class/net could be read")
    order = _byte_order(recording.part("order"))
    rows: dict[str, list[FileLine]] = {}
    for row in file_lines(kernel):
        rows.setdefault(row.path, []).append(row)
    asked = recording.part("addresses")
    addresses = interface_tables.addresses_of_ip(asked, NAME) if asked is not None else ()
    files = {path: (part, lines) for part, path, lines in _files(recording)}
    settings = tuple(_settings(files))
    clusters = [(path, lines, part) for path, (part, lines) in files.items() if path.endswith(_CLUSTER)]
    firewall, gaps = _firewall(recording)
    protected = recording.part("protected")
    if protected is not None and protected.status == 126 and not protected.content:
        gaps = (*gaps, Gap("files that configure the network", "permission denied; scan with become"))

    def of(*paths: str) -> list[FileLine]:
        return [line for path in paths if path in files for line in files[path][1]]

    network = Network(
        interfaces=interface_tables.interfaces(rows, recording.part("layers"), NAME),
        addresses=addresses or interface_tables.addresses_of_tables(rows, NAME),
        routes=interface_tables.routes(rows, NAME, order),
        rules=interface_tables.policy_rules(recording.part("rules") or asked, NAME),
        bonds=interface_tables.bonds(rows, NAME),
        vlans=interface_tables.vlans(rows, NAME),
        neighbours=interface_tables.neighbours(rows, NAME),
        virtual_servers=interface_tables.virtual_servers(rows, NAME),
        resolver=network_files.resolver(of("/etc/resolv.conf", "/run/systemd/resolve/resolv.conf")),
        hosts=network_files.hosts_entries(of("/etc/hosts"), NAME),
        name_services=network_files.name_services(of("/etc/nsswitch.conf"), NAME),
        settings=settings,
        configured_addresses=tuple(network_files.configured_addresses(settings)),
        virtual_addresses=tuple(
            each for path, lines, part in clusters for each in network_files.virtual_addresses(path, lines, NAME, part)
        ),
        cluster_members=tuple(
            each for path, lines, part in clusters for each in network_files.cluster_members(path, lines, NAME, part)
        ),
        firewall=firewall,
    )
    return Found(network, gaps)


def _byte_order(part: Part | None) -> ByteOrder:
    words = part.content.split() if part is not None else []
    if b"1" in words or b"256" in words:
        return "little" if b"1" in words else "big"
    raise ParseError("the byte order of the machine is not known")


def _files(recording: SectionRecording) -> Iterator[tuple[str, str, list[FileLine]]]:
    """The part, the path and the lines of each file. What both root and the user sent is taken from the former."""
    for name in _FILES:
        for path, lines in groupby(file_lines(recording.part(name)), key=lambda line: line.path):
            yield name, path.replace("%", ":") if name == "aliases" else path, list(lines)


def _settings(files: Mapping[str, tuple[str, list[FileLine]]]) -> Iterator[NetworkSetting]:
    for path, (part, lines) in files.items():
        if path not in _NAMED and not path.endswith(_CLUSTER):
            yield from network_files.settings(path, lines, NAME, part)


def _firewall(recording: SectionRecording) -> tuple[Firewall | None, tuple[Gap, ...]]:
    """The rules that could be read; None when there may be some and none could be."""
    filters = recording.part("filters")
    if filters is None:
        return None, (Gap("firewall rules", "the host's answer ended before this section"),)
    unread: dict[str, str] = {}
    for word in filters.content.decode("ascii", "replace").split():
        kind = _KINDS.get(word.rstrip("?"), word)
        part, tables = recording.part(word), recording.part(f"{word}-tables")
        if word == "nft?":
            unread[kind] = "it is not known whether the kernel has nf_tables built in"
        elif tables is not None and tables.status == 0 and not tables.content.strip():
            continue
        elif tables is not None and tables.status == 126 and part is None:
            unread[kind] = "permission denied; scan with become"
        elif part is None:
            unread[kind] = "the host has no tool that prints them without side effects"
        elif part.status != 0 and not part.content:
            denied = part.status == 126
            unread[kind] = "permission denied; scan with become" if denied else "the tool that prints them failed"
    gaps = tuple(Gap(f"rules of {kind}", why) for kind, why in unread.items())
    read = replace(read_firewall(recording, NAME), unread=tuple(unread))
    return (read if read.filters or not gaps else None), gaps


_SECRET_KEY = re.compile(
    rb"(?im)^([ \t]*+(?:psk|wep-key\d|leap-password|pin|puk|private-?key|preshared-?key|auth_pass|wpa-psk"
    rb"|wireless-key\d?|wpa-ap-password|wpa-password|key\d?)(?:[ \t]*+[=:][ \t]*+|[ \t]++))([^\s].*)$"
)
_SECRET_SECTION = re.compile(rb"\[[\w-]*secrets\]", re.IGNORECASE)
_NVPAIR_SECRET = re.compile(
    rb"(<nvpair\b(?=[^<>]{0,300}\bname=\"[^\"<>]{0,99}(?:pass|secret|pin)[^\"<>]{0,99}+\")[^<>]{0,300}\bvalue=\")([^\"]+)",
    re.I,
)


def redact(recording: SectionRecording, redact: Redact) -> SectionRecording:
    """Keys and passwords of Wi-Fi, VPN, VRRP and fencing, then whatever else a text shows."""
    parts = []
    for part in recording.parts:
        if part.name in _FILES:
            part = rewrite_files(part, lambda path, content: _hidden(content, redact.within(path)))
        elif part.name not in (
            "kernel",
            "layers",
            "addresses",
            "rules",
            "order",
            "filters",
            "ip4-tables",
            "ip6-tables",
        ):
            part = replace(part, content=redact.lines(part.content))
        parts.append(part)
    return replace(recording, parts=tuple(parts), errors=redact.lines(recording.errors))


def _hidden(content: bytes, redact: Redact) -> bytes:
    content = _SECRET_KEY.sub(lambda match: match[1] + redact.secret(match[2]), content)
    content = _NVPAIR_SECRET.sub(lambda match: match[1] + redact.secret(match[2]), content)
    lines = content.split(b"\n")
    secret = False
    for at, line in enumerate(lines):
        if line.lstrip().startswith(b"["):
            secret = bool(_SECRET_SECTION.match(line.strip()))
        elif secret and b"=" in line:
            key, equals, value = line.partition(b"=")
            lines[at] = key + equals + redact.secret(value)
    return redact.text(b"\n".join(lines))


SECTION: Section[Network] = Section(
    NAME,
    "Interfaces, addresses, routes, resolver, hosts file, firewall rules, and what files configure of the network",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=20, cap=8 * 1024 * 1024, files=FILES), WINDOWS),
    redact,
)
