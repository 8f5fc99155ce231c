"""Changes to real bytes, as a hostile host or user would make them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

_NUMBERS = [b"-1", b"0", b"4294967296", b"18446744073709551616", b"9" * 400, b"9" * 5000, b"1e999", b"0x" + b"f" * 40]
_NUMBERS += ["٣".encode(), "²".encode(), b"1_000", b"nan"]
_WORDS = [b"\0", b"\n", b"\r\n", b"\n\n", b"\t", b" ", b":", b"=", b"/", b"..", b"->", b" -> ", b"{", b"}", b"[", b"]"]
_WORDS += [
    b"(",
    b")",
    b"<",
    b">",
    b'"',
    b"'",
    b"\\",
    b"#",
    b";",
    b"%",
    b"$",
    b"*",
    b"\xff",
    b"\xed\xa0\x80",
    b"\x1b[2J",
]
_WORDS += [
    "\u202e".encode(),
    "\u2028".encode(),
    b"<redacted:0123456789abcdef>",
    b"/proc/1/exe",
    b"==> /proc/1/stat <==",
]
_NESTS = [(b"{", b"}"), (b"[", b"]"), (b"(", b")"), (b'{"a":', b"}"), (b"<a>", b"</a>"), (b"a { ", b" } ")]


def mutated(rng: random.Random, content: bytes, corpus: Sequence[bytes]) -> bytes:
    """``content`` after one to five changes; ``corpus`` is what pieces are spliced in from."""
    for _ in range(rng.randint(1, 5)):
        content = rng.choice(_CHANGES)(rng, content, corpus)
    return content


def excerpt(rng: random.Random, content: bytes, most: int = 3000) -> bytes:
    """Some lines on end, so that an input is small."""
    if len(content) <= most:
        return content
    at = content.find(b"\n", rng.randrange(len(content) - most)) + 1
    end = content.rfind(b"\n", at, at + most) + 1
    return content[at:end] or content[:most]


def _place(rng: random.Random, content: bytes) -> int:
    return rng.randint(0, len(content))


def _flip(rng: random.Random, content: bytes, _: Sequence[bytes]) -> bytes:
    if not content:
        return b"\xff"
    changed = bytearray(content)
    for _ in range(rng.randint(1, 4)):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _delete(rng: random.Random, content: bytes, _: Sequence[bytes]) -> bytes:
    at = _place(rng, content)
    return content[:at] + content[at + rng.choice((1, 2, 8, 40, 400)) :]


def _cut(rng: random.Random, content: bytes, _: Sequence[bytes]) -> bytes:
    return content[: _place(rng, content)]


def _duplicate(rng: random.Random, content: bytes, _: Sequence[bytes]) -> bytes:
    at = _place(rng, content)
    piece = content[at : at + rng.choice((1, 5, 30, 200))]
    return content[:at] + piece * rng.choice((2, 2, 3, 20)) + content[at:]


def _lines(rng: random.Random, content: bytes, _: Sequence[bytes]) -> bytes:
    lines = content.split(b"\n")
    kind = rng.randrange(4)
    if kind == 0:
        rng.shuffle(lines)
    elif kind == 1:
        lines.append(rng.choice(lines))
    elif kind == 2:
        del lines[rng.randrange(len(lines))]
    else:
        at = rng.randrange(len(lines))
        lines[at] = lines[at] + rng.choice((b"", b" ")) + rng.choice(lines)
    return b"\n".join(lines)


def _insert(rng: random.Random, content: bytes, _: Sequence[bytes]) -> bytes:
    at = _place(rng, content)
    return content[:at] + rng.choice(_WORDS) * rng.choice((1, 1, 1, 2, 30)) + content[at:]


def _number(rng: random.Random, content: bytes, _: Sequence[bytes]) -> bytes:
    """A number in place of one that is there."""
    digits = [at for at, byte in enumerate(content[:5000]) if 48 <= byte <= 57]
    if not digits:
        return content + rng.choice(_NUMBERS)
    at = end = rng.choice(digits)
    while at and content[at - 1 : at].isdigit():
        at -= 1
    while content[end : end + 1].isdigit():
        end += 1
    return content[:at] + rng.choice(_NUMBERS) + content[end:]


def _splice(rng: random.Random, content: bytes, corpus: Sequence[bytes]) -> bytes:
    other = excerpt(rng, rng.choice(corpus), 400)
    at = _place(rng, content)
    return content[:at] + other + content[at + rng.choice((0, 0, len(other))) :]


def _long(rng: random.Random, content: bytes, _: Sequence[bytes]) -> bytes:
    at = _place(rng, content)
    piece = rng.choice((b" ", b"\t", b"a", b"1", b"a=b ", b"/", b"-", b".", b"\\", content[at : at + 4] or b"x"))
    return content[:at] + piece * rng.choice((300, 2000)) + content[at:]


def _nest(rng: random.Random, content: bytes, _: Sequence[bytes]) -> bytes:
    begin, end = rng.choice(_NESTS)
    depth = rng.choice((3, 100, 1500))
    at = _place(rng, content)
    return content[:at] + begin * depth + end * rng.choice((0, depth)) + content[at:]


_Change = Callable[[random.Random, bytes, Sequence[bytes]], bytes]
_CHANGES: list[_Change] = [
    *(_flip, _flip, _delete, _delete, _cut, _duplicate, _lines, _lines, _insert, _insert, _insert),
    *(_number, _number, _splice, _splice, _long, _nest),
]
