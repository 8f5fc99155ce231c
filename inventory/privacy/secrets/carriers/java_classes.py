"""Java's compiled classes and serialised objects.

A class is read as chapter 4 of the Java Virtual Machine Specification describes it: the texts of its constant pool, the
constants of its fields, and what its code loads before it stores or passes something.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from inventory.privacy.secrets.carriers.extracted_parts import Budget, Carrier, Part, SettingLines, Strings
from inventory.privacy.secrets.carriers.printable_strings import strings
from inventory.privacy.secrets.carriers.row_settings import looks_set, promises, settings
from inventory.privacy.secrets.secret_names import is_secret

_CLASS, _OBJECTS = b"\xca\xfe\xba\xbe", b"\xac\xed\x00\x05"
_SIZES = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}
_LDC, _LDC_W, _PUTSTATIC, _PUTFIELD, _INVOKE = 0x12, 0x13, 0xB3, 0xB5, (0xB6, 0xB7, 0xB8, 0xB9)
_LOADS = re.compile(rb"\x12.|\x13..", re.DOTALL)


class _Class:
    def __init__(self, content: bytes) -> None:
        self.content = content
        self.texts: dict[int, bytes] = {}
        self.references: dict[int, tuple[int, ...]] = {}
        (count,) = struct.unpack_from(">H", content, 8)
        at, number = 10, 1
        while number < count:
            tag = content[at]
            if tag == 1:
                (length,) = struct.unpack_from(">H", content, at + 1)
                self.texts[number] = content[at + 3 : at + 3 + length]
                at += 3 + length
            else:
                size = _SIZES[tag]
                if tag in (8, 9, 10, 11, 12):
                    self.references[number] = (tag, *struct.unpack_from(f">{size // 2}H", content, at + 1))
                at += 1 + size
                number += tag in (5, 6)
            number += 1
        self.end = at

    def string(self, number: int) -> bytes | None:
        """The text of a String constant."""
        reference = self.references.get(number)
        return self.texts.get(reference[1]) if reference and reference[0] == 8 else None

    def member(self, number: int) -> bytes | None:
        """The name of a field or a method that the code refers to."""
        reference = self.references.get(number)
        described = self.references.get(reference[2]) if reference and reference[0] in (9, 10, 11) else None
        return self.texts.get(described[1]) if described and described[0] == 12 else None

    def constants(self) -> Iterator[tuple[bytes, bytes]]:
        """Fields with the constants that they begin with."""
        content = self.content
        (interfaces,) = struct.unpack_from(">H", content, self.end + 6)
        at = self.end + 8 + 2 * interfaces
        (fields,) = struct.unpack_from(">H", content, at)
        at += 2
        for _ in range(fields):
            name, _, attributes = struct.unpack_from(">HHH", content, at + 2)
            at += 8
            for _ in range(attributes):
                kind, length = struct.unpack_from(">HI", content, at)
                if self.texts.get(kind) == b"ConstantValue":
                    value = self.string(struct.unpack_from(">H", content, at + 6)[0])
                    if value and name in self.texts:
                        yield self.texts[name], value
                at += 6 + length

    def loads(self) -> Iterator[tuple[bytes, bytes]]:
        """Constants that are loaded right before they are stored in a field, given to a setter, or follow the name of a
        secret.
        """
        previous: tuple[int, bytes] = (0, b"")
        content = self.content
        for match in _LOADS.finditer(content, self.end):
            load = match[0]
            value = self.string(load[1] if load[0] == _LDC else load[1] << 8 | load[2])
            if not value:
                continue
            end = match.end()
            following = content[end : end + 3]
            if len(following) == 3 and following[0] in (_PUTSTATIC, _PUTFIELD, *_INVOKE):
                name = self.member(following[1] << 8 | following[2])
                if name:
                    yield re.sub(rb"\A(?:set|with|put)(?=[A-Z])", b"", name), value
            if previous[0] == match.start() and is_secret(previous[1]) and looks_set(value):
                yield previous[1], value
            previous = end, value


def _is_class(content: bytes, _path: str) -> bool:
    # A Mach-O file for several processors begins so as well, with their number (few) where a class has its version.
    return content.startswith(_CLASS) and len(content) > 10 and struct.unpack_from(">H", content, 6)[0] >= 45


def _read_class(content: bytes, _budget: Budget) -> Iterator[Part]:
    if not promises(content):
        yield Strings(strings(content), code=True)
        return
    parsed = _Class(content)
    pairs = [*parsed.constants(), *parsed.loads()]
    yield SettingLines(b"\n".join(name + b' = "' + _line(value) + b'"' for name, value in pairs), code=True)
    yield Strings(b"\n".join(parsed.texts.values()), code=True)


def _line(value: bytes) -> bytes:
    return value.replace(b"\n", b"\\n").replace(b'"', b'\\"')


_TEXT = re.compile(rb"\x74(?=(..))", re.DOTALL)
_FIELD = re.compile(rb"[L\[]\x00(.)(?=([A-Za-z_$][\w$]*))", re.DOTALL)


def _is_objects(content: bytes, _path: str) -> bool:
    return content.startswith(_OBJECTS)


def _read_objects(content: bytes, budget: Budget) -> Iterator[Part]:
    """Object Serialization Stream Protocol: ``t`` and a length before each text; the fields of a class precede ``xp``,
    and their values follow in the same order.
    """
    found: list[bytes] = []
    at = 0
    fields: list[bytes] = []
    lines: list[bytes] = []
    for match in _TEXT.finditer(content):
        budget.tick()
        if match.start() < at:
            continue
        length = int.from_bytes(match[1], "big")
        text = content[match.end() + 2 : match.end() + 2 + length]
        if not length or len(text) != length or b"\0" in text:
            continue
        between = content[at : match.start()]
        fields += [each[2][: each[1][0]] for each in _FIELD.finditer(between + b"") if len(each[2]) >= each[1][0]]
        at = match.end() + 2 + length
        if re.fullmatch(rb"\[*L[\w/$.]+;", text):
            continue  # the type of the field before it
        if fields:
            lines += settings((fields.pop(0),), (text,))
        found.append(text)
    lines += settings((), found)
    yield SettingLines(b"\n".join(lines))
    yield Strings(strings(content))


CLASS = Carrier("Java class", _is_class, _read_class, whole=False)
OBJECTS = Carrier("serialised Java objects", _is_objects, _read_objects)
