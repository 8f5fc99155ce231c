"""What the first bytes of an ELF file, and the few others its program headers point to, say of it.

The host sends 32-bit words (``od -tu4``) of the head of a file, of its program headers and of its notes and interpreter
wherever in the file they lie, so megabytes in between are never read. See elf(5), and for the notes the generic ABI:
owner ``GNU`` type 1 is the oldest kernel the file runs on, type 5 property 0xc0008002 the x86-64 level it needs.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import NamedTuple

_PT_INTERP = 3
_PT_NOTE = 4
_NT_GNU_ABI_TAG = 1
_NT_GNU_PROPERTY = 5
_X86_ISA_NEEDED = 0xC0008002
_MAX_HEADERS = 128


class ElfError(ValueError):
    """The head of the file makes no sense. One such file must not cost the facts of the others."""


class ElfFacts(NamedTuple):
    """The facts of :class:`inventory.model.libraries.Elf`."""

    bits: int
    machine: int
    interpreter: str
    minimum_kernel: tuple[int, int, int] | None
    note_seen: bool
    isa_level: int


class Pieces:
    """Byte ranges of a file, by offset."""

    def __init__(self, ranges: Mapping[int, bytes]) -> None:
        self._ranges = dict(ranges)

    def read(self, offset: int, size: int) -> bytes | None:
        """``size`` bytes at ``offset``, None when the host did not send them all."""
        for start, content in self._ranges.items():
            if start <= offset and offset + size <= start + len(content):
                return content[offset - start : offset - start + size]
        return None


def read_elf(pieces: Pieces) -> ElfFacts | None:
    """The facts; None for what is no ELF file (a script). Raises ElfError when its head makes no sense."""
    ident = pieces.read(0, 16)
    if ident is None or ident[:4] != b"\x7fELF":
        return None
    wide = {1: False, 2: True}.get(ident[4])
    order = {1: "<", 2: ">"}.get(ident[5])
    header = pieces.read(0, 64 if wide else 52)
    if wide is None or order is None or header is None:
        raise ElfError("the head of an ELF file is cut off or of no known class")
    (machine,) = struct.unpack_from(order + "H", header, 18)
    if wide:
        (table,) = struct.unpack_from(order + "Q", header, 32)
        entry, count = struct.unpack_from(order + "HH", header, 54)
    else:
        (table,) = struct.unpack_from(order + "I", header, 28)
        entry, count = struct.unpack_from(order + "HH", header, 42)
    if entry != (56 if wide else 32) or count > _MAX_HEADERS:
        raise ElfError(f"an ELF file has {count} program headers of {entry} bytes")
    headers = pieces.read(table, entry * count)
    interpreter, kernel, isa, complete = "", None, 0, headers is not None
    for at in range(0, len(headers or b""), entry):
        kind, offset, size, alignment = _program_header(headers or b"", at, order, wide)
        if kind not in (_PT_INTERP, _PT_NOTE):
            continue
        content = pieces.read(offset, size)
        if content is None:
            complete = complete and kind != _PT_NOTE
        elif kind == _PT_INTERP:
            interpreter = content.split(b"\0")[0].decode("utf-8", "surrogateescape")
        else:
            found_kernel, found_isa = _notes(content, order, 8 if alignment == 8 else 4, wide)
            kernel, isa = found_kernel or kernel, max(isa, found_isa)
    return ElfFacts(64 if wide else 32, machine, interpreter, kernel, complete or kernel is not None, isa)


def _program_header(table: bytes, at: int, order: str, wide: bool) -> tuple[int, int, int, int]:
    """Type, offset, size in the file, alignment."""
    if wide:
        kind, _, offset, _, _, size, _, alignment = struct.unpack_from(order + "IIQQQQQQ", table, at)
    else:
        kind, offset, _, _, size, _, _, alignment = struct.unpack_from(order + "8I", table, at)
    return kind, offset, size, alignment


def _notes(content: bytes, order: str, alignment: int, wide: bool) -> tuple[tuple[int, int, int] | None, int]:
    kernel: tuple[int, int, int] | None = None
    isa = 0
    at = 0
    while at + 12 <= len(content):
        name_size, size, kind = struct.unpack_from(order + "III", content, at)
        name_at = at + 12
        start = _align(name_at + name_size, alignment)
        if start + size > len(content):
            break
        if content[name_at : name_at + name_size] == b"GNU\0":
            description = content[start : start + size]
            if kind == _NT_GNU_ABI_TAG and size >= 16:
                system, *version = struct.unpack_from(order + "4I", description)
                if system == 0:  # Linux
                    kernel = version[0], version[1], version[2]
            elif kind == _NT_GNU_PROPERTY:
                isa = max(isa, _isa_level(description, order, 8 if wide else 4))
        at = _align(start + size, alignment)
    return kernel, isa


def _isa_level(properties: bytes, order: str, alignment: int) -> int:
    """The highest x86-64 level the file says it needs (bit 0 is level 1), 0 when it says nothing."""
    at = 0
    while at + 8 <= len(properties):
        kind, size = struct.unpack_from(order + "II", properties, at)
        if kind == _X86_ISA_NEEDED and size >= 4 and at + 12 <= len(properties):
            (bits,) = struct.unpack_from(order + "I", properties, at + 8)
            return int(bits & 0xF).bit_length()
        at = _align(at + 8 + size, alignment)
    return 0


def _align(number: int, alignment: int) -> int:
    return (number + alignment - 1) // alignment * alignment
