"""The interpreter and the libraries that an ELF file needs to start.

Packages declare this of their files; for a program that no package owns it has to be read from the file.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass

from containerize.host.file_tree import HostTree

MAGIC = b"\x7fELF"

DEFAULT_DIRECTORIES = ("/lib64", "/usr/lib64", "/lib", "/usr/lib")


@dataclass(frozen=True, slots=True)
class ElfNeeds:
    """``interpreter`` is PT_INTERP ("" for none), ``libraries`` DT_NEEDED, ``search`` DT_RPATH and DT_RUNPATH."""

    interpreter: str
    libraries: tuple[str, ...]
    search: tuple[str, ...]


def needs_of(content: bytes) -> ElfNeeds | None:
    """Read an ELF file; None when it is none, or a damaged one."""
    if not content.startswith(MAGIC):
        return None
    from elftools.common.exceptions import ELFError
    from elftools.elf.dynamic import DynamicSegment
    from elftools.elf.elffile import ELFFile
    from elftools.elf.segments import InterpSegment

    interpreter = ""
    libraries: list[str] = []
    search: list[str] = []
    try:
        for segment in ELFFile(io.BytesIO(content)).iter_segments():
            if isinstance(segment, InterpSegment):
                interpreter = str(segment.get_interp_name())
            elif isinstance(segment, DynamicSegment):
                for tag in segment.iter_tags():
                    if tag.entry.d_tag == "DT_NEEDED":
                        libraries.append(str(getattr(tag, "needed", "")))
                    elif tag.entry.d_tag in ("DT_RPATH", "DT_RUNPATH"):
                        value = getattr(tag, tag.entry.d_tag.removeprefix("DT_").lower(), "")
                        search.extend(str(value).split(":"))
    except (ELFError, ValueError, KeyError, IndexError, OSError, AttributeError, TypeError, UnicodeError):
        # pyelftools trusts the file in places, and the file comes from a host.
        return None
    return ElfNeeds(interpreter, tuple(libraries), tuple(search))


def find_library(tree: HostTree, name: str, search: Iterable[str], origin: str) -> str | None:
    """The path at which the loader finds a library: the file's own search path (``$ORIGIN`` is its directory), the
    configured directories, the default ones and their multiarch forms.
    """
    if "/" in name:
        return name if name in tree else None
    for directory in search:
        place = directory.replace("${ORIGIN}", origin).replace("$ORIGIN", origin).rstrip("/")
        if place.startswith("/") and tree.resolve(f"{place}/{name}") is not None:
            return f"{place}/{name}"
    return None
