"""Changes to tar archives, as a hostile host could make them. Also imported by the confined process."""

from __future__ import annotations

import random

FIELDS = ((100, 108), (108, 116), (116, 124), (124, 136), (136, 148), (345, 500))
KINDS = [bytes([each]) for each in b"01234567LKxgSVMDNX\0 "]
VALUES = [
    b"",
    b"77777777777",
    b"\xff" * 12,
    b"\x80" + b"\xff" * 11,
    b"-1",
    b"00000000001",
    b"9" * 11,
    b" 0x1",
    b"1_0",
    b"\x80\0\0\0\0\0\0\1\0\0\0\0",
    b"00000010000",
    b"40000000000",
]
NAMES = [
    b"../../../../../../../../tmp/out",
    b"/etc/passwd",
    b"a/../../b",
    b".wh.d",
    b"d/.wh..wh..opq",
    b".wh..",
    b".wh.",
    b"",
    b".",
    b"..",
    b"./",
    b"//",
    b"d",
    b"d/file",
    b"link/x",
    b"n" * 100,
    b"\xff\xfe",
    b"line\nline",
    b"d/" * 50,
]


def mutate(data: bytes, rng: random.Random) -> bytes:
    """Up to eight changes; mostly with right sums, without which a reader would look no further."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        at = rng.randrange(len(changed))
        block = at - at % 512
        kind = rng.randrange(8)
        if kind == 0:
            changed[at] = rng.randrange(256)
        elif kind == 1:
            field = rng.choice(FIELDS)
            changed[block + field[0] : block + field[1]] = rng.choice(VALUES).ljust(field[1] - field[0], b"\0")[
                : field[1] - field[0]
            ]
        elif kind == 2:
            changed[block + 156 : block + 157] = rng.choice(KINDS)
        elif kind == 3:
            other = rng.randrange(0, len(changed), 512)
            changed[block:block] = changed[other : other + 512 * rng.randrange(1, 4)]
        elif kind == 4:
            del changed[block : block + 512 * rng.randrange(1, 4)]
        elif kind == 5:
            del changed[at:]
        elif kind == 6:
            changed[block : block + 100] = rng.choice(NAMES).ljust(100, b"\0")[:100]
        else:
            changed[block + 157 : block + 257] = rng.choice(NAMES).ljust(100, b"\0")[:100]
        if not changed:
            return b""
    if rng.randrange(8):
        _mend(changed)
    return bytes(changed)


def _mend(data: bytearray) -> None:
    for at in range(0, len(data) - 511, 512):
        block = data[at : at + 512]
        if block[257:262] == b"ustar" or _header(block):
            total = sum(block[:148]) + 256 + sum(block[156:])
            data[at + 148 : at + 156] = b"%06o\0 " % (total & 0o777777)


def _header(block: bytearray) -> bool:
    return block[:1] not in (b"", b"\0") and block[148:149].isdigit()
