"""The kernel's state in small files, read with their paths (see :mod:`inventory.formats.grep_lines`)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from inventory.formats.grep_lines import FileLine, file_lines
from inventory.formats.unreadable_rows import skip_row, unreadable_row
from inventory.model.kernel import BinaryFormat, Filesystem, HugePages, KernelKey, Protocol
from inventory.observation import Origin
from inventory.recording import Part
from inventory.section import ParseError

_SECTION: Final = "kernel"
_FORMATS = "/proc/sys/fs/binfmt_misc/"
_POOL = re.compile(r"/sys/kernel/mm/hugepages/hugepages-(?P<kilobytes>\d{1,12})kB/(?P<what>\w+)_hugepages", re.ASCII)
_KEY = re.compile(
    r"(?P<serial>[0-9a-f]{1,8}) \S+ +\d+ +\S+ +[0-9a-f]+ +(?P<uid>-?\d{1,11}) +-?\d+ +"
    r"(?P<kind>\S+) +(?P<description>.*)",
    re.ASCII | re.DOTALL,
)
_CHOSEN = re.compile(r"\[(\w+)\]")


class KernelState:
    """The part ``state``. A file that the kernel does not have is missing, which older kernels make the rule."""

    def __init__(self, part: Part | None) -> None:
        self._asked = part is not None
        self._files: dict[str, list[FileLine]] = {}
        for line in file_lines(part):
            self._files.setdefault(line.path, []).append(line)

    def first(self, path: str) -> str:
        """The first line of a file; "" when there is none."""
        lines = self._files.get(path)
        return lines[0].text.strip() if lines else ""

    def security_modules(self) -> tuple[str, ...]:
        """The kernel's own list, else those that show themselves elsewhere (securityfs is often not mounted)."""
        listed = self.first("/sys/kernel/security/lsm")
        if listed:
            return tuple(name for name in listed.split(",") if name)
        label = self.first("/proc/self/attr/current").rstrip("\0")
        signs = (
            ("selinux", self.selinux() != "" or re.fullmatch(r"[\w.-]+:[\w.-]+:[\w.-]+(:.*)?", label) is not None),
            (
                "apparmor",
                self.first("/sys/module/apparmor/parameters/enabled") == "Y"
                or re.fullmatch(r"unconfined|.* \((enforce|complain|kill|unconfined)\)", label) is not None,
            ),
            ("smack", "/sys/fs/smackfs/load2" in self._files),
            ("yama", "/proc/sys/kernel/yama/ptrace_scope" in self._files),
        )
        return tuple(name for name, seen in signs if seen)

    def selinux(self) -> str:
        """``enforcing``, ``permissive`` or ""."""
        value = self.first("/sys/fs/selinux/enforce") or self.first("/selinux/enforce")
        return {"1": "enforcing", "0": "permissive"}.get(value, "")

    def fips(self) -> bool | None:
        """Whether the kernel restricts itself to the algorithms of FIPS 140."""
        return {"1": True, "0": False}.get(self.first("/proc/sys/crypto/fips_enabled"))

    def transparent_huge_pages(self) -> str:
        """The word in brackets of ``always [madvise] never``."""
        for place in ("transparent_hugepage", "redhat_transparent_hugepage"):
            if match := _CHOSEN.search(self.first(f"/sys/kernel/mm/{place}/enabled")):
                return match[1]
        return ""

    def huge_pages(self) -> tuple[HugePages, ...]:
        """The pools, by size of their pages."""
        pools: dict[int, dict[str, int]] = {}
        origins: dict[int, Origin] = {}
        for path, lines in self._files.items():
            if match := _POOL.fullmatch(path):
                size = int(match["kilobytes"]) * 1024
                with skip_row:
                    pools.setdefault(size, {})[match["what"]] = _count(lines[0].text, path)
                    origins.setdefault(size, self._at(lines[0]))
        return tuple(
            HugePages(
                size,
                counts.get("nr", 0),
                counts.get("free", 0),
                counts.get("resv", 0),
                counts.get("surplus", 0),
                counts.get("nr_overcommit", 0),
                origins[size],
            )
            for size, counts in sorted(pools.items())
            if counts
        )

    def protocols(self) -> tuple[Protocol, ...] | None:
        """Rows of ``protocol size sockets memory press maxhdr slab module …``."""
        found: list[Protocol] = []
        for line in self._rows("/proc/net/protocols"):
            words = line.text.split()
            if words[:2] == ["protocol", "size"] or not words:
                continue
            if len(words) < 8:
                unreadable_row(f"state:{line.number} is not a protocol")
                continue
            with skip_row:
                # a protocol that keeps no count has -1
                count = 0 if words[2].startswith("-") else _count(words[2], line.path)
                found.append(Protocol(words[0], count, words[7], self._at(line)))
        return tuple(found) if "/proc/net/protocols" in self._files else None

    def filesystems(self) -> tuple[Filesystem, ...] | None:
        """Rows of ``nodev<tab>name`` or ``<tab>name``."""
        if "/proc/filesystems" not in self._files:
            return None
        found: list[Filesystem] = []
        for line in self._rows("/proc/filesystems"):
            first, _, name = line.text.partition("\t")
            if name:
                found.append(Filesystem(name, first != "nodev", self._at(line)))
        return tuple(found)

    def keys(self) -> tuple[KernelKey, ...] | None:
        """Keys that the reader may see; an empty file cannot be distinguished from no keys."""
        if "/proc/keys" not in self._files:
            return None
        found: list[KernelKey] = []
        for line in self._rows("/proc/keys"):
            match = _KEY.fullmatch(line.text)
            if match is None:
                unreadable_row(f"state:{line.number} is not a key")
                continue
            found.append(
                KernelKey(
                    int(match["serial"], 16), match["kind"], match["description"], int(match["uid"]), self._at(line)
                )
            )
        return tuple(found)

    def _rows(self, path: str) -> Iterable[FileLine]:
        return self._files.get(path, ())

    def _at(self, line: FileLine) -> Origin:
        return Origin(_SECTION, "state", line.number)


def read_formats(part: Part | None) -> tuple[BinaryFormat, ...] | None:
    """Registered formats; None when binfmt_misc is not mounted. Its file ``status`` is there even without any."""
    if part is None or not part.content:
        return None
    entries: dict[str, list[FileLine]] = {}
    for line in file_lines(part):
        if line.path.startswith(_FORMATS) and line.path not in (f"{_FORMATS}status", f"{_FORMATS}register"):
            entries.setdefault(line.path, []).append(line)
    return tuple(_format(path, lines) for path, lines in entries.items())


def _format(path: str, lines: list[FileLine]) -> BinaryFormat:
    fields = dict(pair[::2] for line in lines if (pair := line.text.partition(" "))[0])
    return BinaryFormat(
        name=path.removeprefix(_FORMATS),
        interpreter=fields.get("interpreter", ""),
        flags=fields.get("flags:", "").strip(),
        pattern=fields.get("extension") or fields.get("magic") or "",
        enabled="enabled" in fields,
        origin=Origin(_SECTION, "formats", lines[0].number),
    )


def _count(text: str, path: str) -> int:
    word = text.strip()
    if not (word.isascii() and word.isdigit() and len(word) <= 20):
        raise ParseError(f"{path} has {word[:40]!r} where a number is expected")
    return int(word)
