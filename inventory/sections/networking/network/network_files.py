"""The network as files configure it: names, resolvers, interfaces in the formats of many years, cluster addresses."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator

from inventory.formats.grep_lines import FileLine
from inventory.model.network import (
    ClusterMember,
    ConfiguredAddress,
    HostsEntry,
    NameService,
    NetworkSetting,
    Resolver,
    VirtualAddress,
)
from inventory.observation import Origin

_ADDRESS_KEY = re.compile(
    r"(ipaddr(_?\w+)?|ipv6addr(_secondaries)?|ip6addr|address(es)?|address\d+|ipv6_?addr\w*|local|remote)",
    re.IGNORECASE,
)
_FIRST_ADDRESS = re.compile(r"[\"']?(?P<address>[0-9a-fA-F]*[.:][0-9a-fA-F:.]+)(?:/(?P<prefix>\d{1,3}))?")
_SHELL_SETTING = re.compile(r"\s*(?:export\s+)?(?P<key>\w+)=(?P<value>.*)")
_STANZA = frozenset({"iface", "mapping", "source", "source-directory", "no-auto-down", "rename"})
_YAML = re.compile(r"(?P<indent> *+)(?P<dash>- ++)?(?:(?P<key>[\w.\"'-]+):(?: ++(?P<value>.*))?|(?P<item>.*))")
_NVPAIR = re.compile(r"<nvpair\b(?=[^<>]*\bname=\"ip\")[^<>]*\bvalue=\"(?P<address>[^\"]+)\"")
_PRIMITIVE = re.compile(r"<primitive\b[^<>]*\bid=\"(?P<name>[^\"]+)\"")
_RGMANAGER = re.compile(r"<ip\b[^<>]*\baddress=\"(?P<address>[^\"/]+)")
_COROSYNC = re.compile(r"\s*ring\d+_addr:\s*(?P<address>\S+)")


def resolver(rows: Iterable[FileLine]) -> Resolver:
    """resolv.conf(5), and systemd-resolved's own where the former names its stub."""
    servers: list[str] = []
    search: list[str] = []
    options: list[str] = []
    for row in rows:
        words = row.text.split()
        if len(words) < 2 or words[0][0] in "#;":
            continue
        if words[0] == "nameserver":
            servers.append(words[1])
        elif words[0] in ("search", "domain"):
            search = words[1:]
        elif words[0] == "options":
            options += words[1:]
    return Resolver(tuple(dict.fromkeys(servers)), tuple(search), tuple(dict.fromkeys(options)))


def hosts_entries(rows: Iterable[FileLine], section: str) -> tuple[HostsEntry, ...]:
    """hosts(5)."""
    found: list[HostsEntry] = []
    for row in rows:
        words = row.text.partition("#")[0].split()
        if len(words) > 1:
            found.append(HostsEntry(words[0], tuple(words[1:]), Origin(section, "files", row.number)))
    return tuple(found)


def name_services(rows: Iterable[FileLine], section: str) -> tuple[NameService, ...]:
    """nsswitch.conf(5); what is done after a source answered (``[NOTFOUND=return]``) stays among the sources."""
    found: list[NameService] = []
    for row in rows:
        database, colon, sources = row.text.partition("#")[0].partition(":")
        if colon and sources.split():
            origin = Origin(section, "files", row.number)
            found.append(NameService(database.strip(), tuple(sources.split()), origin))
    return tuple(found)


def settings(path: str, rows: Iterable[FileLine], section: str, part: str) -> Iterator[NetworkSetting]:
    """The settings of one file, by the format that its place has."""
    reader = _raw
    if "/netplan/" in path:
        reader = _netplan
    elif path.startswith("/etc/network/"):
        reader = _stanzas
    elif "/system-connections/" in path or path.endswith((".network", ".netdev", ".link", ".nmconnection")):
        reader = _sections
    elif "/ifcfg-" in path or path.startswith(("/etc/sysconfig/network", "/etc/conf.d/net")):
        reader = _shell
    for number, scope, key, value in reader(rows):
        yield NetworkSetting(path, scope, key, value, Origin(section, part, number))


_Setting = tuple[int, str, str, str]


def _raw(rows: Iterable[FileLine]) -> Iterator[_Setting]:
    for row in rows:
        text = row.text.strip()
        if text and text[0] not in "#;":
            yield row.number, "", "", text


def _shell(rows: Iterable[FileLine]) -> Iterator[_Setting]:
    """Files ifcfg-* are assignments; route files next to them are arguments of `ip route`."""
    for row in rows:
        if match := _SHELL_SETTING.fullmatch(row.text):
            value = match["value"].strip()
            if value[:1] in "\"'" and value[:1] == value[-1:] and len(value) > 1:
                value = value[1:-1]
            yield row.number, "", match["key"], value
        elif row.text.strip() and row.text.lstrip()[0] != "#":
            yield row.number, "", "", row.text.strip()


def _stanzas(rows: Iterable[FileLine]) -> Iterator[_Setting]:
    """interfaces(5)."""
    scope = ""
    for row in rows:
        words = row.text.split(None, 1)
        if not words or words[0].startswith("#"):
            continue
        value = words[1].strip() if len(words) > 1 else ""
        if words[0] in _STANZA:
            scope = f"{words[0]} {value}"
        elif words[0] == "auto" or words[0].startswith("allow-"):
            scope = ""
        yield row.number, "" if words[0] in _STANZA else scope, words[0], value


