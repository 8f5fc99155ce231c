"""DT_SONAME and DT_NEEDED of ELF files."""

from __future__ import annotations

import io
from typing import NamedTuple

from containerize.closure.elf_libraries import MAGIC


class ElfLinks(NamedTuple):
    """``soname`` is "" for a program, a plug-in, or what is not an ELF file."""

    soname: str = ""
    needed: tuple[str, ...] = ()


NOTHING = ElfLinks()


def linked(content: bytes) -> ElfLinks:
    """Read one file; NOTHING when it is not an ELF file, or a damaged one."""
    if not content.startswith(MAGIC):
        return NOTHING
    from elftools.common.exceptions import ELFError
    from elftools.elf.dynamic import DynamicSegment
    from elftools.elf.elffile import ELFFile

    soname, needed = "", []
    try:
        for segment in ELFFile(io.BytesIO(content)).iter_segments():
            if isinstance(segment, DynamicSegment):
                for tag in segment.iter_tags():
                    if tag.entry.d_tag == "DT_SONAME":
                        soname = str(getattr(tag, "soname", ""))
                    elif tag.entry.d_tag == "DT_NEEDED":
                        needed.append(str(getattr(tag, "needed", "")))
    except (ELFError, ValueError, KeyError, IndexError, OSError, AttributeError, TypeError, UnicodeError):
        # pyelftools trusts the file in places, and the file comes from a host.
        return NOTHING
    return ElfLinks(soname, tuple(needed))
