"""What a case of the comparison with reality is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A container that is started before: the other end, or who already has what is wanted.

    ``options`` and ``command`` as in :class:`Trial`. It is waited for until it prints "ready" and, with ``ends``, until
    it has ended.
    """

    command: str
    options: str = ""
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """One start of a program by ``docker run OPTIONS IMAGE COMMAND``, words parted by blanks.

    In both, ``{neighbour}`` is the neighbour's name, ``{port}`` and ``{other_port}`` are free ports of this machine,
    ``{profile}`` is a seccomp profile with the calls of io_uring, of keyrings and AF_VSOCK beside Docker's own, and
    ``{directory}`` is an empty directory of this machine.

    The trial goes as foretold when the program ends with ``status`` (None: any but 0) and prints ``says``.
    """

    options: str
    command: str
    status: int | None
    says: str = ""
    neighbour: Neighbour | None = None


def fails(
    command: str, says: str, *, options: str = "", status: int | None = None, neighbour: Neighbour | None = None
) -> Trial:
    """The trial without the remedy."""
    return Trial(options, command, status, says, neighbour)


def works(command: str, *, options: str = "", says: str = "", neighbour: Neighbour | None = None) -> Trial:
    """The trial with the remedy."""
    return Trial(options, command, 0, says, neighbour)


@dataclass(frozen=True, slots=True)
class Case:
    """One failure that a rule foretells, and its remedy.

    ``rule`` is the id of the rule, ``key`` tells its cases apart, ``tried`` is the sentence of the table. ``seen``
    says what happens where the message alone would not tell it, and ``done`` what the remedy is where the options
    would not. ``wants`` names what the machine must have for the case to show (a key of ``machine.WANTED``); "" where
    every machine shows it.
    """

    rule: str
    key: str
    tried: str
    without: Trial
    remedied: Trial
    seen: str = ""
    done: str = ""
    wants: str = ""