def _sections(rows: Iterable[FileLine]) -> Iterator[_Setting]:
    """Keyfiles of NetworkManager and files of systemd-networkd."""
    scope = ""
    for row in rows:
        text = row.text.strip()
        if text.startswith("[") and text.endswith("]"):
            scope = text
        elif text and text[0] not in "#;":
            key, _, value = text.partition("=")
            yield row.number, scope, key.strip(), value.strip()


def _netplan(rows: Iterable[FileLine]) -> Iterator[_Setting]:
    """YAML as netplan's files use it: nested mappings, and lists of plain values in lines or in brackets."""
    stack: list[tuple[int, str]] = []
    for row in rows:
        bare = row.text.rstrip()
        match = _YAML.fullmatch(bare)
        if match is None or not bare.strip() or bare.lstrip().startswith("#"):
            continue
        indent = len(match["indent"]) + len(match["dash"] or "")
        key = (match["key"] or "").strip("\"'")
        value = (match["value"] or "").strip()
        if key and not _FIRST_ADDRESS.fullmatch(bare.strip().removeprefix("- ")):
            while stack and stack[-1][0] >= indent:
                stack.pop()
            scope = ".".join(name for _, name in stack)
            if not value:
                stack.append((indent, key))
            elif value.startswith("["):
                for item in value.strip("[]").split(","):
                    yield row.number, scope, key, item.strip().strip("\"'")
            else:
                yield row.number, scope, key, value.strip("\"'")
        elif match["dash"] and stack:
            item = bare.strip().removeprefix("-").strip().strip("\"'")
            yield row.number, ".".join(name for _, name in stack[:-1]), stack[-1][1], item


def configured_addresses(found: Iterable[NetworkSetting]) -> Iterator[ConfiguredAddress]:
    """The addresses among settings, each with its prefix where that is next to it (not in a separate netmask)."""
    for setting in found:
        # netplan puts the addresses of name servers under the same key, one level deeper
        if not _ADDRESS_KEY.fullmatch(setting.key) or setting.scope.endswith(".nameservers"):
            continue
        for word in setting.value.replace(",", " ").split():
            match = _FIRST_ADDRESS.match(word)
            address = _valid(match["address"]) if match else ""
            if match and address:
                prefix = int(match["prefix"]) if match["prefix"] else None
                yield ConfiguredAddress(address, prefix, setting.path, setting.scope, setting.origin)
            if not setting.key.lower().endswith(("secondaries", "addresses", "address")):
                break  # of NetworkManager's address1 the second word is the gateway


def _valid(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""


def virtual_addresses(path: str, rows: Iterable[FileLine], section: str, part: str) -> Iterator[VirtualAddress]:
    """The service addresses that a cluster manager's file names."""
    group, inside, depth = "", 0, 0
    for row in rows:
        text = row.text.partition("#")[0].partition("!")[0] if path.endswith("keepalived.conf") else row.text
        words = text.split()
        origin = Origin(section, part, row.number)
        if path.endswith("keepalived.conf"):
            if words[:1] == ["vrrp_instance"] and len(words) > 1:
                group = words[1]
            address = _valid(words[0].split("/")[0]) if words else ""
            if inside and address:
                yield VirtualAddress(address, "keepalived", group, origin)
            if words[:1] in (["virtual_ipaddress"], ["virtual_ipaddress_excluded"]):
                inside = depth + 1
            depth += text.count("{") - text.count("}")
            if depth < inside:
                inside = 0
        elif path.endswith("cib.xml"):
            if match := _PRIMITIVE.search(text):
                group = match["name"]
            if (match := _NVPAIR.search(text)) and (address := _valid(match["address"].split("/")[0])):
                yield VirtualAddress(address, "pacemaker", group, origin)
        elif path.endswith("haresources") and words and words[0][0] != "#":
            for word in words[1:]:
                address = _valid(word.rpartition("::")[2].split("/")[0])
                if address:
                    yield VirtualAddress(address, "heartbeat", words[0], origin)
        elif path.endswith("cluster.conf"):
            match = _RGMANAGER.search(text)
            if match and (address := _valid(match["address"])):
                yield VirtualAddress(address, "rgmanager", "", origin)


def cluster_members(path: str, rows: Iterable[FileLine], section: str, part: str) -> Iterator[ClusterMember]:
    """The hosts of a cluster."""
    peers = False
    for row in rows:
        words = row.text.split()
        origin = Origin(section, part, row.number)
        if path.endswith("corosync.conf") and (match := _COROSYNC.fullmatch(row.text.rstrip())):
            yield ClusterMember(match["address"], "corosync", origin)
        elif path.endswith("/ha.cf") and words and words[0] in ("node", "ucast"):
            for name in words[1:] if words[0] == "node" else words[2:3]:
                yield ClusterMember(name, "heartbeat", origin)
        elif path.endswith("keepalived.conf") and words:
            if peers and (address := _valid(words[0])):
                yield ClusterMember(address, "keepalived", origin)
            peers = words[0] == "unicast_peer" or (peers and "}" not in words)
        elif path.endswith("cluster.conf") and (
            match := re.search(r"<clusternode\b[^<>]*\bname=\"([^\"]+)\"", row.text)
        ):
            yield ClusterMember(match[1], "rgmanager", origin)
