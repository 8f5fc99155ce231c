"""ELF facts from a few pieces of a file, against pyelftools on whole files of this machine."""

from __future__ import annotations

import contextlib
import struct
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import NoteSection
from hypothesis import given
from hypothesis import strategies as st

from inventory.formats.procfs.elf_headers import ElfError, Pieces, read_elf

PLACES = ("/usr/bin/*", "/usr/sbin/*", "/lib/x86_64-linux-gnu/lib[a-c]*.so.*", "/usr/lib/modules/*")
# in order of path, so that the choice is the same at each run
FILES = [path for place in PLACES for path in sorted(Path("/").glob(place[1:]))[:60]]


def whole(path: Path) -> Pieces:
    """The file as one piece."""
    return Pieces({0: path.read_bytes()})


def test_pyelftools_sees_the_same() -> None:
    """Class, machine, interpreter, oldest kernel and x86-64 level of a hundred files."""
    compared = 0
    for path in FILES:
        if not path.is_file() or path.read_bytes()[:4] != b"\x7fELF":
            continue
        facts = read_elf(whole(path))
        with path.open("rb") as stream:
            elf = ELFFile(stream)
            interpreter, kernel, level = "", None, 0
            for segment in elf.iter_segments():
                if segment["p_type"] == "PT_INTERP":
                    interpreter = segment.get_interp_name()
            for section in elf.iter_sections():
                for note in section.iter_notes() if isinstance(section, NoteSection) else ():
                    if note["n_type"] == "NT_GNU_ABI_TAG":
                        kernel = tuple(note["n_desc"][f"abi_{part}"] for part in ("major", "minor", "tiny"))
                    if note["n_type"] == "NT_GNU_PROPERTY_TYPE_0":
                        for item in note["n_desc"]:
                            if item["pr_type"] in (0xC0008002, "GNU_PROPERTY_X86_ISA_1_NEEDED"):
                                level = max(level, int(item["pr_data"]).bit_length())
            assert facts is not None
            assert (facts.bits, facts.interpreter, facts.minimum_kernel) == (elf.elfclass, interpreter, kernel), path
            assert facts.isa_level == level, path
            assert facts.note_seen
        compared += 1
    if not FILES:
        pytest.skip("no ELF files in the usual places")
    assert compared > 10


def elf(*, wide: bool, order: str, headers: list[tuple[int, int, int]], table: int | None = None) -> bytes:
    """The head of a file: type, offset and size of each program header."""
    ident = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1]) + bytes(9)
    at = table if table is not None else (64 if wide else 52)
    if wide:
        head = ident + struct.pack(order + "HHIQQQIHHHHHH", 2, 62, 1, 0, at, 0, 0, 64, 56, len(headers), 64, 0, 0)
        rows = [struct.pack(order + "IIQQQQQQ", kind, 4, place, 0, 0, size, size, 4) for kind, place, size in headers]
    else:
        head = ident + struct.pack(order + "HHIIIIIHHHHHH", 2, 3, 1, 0, at, 0, 0, 52, 32, len(headers), 40, 0, 0)
        rows = [struct.pack(order + "8I", kind, place, 0, 0, size, size, 4, 4) for kind, place, size in headers]
    return head + bytes(at - len(head)) + b"".join(rows)


