"""The arguments of ``ssh`` that an inventory gives, read as ssh reads them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

_WITH_VALUE = set("BbcDEeFIiJLlmOoPpQRSWw")
_HARMLESS_FLAGS = set("ACakqvxXYTtNn46")
_SHORT = {"i": "identityfile", "l": "user", "p": "port", "J": "proxyjump"}

HONOURED = frozenset(
    {
        "connecttimeout",
        "globalknownhostsfile",
        "hostkeyalias",
        "hostname",
        "identitiesonly",
        "identityagent",  # none, or the usual one; another goes to ssh, see ssh_settings
        "identityfile",
        "port",
        "proxycommand",
        "proxyjump",
        "serveraliveinterval",
        "stricthostkeychecking",
        "user",
        "userknownhostsfile",
    }
)
"""Options that our own SSH does as ssh does."""

IRRELEVANT = frozenset(
    {
        "addkeystoagent",
        "batchmode",
        "checkhostip",
        "clearallforwardings",
        "compression",
        "connectionattempts",
        "controlmaster",
        "controlpath",
        "controlpersist",
        "dynamicforward",
        "enablesshkeysign",
        "escapechar",
        "exitonforwardfailure",
        "fingerprinthash",
        "forkafterauthentication",
        "forwardagent",
        "forwardx11",
        "forwardx11timeout",
        "forwardx11trusted",
        "gatewayports",
        "gssapiauthentication",
        "gssapidelegatecredentials",
        "gssapikeyexchange",
        "gssapirenewalforcesrekey",
        "gssapitrustdns",
        "hashknownhosts",
        "host",
        "hostbasedauthentication",
        "ipqos",
        "kbdinteractiveauthentication",
        "localcommand",
        "localforward",
        "loglevel",
        "logverbose",
        "numberofpasswordprompts",
        "obscurekeystroketiming",
        "passwordauthentication",
        "permitlocalcommand",
        "permitremoteopen",
        "preferredauthentications",
        "protocol",
        "proxyusefdpass",
        "pubkeyauthentication",
        "remotecommand",
        "remoteforward",
        "requesttty",
        "requiredrsasize",
        "sendenv",
        "serveralivecountmax",
        "sessiontype",
        "setenv",
        "stdinnull",
        "streamlocalbindmask",
        "streamlocalbindunlink",
        "syslogfacility",
        "tcpkeepalive",
        "tunnel",
        "tunneldevice",
        "updatehostkeys",
        "userauthentication",
        "verifyhostkeydns",
        "visualhostkey",
        "warnweakcrypto",
        "xauthlocation",
    }
)
"""Options that change nothing for one command of ours (sharing, forwarding, colours of the client)."""


@dataclass(frozen=True, slots=True)
class SshArguments:
    """``options`` maps an option in lower case to its values: for all but ``identityfile`` the first one counts.

    ``configuration`` is the file of ``-F``. ``beyond`` are arguments that only the OpenSSH client understands.
    """

    options: dict[str, list[str]] = field(default_factory=dict)
    configuration: str | None = None
    beyond: tuple[str, ...] = ()

    def first(self, option: str) -> str | None:
        """The value that counts."""
        values = self.options.get(option)
        return values[0] if values else None


def parse(arguments: Sequence[str]) -> SshArguments:
    """Read ``ssh_common_args`` and the like, already split. Never raises: what it cannot read is ``beyond``."""
    options: dict[str, list[str]] = {}
    beyond: list[str] = []
    configuration: str | None = None
    queue = list(arguments)
    while queue:
        argument = queue.pop(0)
        if len(argument) < 2 or not argument.startswith("-") or argument.startswith("--"):
            beyond.append(argument)
            continue
        letter, rest = argument[1], argument[2:]
        if letter not in _WITH_VALUE:
            if letter not in _HARMLESS_FLAGS:
                beyond.append(argument)
            elif letter in "46":
                beyond.append(f"-{letter}")
            if rest:
                queue.insert(0, "-" + rest)
            continue
        value = rest or (queue.pop(0) if queue else "")
        if letter == "F":
            configuration = value
        elif letter == "o":
            name, option_value = _option(value)
            options.setdefault(name, []).append(option_value)
        elif letter in _SHORT:
            options.setdefault(_SHORT[letter], []).append(value)
        elif letter not in "SOEeDLR":
            beyond += [f"-{letter}", value]
    beyond += [name for name in options if name not in HONOURED and name not in IRRELEVANT]
    return SshArguments(options, configuration, tuple(beyond))


def _option(text: str) -> tuple[str, str]:
    """``Key=value``, ``Key value`` or ``Key = "value"``."""
    stripped = text.strip()
    end = next((at for at, one in enumerate(stripped) if one in "= \t"), len(stripped))
    value = stripped[end:].lstrip(" \t")
    return stripped[:end].lower(), value.removeprefix("=").strip()


@lru_cache(maxsize=256)
def words(value: str) -> tuple[str, ...]:
    """The words of a value that may hold several, quoted or not (``UserKnownHostsFile "a b" c``)."""
    try:
        return tuple(shlex.split(value))
    except ValueError:
        return (value,)
