"""The bytes of Windows programs as text: code pages, UTF-16, and the escapes of our PowerShell script."""

from __future__ import annotations

import codecs
import re
import struct

_ESCAPES = re.compile(rb"(?:%u[0-9A-F]{4})+")
_NUMBER = re.compile(rb"\d{3,5}")


def plain(content: bytes) -> bytes:
    """Decode the output of our PowerShell script: each ``%uXXXX`` is a unit of UTF-16. Return UTF-8 with newlines."""
    return _ESCAPES.sub(_character, content.replace(b"\r\n", b"\n"))


def _character(match: re.Match[bytes]) -> bytes:
    units = [int(piece, 16) for piece in match[0].split(b"%u")[1:]]
    text = struct.pack(f"<{len(units)}H", *units).decode("utf-16-le", "surrogatepass")
    return text.encode("utf-8", "surrogatepass")


def code_page(answer: bytes) -> str:
    """The codec of Python for what ``chcp`` answered, in any language; that of Western Europe where it is none."""
    numbers = _NUMBER.findall(answer)
    number = numbers[-1].decode() if numbers else "850"
    name = "utf-8" if number == "65001" else f"cp{number}"
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "cp850"


def text(content: bytes, codec: str) -> bytes:
    """The output of a console program as UTF-8 with newlines.

    ``wmic`` and ``schtasks`` print UTF-16 when there is no console. A text that is UTF-8 already stays: a program that
    was set to UTF-8 is more likely than one whose code page happens to look like it.
    """
    if content.startswith(codecs.BOM_UTF16_LE):
        decoded = content[2:].decode("utf-16-le", "replace")
    elif _is_utf16(content):
        decoded = content.decode("utf-16-le", "replace")
    else:
        try:
            decoded = content.decode("utf-8")
        except UnicodeDecodeError:
            decoded = content.decode(codec, "replace")
    # wmic ends its lines with \r\r\n.
    return re.sub(r"(?<!\r)\r++\n", "\n", decoded).encode("utf-8", "surrogatepass")


def _is_utf16(content: bytes) -> bool:
    """Text of Windows is mostly ASCII, so every second byte of UTF-16 is 0."""
    head = content[:400]
    return len(head) >= 8 and head[1::2].count(0) > len(head) // 3 and head[0::2].count(0) < len(head) // 8