def note(order: str, kind: int, description: bytes) -> bytes:
    """A GNU note."""
    return struct.pack(order + "III", 4, len(description), kind) + b"GNU\0" + description


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("wide", [True, False])
def test_notes_are_found_wherever_they_lie(order: str, wide: bool) -> None:
    """32 and 64 bits, both byte orders; the note in a piece of its own, deep in the file."""
    tag = note(order, 1, struct.pack(order + "4I", 0, 2, 6, 32))
    head = elf(wide=wide, order=order, headers=[(3, 400, 12), (4, 9_000_000, len(tag))])
    head += bytes(400 - len(head)) + b"/lib/ld.so.1\0"

    facts = read_elf(Pieces({0: head, 9_000_000: tag}))

    assert facts is not None
    assert (facts.bits, facts.interpreter, facts.minimum_kernel) == (64 if wide else 32, "/lib/ld.so.1", (2, 6, 32))
    assert facts.note_seen


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("wide", [True, False])
def test_libraries_are_named_in_pieces_far_apart(order: str, wide: bool) -> None:
    """The dynamic section and the strings lie elsewhere in the file; without the strings nothing is claimed."""
    entries = [(1, 1), (29, 11), (1, 19), (5, 70_000), (0, 0), (1, 999)]
    dynamic = b"".join(struct.pack(order + ("QQ" if wide else "II"), *entry) for entry in entries)
    head = elf(wide=wide, order=order, headers=[(1, 0, 90_000), (2, 50_000, len(dynamic))])
    strings = b"\0liba.so.1\0/opt/a:\0libc.so.6\0"

    facts = read_elf(Pieces({0: head, 50_000: dynamic, 70_001: strings[1:]}))
    cut = read_elf(Pieces({0: head, 50_000: dynamic, 70_001: strings[1:25]}))

    assert facts is not None
    assert (facts.needed, facts.search_path) == (("liba.so.1", "libc.so.6"), ("/opt/a",))
    assert (facts.static, facts.position_independent, facts.executable_stack) == (False, False, None)
    assert cut is not None
    assert cut.needed is None


def test_a_note_that_was_not_sent_is_said_to_be_unseen() -> None:
    facts = read_elf(Pieces({0: elf(wide=True, order="<", headers=[(4, 5000, 32)])}))

    assert facts is not None
    assert (facts.minimum_kernel, facts.note_seen) == (None, False)


def test_program_headers_may_stand_anywhere() -> None:
    """Where a tool has rewritten the file."""
    tag = note("<", 1, struct.pack("<4I", 0, 3, 2, 0))
    content = elf(wide=True, order="<", headers=[(4, 8192, len(tag))], table=4096)

    facts = read_elf(Pieces({0: content[:1024], 4096: content[4096:], 8192: tag}))

    assert facts is not None
    assert facts.minimum_kernel == (3, 2, 0)


def test_notes_of_other_systems_and_owners_are_not_taken() -> None:
    """FreeBSD's system number in the GNU note, and Go's own note."""
    notes = note("<", 1, struct.pack("<4I", 3, 9, 9, 9)) + struct.pack("<III", 4, 4, 1) + b"Go\0\0" + b"abcd"
    head = elf(wide=True, order="<", headers=[(4, 200, len(notes))])
    facts = read_elf(Pieces({0: head + bytes(200 - len(head)) + notes}))

    assert facts is not None
    assert facts.minimum_kernel is None
    assert facts.note_seen


@pytest.mark.parametrize("content", [b"", b"#!/bin/sh\n" + bytes(100), bytes(1024)])
def test_what_is_no_elf_file_has_no_facts(content: bytes) -> None:
    assert read_elf(Pieces({0: content})) is None


@given(st.binary(max_size=300), st.dictionaries(st.integers(0, 600), st.binary(max_size=100), max_size=3))
def test_a_hostile_head_raises_only_its_own_error(rest: bytes, others: dict[int, bytes]) -> None:
    with contextlib.suppress(ElfError):
        read_elf(Pieces({**others, 0: b"\x7fELF\x02\x01\x01" + rest}))


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_offsets_beyond_all_pieces_are_unseen(place: int, size: int) -> None:
    """Nothing is allocated for what a header promises."""
    head = elf(wide=True, order="<", headers=[(4, place, size), (3, size, place)])
    facts = read_elf(Pieces({0: head}))

    assert facts is not None
    if place + size > len(head):
        assert (facts.interpreter, facts.minimum_kernel, facts.note_seen) == ("", None, False)
