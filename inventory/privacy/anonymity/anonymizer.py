"""The replacement of names of people, hosts and networks in the text of a host.

It has two goals: nothing private is left, and a parser reads the same from the result as from the original, but for the
names. So names are replaced wherever they are whole words, everywhere alike, and never in part; a name that is also one
of a program or package of the host (a user ``java``) would take the program with it, and stays.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from inventory.privacy.anonymity.pseudonyms import Pseudonyms
from inventory.recording import Part, Recording, SectionRecording
from inventory.sections.files import certificates

_PUBLIC = frozenset(
    """debian.org ubuntu.com centos.org redhat.com fedoraproject.org opensuse.org suse.com kernel.org gnu.org
    apache.org nginx.org nginx.com mysql.com mariadb.org mariadb.com postgresql.org php.net python.org perl.org
    ruby-lang.org nodejs.org oracle.com sun.com w3.org freedesktop.org gnome.org
    kde.org github.com gitlab.com sourceforge.net launchpad.net docker.com alpinelinux.org amazon.com
    google.com googleapis.com microsoft.com xmlsoap.org openssl.org openssh.com isc.org exim.org postfix.org
    samba.org eclipse.org java.net jcp.org springframework.org example.com example.net example.org spamhaus.org
    letsencrypt.org icann.org root-servers.net ntp.org ietf.org rfc-editor.org openldap.org""".split()  # noqa: SIM905 - a list of words
)
"""Domains of the programs themselves, which reveal nothing about the site. Registries are not among them."""

_TLDS = (
    "com|net|org|edu|gov|mil|biz|io|cloud|de|at|ch|fr|it|es|nl|uk|us|ca|au|nz|jp|cn|br|ru|cz|se|fi|dk|eu|ie|pt|gr|hu|"
    "ro|tr|il|za|mx|ar|cl|kr|tw|sg|hk|example|test"
)
_INSIDE = "lan|local|localdomain|internal|intranet|intern|corp|private|home|info|dev|pl|no|be"
"""Ends of names that are ends of file names too: they count from three labels on (``rc.local`` is a file)."""

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(
    rf"(?<![\w.@-])(?:(?:{_LABEL}\.)+(?:{_TLDS})|(?:{_LABEL}\.){{2,}}(?:{_INSIDE}))(?![\w-]|\.\w)", re.IGNORECASE
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@((?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,24}|localhost)(?![\w-]|\.\w)")
_UNITS = frozenset("service socket timer target mount path slice scope device swap automount".split())  # noqa: SIM905
"""Suffixes of systemd units: ``getty@tty1.service`` is not an address of a person."""

_IPV4 = re.compile(r"(?<![\w.-])(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?![\w-]|\.\w)")
_IPV6 = re.compile(r"(?<![\w:.])((?:[0-9A-Fa-f]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}))(?![\w:.])")
# A colon may be that behind the name of a file, as grep prints it; two digits before it are of something longer.
_MAC = re.compile(
    r"(?<![\w-])(?<![0-9A-Fa-f]{2}:)"
    r"((?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2})(?![\w:-])"
)
_SOCKET4 = re.compile(r"(?<![\w])([0-9A-F]{8})(?=:[0-9A-F]{4}\b)")
_SOCKET6 = re.compile(r"(?<![\w])([0-9A-F]{32})(?=:[0-9A-F]{4}\b)")
_LONG_HEX = re.compile(r"(?<![\w])([0-9a-f]{32})(?![\w])")
_UUID = re.compile(r"(?<![\w])([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})(?![\w])")
_ROUTE = re.compile(r"(?m)^(\S+\t)([0-9A-F]{8})(\t)([0-9A-F]{8})(?=\t)")
_HOME = re.compile(r"(?<![\w.])(/home/|/export/home/|/Users/)([^/\s:'\"=,;<>()\x00]+)((?:/[^/\s:'\"=,;<>()\x00]+)*)")
_WORD = r"A-Za-z0-9_"


@dataclass(frozen=True)
class PrivateNames:
    """The names that are known to be private. ``taken`` are words that mean something to programs, ``packages`` the
    packages of the host: some are named like a domain (``docker.io``).
    """

    hosts: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    taken: frozenset[str] = field(default_factory=frozenset)
    packages: frozenset[str] = field(default_factory=frozenset)


class Anonymizer:
    """Replaces names in text; the same name gets the same pseudonym for as long as it lives."""

    def __init__(self, names: PrivateNames, key: bytes) -> None:
        self._made = Pseudonyms(key)
        self._packages = names.packages
        words: dict[str, str] = {}
        self.kept: list[str] = []
        """Names that stay, because a program has them too."""
        for kind, those in (("host", names.hosts), ("user", names.users)):
            for name in dict.fromkeys(those):
                if kind == "host" and _is_address(name):
                    continue
                if len(name) < 2 or name.lower() in names.taken or name in ("root", "localhost"):
                    if name not in ("", "root", "localhost"):
                        self.kept.append(name)
                elif name not in words:
                    words[name] = self._host(name) if kind == "host" else self._made.of("user", name)
        for comment in dict.fromkeys(names.comments):
            if len(comment) > 2 and comment.lower() not in names.taken and comment not in words:
                words[comment] = self._made.of("person", comment)
        self._words = words
        longest_first = sorted(words, key=len, reverse=True)
        alternatives = "|".join(re.escape(word) for word in longest_first)
        self._pattern = re.compile(rf"(?<![{_WORD}])(?:{alternatives})(?![{_WORD}])") if words else None

    @property
    def counts(self) -> dict[str, int]:
        """The number of different names of each kind that were replaced."""
        return dict(self._made.counts)

    def bytes_(self, content: bytes) -> bytes:
        """Content of a part; bytes that are not text stay unchanged."""
        return self.text(content.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def text(self, text: str) -> str:
        """Any text of the host."""
        made = self._made
        text = _EMAIL.sub(self._email, text)
        text = _HOME.sub(self._home, text)
        text = _DOMAIN.sub(lambda match: self._domain(match[0]), text)
        if self._pattern is not None:
            text = self._pattern.sub(lambda match: self._words[match[0]], text)
        text = _SOCKET6.sub(lambda match: self._kernel6(match[1]), text)
        text = _SOCKET4.sub(lambda match: self._kernel4(match[1]), text)
        text = _ROUTE.sub(lambda match: match[1] + self._kernel4(match[2]) + match[3] + self._kernel4(match[4]), text)
        text = _MAC.sub(lambda match: made.mac(match[1]), text)
        text = _LONG_HEX.sub(lambda match: self._long(match[1]), text)
        text = _UUID.sub(lambda match: "-".join(made.hexadecimal(match[0])[:32][at:to] for at, to in _PIECES), text)
        text = _IPV6.sub(lambda match: self._ipv6(match[1]), text)
        return _IPV4.sub(lambda match: self._ipv4(match[1]), text)

    def _host(self, name: str) -> str:
        first, _, rest = name.partition(".")
        stand_in = self._made.of("host", first.lower())
        return f"{stand_in}.{self._registered(rest)}" if rest else stand_in

    def _email(self, match: re.Match[str]) -> str:
        if match[1].lower() in _PUBLIC or match[1].rpartition(".")[2] in _UNITS:
            return match[0]
        return self._made.of("mail", match[0].lower()) + "@example.net"

    def _home(self, match: re.Match[str]) -> str:
        owner = match[2]
        known = self._words.get(owner) or (owner if owner in self.kept else self._made.of("user", owner))
        below = "".join("/" + self._below(piece) for piece in match[3].split("/")[1:])
        return match[1] + known + below

    def _below(self, piece: str) -> str:
        """A name below a home directory. Its ending stays: programs depend on it."""
        stem, dot, ending = piece.rpartition(".")
        if stem and len(ending) <= 4 and ending.isalnum():
            return self._made.of("path", stem) + dot + ending
        return self._made.of("path", piece)

    def _domain(self, name: str) -> str:
        lower = name.lower()
        if lower in self._packages or any(lower == public or lower.endswith("." + public) for public in _PUBLIC):
            return name
        if name in self._words:
            return self._words[name]
        labels = lower.split(".")
        country = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in ("co", "com", "ac", "org", "gov", "net")
        size = 3 if country else 2
        left, domain = labels[:-size], ".".join(labels[-size:])
        return ".".join([*(self._label(label) for label in left), self._registered(domain)])

    def _label(self, label: str) -> str:
        return label if label == "www" else self._made.of("host", label)

    def _registered(self, domain: str) -> str:
        return self._made.of("domain", domain.lower(), "{kind}{number}.example")

    def _ipv4(self, text: str) -> str:
        try:
            return str(self._made.ipv4(ipaddress.IPv4Address(text)))
        except ValueError:
            return text

    def _ipv6(self, text: str) -> str:
        try:
            return str(self._made.ipv6(ipaddress.IPv6Address(text)))
        except ValueError:
            return text

    def _kernel4(self, digits: str) -> str:
        """As /proc/net writes it on the little-endian machines there are."""
        address = ipaddress.IPv4Address(bytes.fromhex(digits)[::-1])
        return self._made.ipv4(address).packed[::-1].hex().upper()

    def _kernel6(self, digits: str) -> str:
        """Four words, each little-endian."""
        address = ipaddress.IPv6Address(_swapped(bytes.fromhex(digits)))
        return _swapped(self._made.ipv6(address).packed).hex().upper()

    def _long(self, digits: str) -> str:
        """An IPv6 address as /proc/net/if_inet6 writes it, a machine-id, a checksum."""
        address = ipaddress.IPv6Address(int(digits, 16))
        if address.is_link_local or address.is_multicast or address.is_loopback or int(address) >> 16 == 0:
            return self._made.ipv6(address).packed.hex()
        return self._made.hexadecimal(digits)

    def recording(self, recording: Recording) -> Recording:
        """A whole recording. ``taken`` stays: expiry dates mean nothing without it."""
        sections = tuple(self._section(section) for section in recording.sections)
        return replace(
            recording,
            host=self._words.get(recording.host) or self.text(recording.host),
            user=self._words.get(recording.user, recording.user),
            sections=sections,
            outside=b"",
            missing={name: self.text(reason) for name, reason in recording.missing.items()},
        )

    def _section(self, section: SectionRecording) -> SectionRecording:
        if section.section == certificates.NAME:
            section = certificates.without_certificates(section)
        parts: Iterable[Part] = (replace(part, content=self.bytes_(part.content)) for part in section.parts)
        return replace(section, parts=tuple(parts), errors=self.bytes_(section.errors))


_PIECES = ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))


def _swapped(packed: bytes) -> bytes:
    return b"".join(packed[at : at + 4][::-1] for at in range(0, 16, 4))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
