r"""Reading ``reg query``, which speaks the same in every language and since Server 2003.

    HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\InetStp
        MajorVersion    REG_DWORD    0xa

Server 2003 has tabs between the columns and a line ``! REG.EXE VERSION 3.0`` before. Keys below stand by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from inventory.recording import Part

_KEY = re.compile(r"HKEY_[A-Z_]+(?:\\.*)?")
_VALUE = re.compile(r"(?:    |\t)(?P<name>.*?)(?:    |\t)(?P<kind>REG_[A-Z_]+)(?:(?:    |\t)(?P<data>.*))?", re.DOTALL)
_ROOT = re.compile(r"^HK(LM|CU|U|CR|CC)(?=\\|$)", re.IGNORECASE)
_LONG = {
    "LM": "HKEY_LOCAL_MACHINE",
    "CU": "HKEY_CURRENT_USER",
    "U": "HKEY_USERS",
    "CR": "HKEY_CLASSES_ROOT",
    "CC": "HKEY_CURRENT_CONFIG",
}


@dataclass(frozen=True, slots=True)
class RegistryValue:
    r"""A value. ``kind`` is ``REG_SZ`` …; ``data`` as printed, items of a list apart by ``\0``; ``line`` from 1."""

    key: str
    name: str
    kind: str
    data: str
    part: str
    line: int

    @property
    def number(self) -> int | None:
        """The number of a REG_DWORD or REG_QWORD, else None."""
        if self.kind not in ("REG_DWORD", "REG_QWORD", "REG_DWORD_BIG_ENDIAN"):
            return None
        return int(self.data, 16) if re.fullmatch(r"0x[0-9a-fA-F]{1,16}", self.data, re.ASCII) else None

    @property
    def items(self) -> tuple[str, ...]:
        r"""The items of a REG_MULTI_SZ, which ``reg`` prints with ``\0`` between them."""
        return tuple(item for item in self.data.split("\\0") if item)


@dataclass(frozen=True, slots=True)
class RegistryKey:
    """A key with its values. ``line`` is its line in the part."""

    path: str
    values: tuple[RegistryValue, ...]
    part: str
    line: int

    @property
    def name(self) -> str:
        """The last piece of the path."""
        return self.path.rpartition("\\")[2]

    def value(self, name: str) -> RegistryValue | None:
        """The value called ``name``, in either case of letters."""
        return next((value for value in self.values if value.name.lower() == name.lower()), None)

    def text(self, name: str) -> str:
        """The data of a value, "" when there is none."""
        value = self.value(name)
        return value.data.strip() if value is not None else ""

    def number(self, name: str) -> int | None:
        """The number of a value; None when there is none."""
        value = self.value(name)
        return value.number if value is not None else None


def keys(part: Part | None) -> tuple[RegistryKey, ...]:
    """The keys of an answer in their order, also those without values. A line that is neither continues the value
    before it.
    """
    found: list[RegistryKey] = []
    values: list[RegistryValue] = []
    if part is None:
        return ()
    for number, line in enumerate(part.lines(), 1):
        line = line.rstrip("\r")
        if _KEY.fullmatch(line):
            if found:
                found[-1] = replace(found[-1], values=tuple(values))
            values = []
            found.append(RegistryKey(line, (), part.name, number))
        elif found and (match := _VALUE.fullmatch(line)):
            data = match["data"] or ""
            values.append(RegistryValue(found[-1].path, match["name"].strip(), match["kind"], data, part.name, number))
        elif values and line.strip():
            values[-1] = replace(values[-1], data=f"{values[-1].data}\n{line}")
    if found:
        found[-1] = replace(found[-1], values=tuple(values))
    return tuple(found)


def key(part: Part | None, path: str) -> RegistryKey | None:
    r"""The key ``path`` (``HKLM\…``) of an answer; None when the host has none."""
    wanted = _ROOT.sub(lambda match: _LONG[match[1].upper()], path).lower()
    return next((each for each in keys(part) if each.path.lower() == wanted), None)


def first(part: Part | None) -> RegistryKey | None:
    """The first key of an answer: the one that was asked for."""
    found = keys(part)
    return found[0] if found else None


def rewrite_values(part: Part, change: Callable[[str, bytes], bytes]) -> Part:
    """``part`` with the data of each value put through ``change`` (the value's name and its data), for redaction."""
    lines = part.content.decode("utf-8", "surrogateescape").split("\n")
    changed: list[str] = []
    name = ""
    for line in lines:
        if _KEY.fullmatch(line.rstrip("\r")):
            name = ""
            changed.append(line)
        elif (match := _VALUE.fullmatch(line)) and match["data"]:
            name = match["name"].strip()
            changed.append(line[: match.start("data")] + _through(name, match["data"], change))
        else:
            changed.append(_through(name, line, change))
    return replace(part, content="\n".join(changed).encode("utf-8", "surrogateescape"))


def _through(name: str, value: str, change: Callable[[str, bytes], bytes]) -> str:
    return change(name, value.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")
