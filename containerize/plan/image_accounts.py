"""The accounts of an image: the host's users and groups, without passwords.

They come whole, because files are owned by numbers, mail goes to names, and a service may ask for any of them. Old
hosts have hashes in passwd and group themselves; those are replaced.
"""

from __future__ import annotations

from collections.abc import Container

_HARMLESS = frozenset({b"", b"x", b"*", b"!", b"!!", b"*LK*", b"NP"})


def without_passwords(content: bytes) -> bytes:
    """A passwd or group file with every hash in its second field replaced by ``*``."""
    lines = []
    for line in content.split(b"\n"):
        fields = line.split(b":")
        if len(fields) >= 3 and fields[1] not in _HARMLESS:
            fields[1] = b"*"
        lines.append(b":".join(fields))
    return b"\n".join(lines)


def shadow_without_passwords(passwd: bytes) -> bytes:
    """A shadow file for these accounts in which none has a password or expires: PAM rejects accounts without a line."""
    names = [line.split(b":")[0] for line in passwd.split(b"\n") if line.count(b":") >= 6 and not line.startswith(b"+")]
    return b"".join(name + b":*:::::::\n" for name in names)


_FIRST_PERSON = 1000
"""Accounts of people begin here (login.defs(5), UID_MIN)."""

_NOBODY = 65534

_DIGITS = 10
"""Of the largest number that an account can have."""


def homes(passwd: bytes, accounts: Container[int], *, people: bool = False) -> dict[str, str]:
    """Home directory to the name of its first account, of ``accounts`` (numbers) and, if asked for, of people."""
    found: dict[str, str] = {}
    for line in passwd.decode("utf-8", "surrogateescape").split("\n"):
        fields = line.split(":")
        if len(fields) < 7 or not fields[5].startswith("/") or not fields[2].isdecimal() or len(fields[2]) > _DIGITS:
            continue
        uid = int(fields[2])
        if uid in accounts or (people and uid >= _FIRST_PERSON and uid != _NOBODY):
            found.setdefault(fields[5], fields[0])
    return found


def numbers(content: bytes) -> dict[str, int]:
    """Name to uid (passwd) or gid (group)."""
    found: dict[str, int] = {}
    for line in content.decode("utf-8", "replace").split("\n"):
        fields = line.split(":")
        if len(fields) >= 3 and fields[2].isdigit():
            found.setdefault(fields[0], int(fields[2]))
    return found
