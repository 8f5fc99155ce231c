"""Facts from the first bytes of an ELF file and from the few others that its program headers point to.

The host sends 32-bit words (``od -tu4``) of the head of a file, of its program headers and of its notes and interpreter
wherever in the file they are, so megabytes in between are never read. See elf(5), and for the notes the generic ABI:
owner ``GNU`` type 1 is the oldest kernel the file runs on, type 5 property 0xc0008002 the x86-64 level it needs. A deep
scan also sends the dynamic section, and of its strings the stretch that names libraries.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import NamedTuple

_PT_LOAD = 1
_PT_DYNAMIC = 2
_PT_INTERP = 3
_PT_NOTE = 4
_PT_GNU_STACK = 0x6474E551
_PF_X = 1
_ET_DYN = 3
_DT_NEEDED = 1
_DT_STRTAB = 5
_DT_RPATH = 15
_DT_RUNPATH = 29
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
    static: bool | None
    position_independent: bool
    executable_stack: bool | None
    needed: tuple[str, ...] | None
    search_path: tuple[str, ...] | None


class _ElfHeader(NamedTuple):
    """A program header. ``address`` is that in memory, ``size`` that in the file."""

    kind: int
    flags: int
    offset: int
    address: int
    size: int
    alignment: int


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

    def text(self, offset: int) -> str | None:
        """The string at ``offset`` up to its NUL, None when the host did not send it to its end."""
        for start, content in self._ranges.items():
            if start <= offset < start + len(content) and (end := content.find(b"\0", offset - start)) >= 0:
                return content[offset - start : end].decode("utf-8", "surrogateescape")
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
    kind, machine = struct.unpack_from(order + "HH", header, 16)
    if wide:
        (table,) = struct.unpack_from(order + "Q", header, 32)
        entry, count = struct.unpack_from(order + "HH", header, 54)
    else:
        (table,) = struct.unpack_from(order + "I", header, 28)
        entry, count = struct.unpack_from(order + "HH", header, 42)
    if entry != (56 if wide else 32) or count > _MAX_HEADERS:
        raise ElfError(f"an ELF file has {count} program headers of {entry} bytes")
    table_bytes = pieces.read(table, entry * count)
    headers = [_program_header(table_bytes or b"", at, order, wide) for at in range(0, len(table_bytes or b""), entry)]
    interpreter, kernel, isa, complete = "", None, 0, table_bytes is not None
    for program in headers:
        if program.kind not in (_PT_INTERP, _PT_NOTE):
            continue
        content = pieces.read(program.offset, program.size)
        if content is None:
            complete = complete and program.kind != _PT_NOTE
        elif program.kind == _PT_INTERP:
            interpreter = content.split(b"\0")[0].decode("utf-8", "surrogateescape")
        else:
            found_kernel, found_isa = _notes(content, order, 8 if program.alignment == 8 else 4, wide)
            kernel, isa = found_kernel or kernel, max(isa, found_isa)
    kinds = {program.kind for program in headers}
    stack = next((program.flags for program in headers if program.kind == _PT_GNU_STACK), None)
    needed, search_path = _dynamic(pieces, headers, order, wide) or (None, None)
    return ElfFacts(
        64 if wide else 32,
        machine,
        interpreter,
        kernel,
        complete or kernel is not None,
        isa,
        # a static program that may be loaded anywhere has a dynamic section too
        static=_PT_INTERP not in kinds and not needed if headers else None,
        position_independent=kind == _ET_DYN,
        executable_stack=None if stack is None else bool(stack & _PF_X),
        needed=needed,
        search_path=search_path,
    )


def _program_header(table: bytes, at: int, order: str, wide: bool) -> _ElfHeader:
    if wide:
        kind, flags, offset, address, _, size, _, alignment = struct.unpack_from(order + "IIQQQQQQ", table, at)
    else:
        kind, offset, address, _, size, _, flags, alignment = struct.unpack_from(order + "8I", table, at)
    return _ElfHeader(kind, flags, offset, address, size, alignment)


def _dynamic(
    pieces: Pieces, headers: Sequence[_ElfHeader], order: str, wide: bool
) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Needed libraries and search path; None when they were not sent. A file without a dynamic section needs none."""
    section = next((header for header in headers if header.kind == _PT_DYNAMIC), None)
    if section is None:
        return ((), ()) if headers else None
    content = pieces.read(section.offset, section.size)
    if content is None:
        return None
    entries: list[tuple[int, int]] = []
    form = struct.Struct(order + ("QQ" if wide else "II"))
    for at in range(0, len(content) - form.size + 1, form.size):
        tag, value = form.unpack_from(content, at)
        if tag == 0:
            break
        entries.append((tag, value))
    address = next((value for tag, value in entries if tag == _DT_STRTAB), 0)
    strings = next(
        (
            address - header.address + header.offset
            for header in headers
            if header.kind == _PT_LOAD and header.address <= address < header.address + header.size
        ),
        -1,
    )
    needed: list[str] = []
    path: list[str] = []
    for tag, value in entries:
        if tag in (_DT_NEEDED, _DT_RPATH, _DT_RUNPATH):
            text = pieces.text(strings + value) if strings >= 0 else None
            if text is None:
                return None
            if tag == _DT_NEEDED:
                needed.append(text)
            else:
                path += [place for place in text.split(":") if place]
    return tuple(needed), tuple(path)


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
    """The highest x86-64 level that the file requires (bit 0 is level 1), 0 when it states none."""
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
