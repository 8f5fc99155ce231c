"""The kind of key in a private key file, without opening it (PROTOCOL.key of OpenSSH: the public half is plain)."""

from __future__ import annotations

import base64
import binascii
import struct
from functools import lru_cache
from pathlib import Path

_MAGIC = b"openssh-key-v1\0"


def cipher(content: bytes) -> str:
    """The cipher of an OpenSSH key file: ``none``, ``aes256-ctr`` …; "" where it cannot be read."""
    fields = _fields(content)
    return fields[0].decode("ascii", "replace") if fields else ""


def kind(content: bytes) -> str:
    """The type of a key: ``ssh-ed25519``, ``sk-ssh-ed25519@openssh.com`` …; "" where it is not known."""
    if b"BEGIN DSA PRIVATE KEY" in content:
        return "ssh-dss"
    fields = _fields(content)
    if not fields:
        return ""
    return _string(fields[1], 0)[0].decode("ascii", "replace")


def beyond_paramiko(file: Path) -> str:
    """The name of a kind of key that only the OpenSSH client can use (on a token, DSA); "" for all others."""
    try:
        state = file.stat()
        name = _kind_of(str(file), state.st_mtime_ns, state.st_size)
    except OSError:
        return ""
    return f"a key of kind {name}" if name.startswith("sk-") or name == "ssh-dss" else ""


@lru_cache(maxsize=256)
def _kind_of(file: str, _modified: int, size: int) -> str:
    return kind(Path(file).read_bytes()) if size < 65536 else ""


def _fields(content: bytes) -> tuple[bytes, bytes] | None:
    """The name of the cipher and the public key."""
    _, begun, rest = content.partition(b"-----BEGIN OPENSSH PRIVATE KEY-----")
    body, ended, _ = rest.partition(b"-----END")
    if not begun or not ended:
        return None
    try:
        data = base64.b64decode(b"".join(body.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    if not data.startswith(_MAGIC):
        return None
    name, at = _string(data, len(_MAGIC))
    _, at = _string(data, at)
    _, at = _string(data, at)
    public, _ = _string(data, at + 4)
    return name, public


def _string(data: bytes, at: int) -> tuple[bytes, int]:
    if len(data) < at + 4:
        return b"", len(data)
    (size,) = struct.unpack_from(">I", data, at)
    return data[at + 4 : at + 4 + size], at + 4 + size
