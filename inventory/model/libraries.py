"""Files mapped as code, and what the executables say of themselves."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class MappedFile:
    """A file mapped by processes. ``executable``: mapped with x. ``deleted``: replaced on disk since."""

    path: str
    pids: tuple[int, ...]
    executable: bool
    deleted: bool
    origin: Origin


@dataclass(frozen=True, slots=True)
class Elf:
    """ELF facts of one distinct executable (or of the C library).

    ``machine`` is the e_machine name without EM_ (``X86_64``, ``386``, ``AARCH64``); ``bits`` 32 or 64;
    ``interpreter`` is PT_INTERP, "" for a static executable; ``minimum_kernel`` is the ABI note (3, 2, 0), None when
    the file has none in the bytes that were read (``note_seen`` False when the note lies beyond them); ``isa_level``
    1-4 of x86-64, 0 unknown.
    """

    path: str
    bits: int
    machine: str
    interpreter: str
    minimum_kernel: tuple[int, int, int] | None
    note_seen: bool
    isa_level: int
    origin: Origin
