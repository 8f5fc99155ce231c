"""Programs of a few bytes that do nothing but ask for something in their headers."""

from __future__ import annotations

import struct

_AT = 0x08048000
# Forever: mov eax, 29 (pause); int 0x80; and the same in 64 bits: mov eax, 34; syscall.
_WAIT_32 = bytes.fromhex("b81d000000cd80ebf7")
_WAIT_64 = bytes.fromhex("b8220000000f05ebf7")
LEVEL_BITS = {1: 1, 2: 3, 3: 7, 4: 15}


def program_32() -> bytes:
    """A static 32-bit x86 program."""
    size = 84 + len(_WAIT_32)
    head = b"\x7fELF\x01\x01\x01" + bytes(9)
    head += struct.pack("<HHIIIIIHHHHHH", 2, 3, 1, _AT + 84, 52, 0, 0, 52, 32, 1, 0, 0, 0)
    head += struct.pack("<IIIIIIII", 1, 0, _AT, _AT, size, size, 5, 4096)
    return head + _WAIT_32


def program_64(minimum_kernel: tuple[int, int, int], isa_level: int) -> bytes:
    """A static 64-bit x86 program whose notes name the oldest kernel and the level of the processor it wants.

    Nothing of it is checked when it starts: that is done by a loader, which a static program has none of.
    """
    kernel = struct.pack("<III", 4, 16, 1) + b"GNU\0" + struct.pack("<IIII", 0, *minimum_kernel)
    level = struct.pack("<III", 4, 16, 5) + b"GNU\0" + struct.pack("<IIII", 0xC0008002, 4, LEVEL_BITS[isa_level], 0)
    notes = 64 + 3 * 56
    code = notes + len(kernel) + len(level)
    size = code + len(_WAIT_64)
    head = b"\x7fELF\x02\x01\x01" + bytes(9)
    head += struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, _AT + code, 64, 0, 0, 64, 56, 3, 0, 0, 0)
    head += struct.pack("<IIQQQQQQ", 1, 5, 0, _AT, _AT, size, size, 4096)
    for at, note in ((notes, kernel), (notes + len(kernel), level)):
        head += struct.pack("<IIQQQQQQ", 4, 4, at, _AT + at, _AT + at, len(note), len(note), 4)
    return head + kernel + level + _WAIT_64
