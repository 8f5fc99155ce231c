"""Host keys: the known_hosts files of OpenSSH (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"), and whether to trust a key.

Read here and not by paramiko, which knows no patterns and no markers and drops what it cannot read without a word.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import fnmatch
import hashlib
import hmac
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from inventory.errors import HostKeyChanged, HostKeyUnknown, WorkspaceError


class KnownKey(NamedTuple):
    """One line of a file. ``patterns`` is its first field; ``marker`` is ``@revoked``, ``@cert-authority`` or ""."""

    file: str
    line: int
    marker: str
    patterns: str
    kind: str
    key: bytes


@dataclass(frozen=True)
class _KnownHostsIndex:
    """A file, arranged for look-up: 10,000 hosts are looked up in a file of 10,000 lines."""

    exact: dict[str, tuple[KnownKey, ...]]
    others: tuple[KnownKey, ...]

    def lookup(self, name: str) -> tuple[KnownKey, ...]:
        return (*self.exact.get(name, ()), *(one for one in self.others if _matches(one.patterns, name)))


def lookup_name(hostname: str, port: int) -> str:
    """The notation of a host in known_hosts: the bare name on port 22, else ``[name]:port``."""
    name = hostname.lower()
    return name if port == 22 else f"[{name}]:{port}"


def fingerprint(key: bytes) -> str:
    """The fingerprint as ``ssh-keygen -l`` prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


def known_keys(files: Iterable[Path], hostname: str, port: int) -> tuple[KnownKey, ...]:
    """Every line of ``files`` that speaks of the host. Files that are missing or unreadable have none."""
    name = lookup_name(hostname, port)
    found: list[KnownKey] = []
    for file in files:
        try:
            state = file.stat()
            index = _read(str(file), state.st_mtime_ns, state.st_size)
        except OSError:
            continue
        found += index.lookup(name)
    return tuple(found)


@lru_cache(maxsize=16)
def _read(file: str, _modified: int, _size: int) -> _KnownHostsIndex:
    """Parse a file; the unused arguments make a changed file a new entry of the cache."""
    exact: dict[str, list[KnownKey]] = {}
    others: list[KnownKey] = []
    for number, line in enumerate(Path(file).read_bytes().splitlines(), 1):
        one = _parse(file, number, line)
        if one is None:
            continue
        if one.patterns.startswith("|") or any(special in one.patterns for special in "*?!"):
            others.append(one)
        else:
            for pattern in one.patterns.lower().split(","):
                exact.setdefault(pattern, []).append(one)
    return _KnownHostsIndex({name: tuple(keys) for name, keys in exact.items()}, tuple(others))


def _parse(file: str, number: int, line: bytes) -> KnownKey | None:
    fields = line.decode("utf-8", "replace").split()
    marker = fields.pop(0) if fields and fields[0].startswith("@") else ""
    if len(fields) < 3 or fields[0].startswith("#"):
        return None
    try:
        return KnownKey(file, number, marker, fields[0], fields[1], base64.b64decode(fields[2], validate=True))
    except (binascii.Error, ValueError):
        return None


def _matches(patterns: str, name: str) -> bool:
    if patterns.startswith("|1|"):
        try:
            salt, digest = (base64.b64decode(part) for part in patterns[3:].split("|"))
        except (binascii.Error, ValueError):
            return False
        return hmac.compare_digest(hmac.new(salt, name.encode(), hashlib.sha1).digest(), digest)
    matched = False
    for pattern in patterns.lower().split(","):
        # Brackets belong to the name here ("[web01]:2222") and are not a character class.
        bare = pattern.removeprefix("!").replace("[", "[[]")
        if fnmatch.fnmatchcase(name, bare):
            if pattern.startswith("!"):
                return False
            matched = True
    return matched


@dataclass(frozen=True, slots=True)
class HostKeyPolicy:
    """Whom to trust. ``files`` are read; ``record`` (None: nowhere) gets what ``accept_new`` lets in."""

    files: tuple[Path, ...]
    accept_new: bool = False
    record: Path | None = None

    def known_kinds(self, hostname: str, port: int) -> tuple[str, ...]:
        """The kinds of key known of a host: a server is asked for these first, so that it can show a known one."""
        return tuple(dict.fromkeys(one.kind for one in known_keys(self.files, hostname, port) if not one.marker))

    def by_authority(self, hostname: str, port: int) -> bool:
        """Whether an authority is trusted to certify the host's key, and no key of the host itself is known."""
        known = known_keys(self.files, hostname, port)
        return any(one.marker == "@cert-authority" for one in known) and all(one.marker for one in known)

    def check(self, host: str, hostname: str, port: int, kind: str, key: bytes) -> None:
        """Let a shown key pass, or raise HostKeyUnknown or HostKeyChanged. ``host`` is the inventory's name."""
        known = known_keys(self.files, hostname, port)
        shown = f"{_kind_name(kind)} {fingerprint(key)}"
        where = lookup_name(hostname, port)
        if revoked := next((one for one in known if one.marker == "@revoked" and one.key == key), None):
            raise HostKeyChanged(f"{host} ({where}) shows the key {shown}, which {revoked.file}:{revoked.line} revokes")
        plain = [one for one in known if not one.marker]
        if any(one.key == key for one in plain):
            return
        if plain:
            raise HostKeyChanged(_changed(host, where, shown, kind, plain))
        if not self.accept_new:
            raise HostKeyUnknown(_unknown(host, where, hostname, port, shown))
        if self.record is not None:
            remember(self.record, where, kind, key)


def _kind_name(kind: str) -> str:
    name = kind.removeprefix("ssh-").removeprefix("ecdsa-sha2-")
    return "ECDSA" if name.startswith("nistp") else name.upper()


def _changed(host: str, where: str, shown: str, kind: str, plain: Sequence[KnownKey]) -> str:
    old = next((one for one in plain if one.kind == kind), plain[0])
    return (
        f"the host key of {host} ({where}) has changed: it shows {shown}, but {old.file}:{old.line} has "
        f"{_kind_name(old.kind)} {fingerprint(old.key)}; if the server was reinstalled, remove the old key with "
        f"ssh-keygen -f '{old.file}' -R '{where}', otherwise someone may be intercepting the connection"
    )


def _unknown(host: str, where: str, hostname: str, port: int, shown: str) -> str:
    scan = f"ssh-keyscan {hostname}" if port == 22 else f"ssh-keyscan -p {port} {hostname}"
    return (
        f"the host key of {host} ({where}) is not known: it shows {shown}; if that is right, accept it with "
        f"assess scan --accept-new-host-keys, or with {scan} >> ~/.ssh/known_hosts"
    )


def remember(file: Path, where: str, kind: str, key: bytes) -> None:
    """Append a key; threads and processes may do so at once. Raises WorkspaceError."""
    line = f"{where} {kind} {base64.b64encode(key).decode()}\n".encode()
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if line not in file.read_bytes().splitlines(keepends=True):
                os.write(descriptor, line)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise WorkspaceError(f"the accepted host key cannot be written to {file}: {error.strerror}") from error
