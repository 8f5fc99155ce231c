"""Lines that publish names and addresses to others: records of DNS zones, name servers and address leases.

Such a line is data that a server serves. A host named in it is not one that the server connects to.
"""

from __future__ import annotations

import re

from assess.configuration_text.ip_addresses import is_address

_TYPES = frozenset(["AAAA", "A", "CNAME", "DNAME", "MX", "NAPTR", "NS", "PTR", "SOA", "SRV"])
_CLASSES = frozenset(["IN", "CH", "HS"])
_TTL = re.compile(r"\d{1,10}[smhdw]?", re.IGNORECASE)
_SETTING = re.compile(
    r"""(?:address=/|(?:host-record|dhcp-host|cname|ptr-record|srv-host|mx-host|txt-record)=  # dnsmasq
    |local-(?:data|data-ptr|zone):                                                            # Unbound
    |fixed-address6?\s|host\s++[\w.-]{1,255}\s*+\{                                            # ISC DHCP
    |[=+&@.^CZ][\w.*-]{1,255}:[\d.]{0,15}(?::|$))                                             # tinydns
    """,
    re.VERBOSE,
)
_NAME = re.compile(r"(?=[\w.-]{0,255}[A-Za-z])[\w.-]{1,255}")


def is_name_record(text: str) -> bool:
    """Whether a line publishes a name or an address: ``db01 3600 IN A 10.0.0.5``, ``address=/db01/10.0.0.5``,
    ``10.0.0.5 db01``.
    """
    bare = text.strip()
    if _SETTING.match(bare):
        return True
    words = bare.split(None, 6)
    return _is_zone_record(words) or _is_hosts_entry(words)


def _is_zone_record(words: list[str]) -> bool:
    """Owner, time to live and class may be missing, and the latter two are in either order (RFC 1035, 5.1)."""
    for at, word in enumerate(words[:4]):
        kind = word.upper()
        if kind in _TYPES and at + 1 < len(words):
            before = [each for each in words[:at] if each.upper() not in _CLASSES and not _TTL.fullmatch(each)]
            # The owner of a reverse zone is a number, as a time to live is.
            owned = len(before) <= 1 and (not before or before[0] == words[0])
            return owned and (kind not in ("A", "AAAA") or is_address(words[at + 1]))
    return False


def _is_hosts_entry(words: list[str]) -> bool:
    return len(words) > 1 and is_address(words[0]) and all(_NAME.fullmatch(word) for word in words[1:])
