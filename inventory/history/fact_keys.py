"""The natural key of a fact: what makes a package the same package in two looks at a host.

Pids, inodes, times and sizes differ from look to look and mean nothing, so they are no part of a key and are not
compared. KEYS names what tells items of a type apart; a type that is not in it goes by its path or name, and where it
has none, all of it is its key.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from inventory.formats.fact_json import json_text, to_json
from inventory.model import kernel
from inventory.model.open_files import OpenFile
from inventory.model.processes import Process
from inventory.model.sockets import Connection, Sockets, UnixSocket
from inventory.model.sysctls import Sysctl
from inventory.observation import Origin


class Item(NamedTuple):
    """A fact of a host. ``kind`` is its type in words, ``key`` distinguishes it from others of its kind in one section,
    ``facts`` is the JSON by which two scans are compared.
    """

    kind: str
    key: str
    facts: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Unique within a section."""
        return f"{self.kind} {self.key}".strip()

    @property
    def digest(self) -> str:
        """A short hash of what is compared."""
        text = json.dumps(self.facts, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


PASSING = frozenset(
    {
        "origin",
        "pid",
        "pids",
        "ppid",
        "inode",
        "number",
        "session",
        "tty",
        "descriptor",
        "threads",
        "use_count",
        "used_by",
        "used_bytes",
        "clock",
        "boot_time",
        "uptime_seconds",
        "load",
        "start_seconds",
        "cpu_seconds",
        "rss_bytes",
        "peak_rss_bytes",
        "namespaces",
        "available_bytes",
        "free_bytes",
        "memory",
        "namespace_pids",
    }
)
"""Fields that are transient, whatever the type."""

_PASSING_OF: Mapping[str, frozenset[str]] = {
    "Key": frozenset({"serial"}),
    "MessageQueue": frozenset({"bytes", "messages", "last_sender", "last_receiver", "changed"}),
    "Process": frozenset({"state"}),
    "Protocol": frozenset({"sockets"}),
    "ProtocolUse": frozenset({"sockets"}),
    "SemaphoreSet": frozenset({"changed"}),
    "SharedSegment": frozenset({"creator_pid", "last_pid", "attached", "changed"}),
}
"""Fields that are transient in one type and meaningful in another."""

_PUBLISHED: Mapping[str, str] = {
    "IisBinding": "Binding",
    "KernelKey": "Key",
    "RegistrySetting": "Setting",
    "UnitSetting": "Setting",
    "UnixSocketLink": "UnixTie",
    "WindowsDevice": "Device",
}
"""Names of types in documents, where the class has another."""

OF_THE_MOMENT = frozenset({"use"})
"""Sections that consist of counters: two scans always differ in them, which means nothing."""

_COUNTERS = re.compile(
    r"fs\.(dentry-state|file-nr|inode-nr|inode-state|aio-nr|quota\..*)|kernel\.(ns_last_pid|random\..*|pty\.nr)"
    r"|.*\.nf_conntrack_count|fs\.binfmt_misc\..*"
)
"""Settings that are none: the kernel shows its counters among them (Documentation/admin-guide/sysctl/fs.rst)."""

_PASSING_KEYRINGS = ("_ses", "_uid", "_tid", "_pid", "_persistent")
"""Prefixes of the names of keyrings of sessions, users, threads and processes."""

_SESSION = re.compile(r"session-c?\d+\.scope|user-runtime-dir-\d+")

_GENERAL = ("path", "name", "target", "id", "unit", "place", "device", "interface", "address", "source", "key")

_PASSING_PROPERTIES = re.compile(r"PID$|Timestamp|^InvocationID$|^NRestarts$|Current$|^ControlGroupId$|NSec$")
_PASSING_WORDS = re.compile(r" ; (?:start_time=\[|next_elapse=).*?(?= ?\}|$)")
"""The text that systemd appends to a command it has started (times, PID, exit status) and to the rule of a timer."""


def _process(process: Process, _all: Any) -> str | None:
    if process.kernel:
        return None
    return " ".join(process.arguments) if process.arguments else process.executable or process.name


def _open_file(file: OpenFile, _all: Any) -> str | None:
    passing = not file.target.startswith("/") or file.target.startswith("/run/systemd/sessions/")
    return None if passing else file.target


def _sysctl(sysctl: Sysctl, _all: Any) -> str | None:
    return None if _COUNTERS.fullmatch(sysctl.name) else sysctl.name


def _connection(connection: Connection, sockets: Sockets) -> str:
    """The port of a client is picked at random for each connection and means nothing."""
    protocol = connection.protocol.removesuffix("6")
    serving = any(listener.port == connection.local_port for listener in sockets.listeners)
    local = f"{connection.local_address}:{connection.local_port}" if serving else connection.local_address
    remote = connection.remote_address if serving else f"{connection.remote_address}:{connection.remote_port}"
    return f"{protocol} {local} {'<-' if serving else '->'} {remote}"


def _unix(socket: UnixSocket, _all: Any) -> str | None:
    return f"{socket.kind} {socket.path}" if socket.listening or socket.kind == "dgram" else None


def _shipped_file(_file: object, _all: object) -> None:
    """Leave out a file that is no longer as its package brought it: it is among the changed ones."""


def _kernel_key(key: kernel.KernelKey, _all: Any) -> str | None:
    """Each login, and each container that runc starts, has a separate keyring; see keyrings(7)."""
    if key.kind == "keyring" and key.description.startswith(_PASSING_KEYRINGS):
        return None
    if key.kind == "user" and key.description.startswith("invocation_id"):  # of each start of a systemd unit
        return None
    return f"{key.kind} {key.uid} {key.description}"


Key = tuple[str, ...] | Callable[[Any, Any], str | None]

KEYS: Mapping[str, Key] = {
    "Process": _process,
    "OpenFile": _open_file,
    "Sysctl": _sysctl,
    "Key": _kernel_key,
    "ShippedFile": _shipped_file,
    "Connection": _connection,
    "UnixSocket": _unix,
    "Listener": ("protocol", "address", "port"),
    "Package": ("name", "architecture"),
    "Service": ("manager", "name"),
    "CronJob": ("place", "command"),
    "ConfigLine": ("path", "text"),
    "Mount": ("target",),
    "FstabEntry": ("target",),
}
"""By the name of a type: the fields that distinguish its items, or a function of the item and the value of its section;
None from the function leaves an item out.
"""

_WITH_ALL: Mapping[str, Key] = {
    "Connection": ("protocol", "local_address", "local_port", "remote_address", "remote_port"),
    "Key": ("kind", "uid", "description", "serial"),
    "OpenFile": ("pid", "descriptor", "target"),
    "Sysctl": ("name",),
    "UnixPeer": ("kind", "path", "inode"),
    "UnixSocket": ("kind", "path", "inode"),
}
"""The same when transient facts are included."""

_ONLY_KEY = frozenset({"Connection", "OpenFile", "UnixSocket"})
"""Types of which only the presence counts."""


def items(value: Any, *, everything: bool = False) -> Iterator[Item]:
    """The facts of a section's value, each once; those that share a key are numbered in their order.

    ``everything``: with transient facts.
    """
    seen: Counter[str] = Counter()
    for item in _items(value, everything):
        seen[item.name] += 1
        if (number := seen[item.name]) > 1:
            if item.kind in _WITHOUT_NUMBER and not everything:
                continue
            item = item._replace(key=f"{item.key} #{number}")
        yield item


def _items(value: Any, everything: bool) -> Iterator[Item]:
    if isinstance(value, tuple) and not isinstance(value, Origin):
        for each in value:
            if dataclasses.is_dataclass(each) and (item := _item(each, value, everything)) is not None:
                yield item
        return
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return
    rest: dict[str, Any] = {}
    compared = _compared_fields(type(value), everything)
    for field in dataclasses.fields(value):
        content = getattr(value, field.name)
        if isinstance(content, tuple) and content and all(dataclasses.is_dataclass(each) for each in content):
            for each in content:
                if (item := _item(each, value, everything)) is not None:
                    yield item
        elif field.name in compared and not (isinstance(content, tuple) and not content):
            rest[field.name] = _compared(content, everything)
    if rest:
        yield Item(kind_of(type(value)), "", rest)


def _item(fact: Any, value: Any, everything: bool) -> Item | None:
    name = published_name(type(fact))
    key = _WITH_ALL.get(name, KEYS.get(name)) if everything else KEYS.get(name)
    names = {field.name for field in dataclasses.fields(fact)}
    if callable(key):
        text = key(fact, value)
        if text is None:
            return None
    else:
        fields = [field for field in key or () if field in names]
        if not fields:
            fields = next(([one] for one in _GENERAL if one in names), [])
        text = " ".join(str(to_json(getattr(fact, field))) for field in fields)
    compared: dict[str, Any] = {} if name in _ONLY_KEY and not everything else _compared(fact, everything)
    if not text:
        text = json.dumps(compared, sort_keys=True)
    return Item(kind_of(type(fact)), json_text(text), compared)


@cache
def _compared_fields(kind: type, everything: bool) -> tuple[str, ...]:
    """Return the names of the fields of a type that are compared."""
    fields = (field.name for field in dataclasses.fields(kind))
    if everything:
        return tuple(field for field in fields if field != "origin")
    passing = PASSING | _PASSING_OF.get(published_name(kind), frozenset())
    return tuple(field for field in fields if field not in passing)


def _compared(value: Any, everything: bool) -> Any:
    """As JSON, without transient facts unless ``everything`` is set."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: _compared(getattr(value, name), everything) for name in _compared_fields(type(value), everything)}
    if isinstance(value, tuple) and not isinstance(value, Origin):
        if value and all(_is_property(each) for each in value):
            return [
                [each[0], _PASSING_WORDS.sub("", json_text(each[1]))]
                for each in value
                if everything or not _PASSING_PROPERTIES.search(each[0])
            ]
        return [_compared(each, everything) for each in value]
    if isinstance(value, str) and "session-" in value:
        # Each login is a session with its own number.
        return _SESSION.sub("session.scope", json_text(value))
    return to_json(value)


def _is_property(value: Any) -> bool:
    return (
        isinstance(value, tuple)
        and not isinstance(value, Origin)
        and len(value) == 2
        and all(isinstance(each, str) for each in value)
    )


def kind_of(kind: type) -> str:
    """The name of a type in words: ``FstabEntry`` is ``fstab entry``."""
    return _in_words(published_name(kind))


@cache
def _in_words(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def published_name(kind: type) -> str:
    """Return the name of a type in documents, which stays when the class is renamed."""
    return _PUBLISHED.get(kind.__name__, kind.__name__)


_WITHOUT_NUMBER = frozenset({"connection", "open file", "unix socket"})
