"""The requirements of the running executables and of the C library on the machine and the kernel."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from elftools.elf.enums import ENUM_E_MACHINE

from inventory.formats.procfs.elf_headers import ElfError, Pieces, read_elf
from inventory.formats.procfs.link_listings import NOTHING, process_links
from inventory.formats.procfs.probe_processes import other_processes
from inventory.formats.procfs.process_files import whole_lines
from inventory.formats.procfs.root_only_facts import denied_reason, root_or_own
from inventory.formats.unreadable_rows import unreadable_row
from inventory.model.libraries import Elf
from inventory.observation import Found, Gap, Observation, Origin
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import Redact, Section, Variant
from inventory.sections.programs.executables.executables_fragment import FRAGMENT

NAME = "executables"

_DELETED = " (deleted)"
_MACHINES: dict[int, str] = {
    number: name.removeprefix("EM_") for name, number in ENUM_E_MACHINE.items() if isinstance(number, int)
}


@dataclass
class _ExecutableFile:
    path: str
    line: int
    library: bool
    refused: str = ""
    words: dict[int, list[int]] = field(default_factory=dict)


def parse(recording: SectionRecording) -> Observation[tuple[Elf, ...]]:
    """The ELF files among the running executables, and the C library with its loader, by path. Scripts are none."""
    others = other_processes(recording)
    heads = recording.part("heads")
    listing = root_or_own(recording, "links", process_links) or NOTHING
    used = {link.target for link in listing.links if link.pid in others}
    found: dict[str, Elf] = {}
    refused: dict[str, list[str]] = {}
    for file in _files(heads):
        # Programs of the probe alone are not part of the host. A name that was cut at a newline is in no list.
        if not file.library and file.path not in used:
            continue
        path = file.path.removesuffix(_DELETED)
        try:
            elf = _elf(file, path)
        except ElfError:
            refused.setdefault("malformed", []).append(path)
            continue
        if elf is not None:
            # of a file that was replaced while it ran, the one that is there now
            if path not in found or path == file.path:
                found[path] = elf
        elif file.refused != "other" and (file.refused or not any(file.words.values())):
            refused.setdefault(file.refused or "unreadable", []).append(path)
    gaps = [Gap(f"head of {len(paths)} executables", _REFUSALS[why]) for why, paths in refused.items()]
    unseen = len(others - {link.pid for link in listing.links})
    if unseen:
        what = f"executable of {unseen} of {len(others)} processes"
        gaps.append(Gap(what, denied_reason(recording, "links")))
    return Found(tuple(found[path] for path in sorted(found)), tuple(gaps))


_REFUSALS = {
    "remote": "they lie on a remote file system, which is never touched",
    "unreadable": "they could not be read; scan with become",
    "malformed": "they begin like an ELF file but are not one",
}


def _files(part: Part | None) -> Iterator[_ExecutableFile]:
    current: _ExecutableFile | None = None
    offset = -1
    for number, line in enumerate(whole_lines(part) if part is not None else [], 1):
        text = line.decode("utf-8", "surrogateescape")
        kind, _, path = text.partition(" ")
        if kind in ("file", "library") and path:
            if current is not None:
                yield current
            current, offset = _ExecutableFile(path, number, kind == "library"), -1
        elif current is None:
            unreadable_row(f"heads:{number} belongs to no file")
        elif text in ("remote", "unreadable", "other"):
            current.refused = text
        elif match := re.fullmatch(r"at (\d{1,20})", text):
            offset = int(match[1])
            current.words[offset] = []
        elif offset >= 0 and re.fullmatch(r" *(?:\d{1,10}(?: +|\Z))*", text, re.ASCII):
            current.words[offset].extend(int(word) for word in text.split())
        else:
            unreadable_row(f"heads:{number} is neither a place nor words")
    if current is not None:
        yield current


def _elf(file: _ExecutableFile, path: str) -> Elf | None:
    start = file.words.get(0)
    if not start:
        return None
    order = ">" if start[0] == 0x7F454C46 else "<"
    try:
        pieces = {offset: struct.pack(f"{order}{len(words)}I", *words) for offset, words in file.words.items()}
    except struct.error:
        unreadable_row(f"heads:{file.line} has a word of more than 32 bits")
        return None
    facts = read_elf(Pieces(pieces))
    if facts is None:
        return None
    return Elf(
        path=path,
        bits=facts.bits,
        machine=_MACHINES.get(facts.machine, str(facts.machine)),
        interpreter=facts.interpreter,
        minimum_kernel=facts.minimum_kernel,
        note_seen=facts.note_seen,
        isa_level=facts.isa_level,
        origin=Origin(NAME, "heads", file.line),
        static=facts.static,
        position_independent=facts.position_independent,
        executable_stack=facts.executable_stack,
        needed=facts.needed,
        search_path=facts.search_path,
    )


def redact(recording: SectionRecording, secrets: Redact) -> SectionRecording:
    """``recording`` without the words of files that do not begin like an ELF file, which may be anything."""
    parts = tuple(
        replace(part, content=_only_elf(part.content, secrets)) if part.name == "heads" else part
        for part in recording.parts
    )
    return replace(recording, parts=parts, errors=secrets.text(recording.errors))


def _only_elf(heads: bytes, secrets: Redact) -> bytes:
    """``heads`` where each file that does not begin like an ELF file is ``other`` and has no words."""
    before, *blocks = re.split(rb"(?m)^(?=(?:file|library) )", heads)
    kept = [b"other\n" if before else b""]
    for block in blocks:
        label, _, body = block.partition(b"\n")
        if _EMPTY.fullmatch(body) or _WORDS.fullmatch(body):
            kept.append(block)
        elif _NUMBERS.fullmatch(body):
            kept.append(label + b"\nother\n")
        else:
            kept.append(secrets.text(block))
    return b"".join(kept)


_EMPTY = re.compile(rb"(?:at 0\n\n*|remote\n|unreadable\n|other\n)*")
_NUMBERS = re.compile(rb"(?:(?:at \d+|[ \d]*|remote|unreadable|other)(?:\n|\Z))*")
_WORDS = re.compile(rb"at 0\n *(?:1179403647|2135247942)(?: [ \d]*)?(?:\n|\Z)" + _NUMBERS.pattern)
r"""``\x7fELF`` as the first 32-bit word, on a little-endian and on a big-endian host."""


SECTION: Section[tuple[Elf, ...]] = Section(
    NAME,
    "Machine, class, interpreter and oldest kernel of the running executables",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=30, cap=16 * 1024 * 1024),),
    redact,
)
