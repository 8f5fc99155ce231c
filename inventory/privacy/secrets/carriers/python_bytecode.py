"""Compiled Python (.pyc): the constants of its code with the names that they are given to.

The file is read as Python/marshal.c writes it, by this module alone: nothing is unmarshalled, and nothing is executed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from inventory.privacy.secrets.carriers.extracted_parts import Budget, Carrier, Part, SettingLines, Strings, Unread
from inventory.privacy.secrets.carriers.printable_strings import strings
from inventory.privacy.secrets.carriers.row_settings import looks_set, promises
from inventory.privacy.secrets.secret_names import is_secret

_DEEPEST = 64
_MOST = 2_000_000


class _Code(NamedTuple):
    arguments: int
    code: bytes
    constants: tuple[object, ...]
    names: tuple[object, ...]
    variables: tuple[object, ...]


@dataclass(frozen=True)
class _Version:
    """The differences between releases: the header, the numbers before the code, and the numbers of instructions."""

    header: int
    integers: int
    words: bool
    load: int
    stores: tuple[int, ...]
    fast: int
    others: tuple[int, ...]
    keywords: int
    takes_names: tuple[int, ...]
    extended: int
    old_layout: bool = True


# Opcodes from Lib/opcode.py of each release: LOAD_CONST; STORE_NAME, STORE_GLOBAL, STORE_ATTR; STORE_FAST; LOAD_NAME,
# LOAD_GLOBAL and LOAD_FAST, which put one thing more on the stack; KW_NAMES; what takes a tuple of names from the stack
# (CALL_FUNCTION_KW or CALL_KW, BUILD_CONST_KEY_MAP); EXTENDED_ARG.
_STORES, _LOADS, _NAMES = (90, 97, 95), (101, 116, 124), (141, 156)


def _version(magic: int) -> _Version | None:
    """By the number in the first two bytes (Lib/importlib/_bootstrap_external.py lists them); None for unknown ones."""
    if 62000 <= magic <= 62999:
        return _Version(8, 4, False, 100, _STORES, 125, _LOADS, -1, (), 145)
    if not 3000 <= magic < 3600:
        return None
    header = 8 if magic < 3200 else 12 if magic < 3390 else 16
    if magic < 3450:
        return _Version(header, 6 if magic >= 3400 else 5, magic >= 3360, 100, _STORES, 125, _LOADS, -1, _NAMES, 144)
    if magic < 3550:
        return _Version(header, 5, True, 100, _STORES, 125, _LOADS, 172, (156,), 144, old_layout=False)
    return _Version(header, 5, True, 83, (114, 113, 108), 110, (92, 91, 85), -1, (57, 46), 71, old_layout=False)


class _MarshalReader:
    def __init__(self, content: bytes, version: _Version, budget: Budget) -> None:
        self._content = content
        self._version = version
        self._budget = budget
        self._at = version.header
        self._references: list[object] = []
        self._interned: list[object] = []
        self._left = _MOST
        self.codes: list[_Code] = []
        self.texts: list[bytes] = []

    def take(self, size: int) -> bytes:
        if size < 0 or self._at + size > len(self._content):
            raise ValueError("it ends too early")
        self._at += size
        return self._content[self._at - size : self._at]

    def number(self) -> int:
        return int(struct.unpack("<i", self.take(4))[0])

    def value(self, depth: int = 0) -> object:
        self._left -= 1
        if depth > _DEEPEST or self._left < 0:
            raise ValueError("too deep, or too much")
        raw = self.take(1)[0]
        kind = chr(raw & 0x7F)
        place = len(self._references)
        if raw & 0x80:
            self._references.append(None)
        found = self._value(kind, depth + 1)
        if raw & 0x80:
            self._references[place] = found
        return found

    def _value(self, kind: str, depth: int) -> object:
        if kind in "NFT.S0":
            return None
        if kind in "zZ":
            return self._text(self.take(self.take(1)[0]))
        if kind in "sutaA":
            text = self._text(self.take(self.number()))
            if kind == "t" and self._version.header == 8:
                self._interned.append(text)
            return text
        if kind == "R":
            return self._interned[self.number()]
        if kind == "r":
            return self._references[self.number()]
        if kind in ")([<>":
            count = self.take(1)[0] if kind == ")" else self.number()
            return tuple(self.value(depth) for _ in range(max(count, 0)))
        if kind == "{":
            while self._content[self._at : self._at + 1] != b"0":
                self.value(depth)
            return self.take(1) and None
        if kind == ":":
            return tuple(self.value(depth) for _ in range(3))
        if kind == "c":
            return self._code(depth)
        if kind in "iIgyxfl":
            self._skip(kind)
            return None
        raise ValueError("an unknown type")

    def _skip(self, kind: str) -> None:
        if kind in "fx":
            for _ in range(2 if kind == "x" else 1):
                self.take(self.take(1)[0])
        elif kind == "l":
            self.take(2 * abs(self.number()))
        else:
            self.take({"i": 4, "I": 8, "g": 8, "y": 16}[kind])

    def _text(self, raw: bytes) -> bytes:
        self.texts.append(raw)
        return raw

    def _code(self, depth: int) -> _Code:
        self._budget.tick()
        version = self._version
        integers = [self.number() for _ in range(version.integers)]
        code = self.value(depth)
        self.texts.pop()  # the instructions themselves
        constants, names, variables = self.value(depth), self.value(depth), self.value(depth)
        # Old: free and cell variables, file, name; new: kinds of variables, file, name, qualified name.
        for _ in range(4):
            self.value(depth)
        self.number()
        for _ in range(1 if version.old_layout else 2):
            self.value(depth)
        found = _Code(integers[0], _bytes(code), _tuple(constants), _tuple(names), _tuple(variables))
        self.codes.append(found)
        return found


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""


def _tuple(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()


def recognises(content: bytes, _path: str) -> bool:
    """By the magic number, which ends as no text does."""
    magic = int.from_bytes(content[:2], "little")
    return content[2:4] == b"\r\n" and len(content) > 16 and (3000 <= magic < 4000 or 62000 <= magic < 63000)


def read(content: bytes, budget: Budget) -> Iterator[Part]:
    """Names and constants as assignments, and all texts as they are."""
    version = _version(int.from_bytes(content[:2], "little"))
    if version is None:
        yield Unread("", "compiled by an unknown release of Python")
        return
    if not promises(content):
        yield Strings(strings(content), code=True)
        return
    reader = _MarshalReader(content, version, budget)
    try:
        reader.value()
    finally:
        lines = [line for code in reader.codes for line in _assignments(code, version)]
        yield SettingLines(b"\n".join(lines), code=True)
        yield Strings(b"\n".join(reader.texts), code=True)


def _assignments(code: _Code, version: _Version) -> Iterator[bytes]:
    """Values that are stored under a name; keyword arguments and dictionaries; defaults of arguments."""
    stack: list[object] = []
    instructions = [*_instructions(code.code, version), (0, 0)]
    for (operation, argument), (following, _) in pairwise(instructions):
        if operation in (version.load, version.keywords):
            constant = code.constants[argument] if argument < len(code.constants) else None
            if isinstance(constant, _Code):
                yield from _defaults(constant, stack)
            elif isinstance(constant, tuple) and (operation == version.keywords or following in version.takes_names):
                values = stack[-len(constant) :] if constant else []
                yield from _paired(constant[len(constant) - len(values) :], values)
            elif stack and isinstance(stack[-1], bytes) and isinstance(constant, bytes):
                # A dictionary; Python 2 loads the value first. Both may also be words that only follow each other.
                yield from _paired((stack[-1],), [constant] if looks_set(constant) else [])
                if not version.words:
                    yield from _paired((constant,), [stack[-1]] if looks_set(stack[-1]) else [])
            stack.append(constant)
        elif operation in version.stores or operation == version.fast:
            names = code.variables if operation == version.fast else code.names
            value = next((each for each in reversed(stack) if isinstance(each, bytes)), None)
            if argument < len(names) and value is not None and len(stack) <= 2:
                yield from _paired((names[argument],), [value])
            stack.clear()
        elif operation in version.others:
            stack.append(None)
        elif operation:
            stack.clear()
        del stack[:-64]


def _defaults(function: _Code, stack: list[object]) -> Iterator[bytes]:
    """The defaults of a function's last arguments: a tuple before its code, or in Python 2 one by one."""
    arguments = function.variables[: max(function.arguments, 0)]
    tuples = [each for each in stack[-3:] if isinstance(each, tuple) and not isinstance(each, _Code)]
    # Annotations are a tuple too: names of arguments and what they are, in turns.
    defaults = [each for each in tuples if not {*each[::2]} <= {*function.variables, b"return"}]
    values = [*defaults[-1]] if defaults else [] if tuples else stack
    count = min(len(arguments), len(values))
    if count:
        yield from _paired(arguments[-count:], values[-count:])


def _paired(names: tuple[object, ...], values: list[object]) -> Iterator[bytes]:
    for name, value in zip(names, values, strict=False):
        if isinstance(name, bytes) and isinstance(value, bytes) and len(name) <= 128 and is_secret(name):
            yield name + b' = "' + value.replace(b"\n", b"\\n").replace(b'"', b'\\"') + b'"'


def _instructions(code: bytes, version: _Version) -> Iterator[tuple[int, int]]:
    at, extended = 0, 0
    while at < len(code):
        operation = code[at]
        if version.words:
            argument = code[at + 1] if at + 1 < len(code) else 0
            at += 2
            argument |= extended << 8
        elif operation >= 90:
            argument = int.from_bytes(code[at + 1 : at + 3], "little") | extended << 16
            at += 3
        else:
            argument, extended = 0, 0
            at += 1
        if operation == version.extended:
            extended = argument
            continue
        extended = 0
        yield operation, argument


CARRIER = Carrier("Python bytecode", recognises, read, whole=False)
