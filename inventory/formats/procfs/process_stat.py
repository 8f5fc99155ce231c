"""One line of /proc/PID/stat, see proc(5)."""

from __future__ import annotations

from typing import NamedTuple

from inventory.section import ParseError

PF_KTHREAD = 0x00200000
"""The flag of kernel threads, since Linux 2.6.27."""

_LONGEST = 20
"""Digits, or digits and a sign, of the longest number of 64 bits. No kernel writes a longer one."""


class Stat(NamedTuple):
    """The fields that are used; times are in clock ticks, ``start`` since boot. ``name`` may hold any byte but NUL."""

    pid: int
    name: str
    state: str
    ppid: int
    session: int
    tty: int
    flags: int
    user_ticks: int
    system_ticks: int
    nice: int
    threads: int
    start: int
    virtual_bytes: int
    policy: int
    realtime_priority: int = 0

    @property
    def kernel(self) -> bool:
        """Whether this is a kernel thread. Before 2.6.27 they had no flag, but never any memory."""
        return bool(self.flags & PF_KTHREAD) or (self.virtual_bytes == 0 and self.state not in "ZXx")


def parse_stat(content: bytes) -> Stat:
    """Read the content of a stat file; raises ParseError.

    The name is in parentheses and may hold parentheses, spaces and newlines; only numbers follow it, so the last
    parenthesis ends it.
    """
    text = content.decode("utf-8", "surrogateescape")
    opening, closing = text.find(" ("), text.rfind(") ")
    fields = text[closing + 2 :].split()
    if opening < 0 or closing < opening or len(fields) < 22:
        raise ParseError("a stat file has too few fields")
    if any(len(field) > _LONGEST for field in fields):
        raise ParseError("a stat file has a number that no kernel writes")
    try:
        numbers = [int(field) for field in fields[1:]]
        return Stat(
            pid=int(text[:opening]),
            name=text[opening + 2 : closing],
            state=fields[0],
            ppid=numbers[0],
            session=numbers[2],
            tty=numbers[3],
            flags=numbers[5],
            user_ticks=numbers[10],
            system_ticks=numbers[11],
            nice=numbers[15],
            threads=numbers[16],
            start=numbers[18],
            virtual_bytes=numbers[19],
            policy=numbers[37] if len(numbers) > 37 else 0,
            realtime_priority=numbers[36] if len(numbers) > 36 else 0,
        )
    except ValueError as error:
        raise ParseError(f"a stat file has a field that is not a number: {error}") from error
