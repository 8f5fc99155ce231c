"""Files mapped as code, and the ELF headers of executables."""

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

    ``machine`` is the e_machine name without EM_ (``X86_64``, ``386``, ``AARCH64``); ``bits`` 32 or 64; ``interpreter``
    is PT_INTERP, "" for a static executable; ``minimum_kernel`` is the ABI note (3, 2, 0), None when the file has none
    in the bytes that were read (``note_seen`` False when the note is beyond them); ``isa_level`` 1-4 of x86-64, 0
    unknown.

    ``static``: it needs no interpreter and no library; None when its program headers were not seen.
    ``position_independent``: it may be loaded anywhere. ``executable_stack``: what its header requests, None where it
    has none (then the machine decides). ``needed`` are the libraries it names itself, ``search_path`` its DT_RPATH and
    DT_RUNPATH; both are None where they were not read, as in a scan that is not deep.
    """

    path: str
    bits: int
    machine: str
    interpreter: str
    minimum_kernel: tuple[int, int, int] | None
    note_seen: bool
    isa_level: int
    origin: Origin
    static: bool | None = None
    position_independent: bool = False
    executable_stack: bool | None = None
    needed: tuple[str, ...] | None = None
    search_path: tuple[str, ...] | None = None
