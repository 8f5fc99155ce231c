"""SQLite databases: the rows of every table, also those in pages that were freed, and the strings of the rest.

The file is read as https://www.sqlite.org/fileformat2.html describes it, page by page. It is never opened by SQLite,
which trusts a file in too many places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from inventory.privacy.secrets.carriers.extracted_parts import Budget, Carrier, Part, SettingLines, Strings
from inventory.privacy.secrets.carriers.printable_strings import strings
from inventory.privacy.secrets.carriers.row_settings import settings

_MAGIC = b"SQLite format 3\x00"
_INTERIOR, _LEAF = 0x05, 0x0D
_PAGES = (0x02, _INTERIOR, 0x0A, _LEAF)
_MOST_PAGES = 1 << 20
_MOST_COLUMNS = 2000
_COLUMN = re.compile(rb"""^\s*(?:"([^"]+)"|`([^`]+)`|\[([^\]]+)\]|'([^']+)'|([\w$]+))""")
_LENGTHS = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)
_ENCODINGS = {2: "utf-16-le", 3: "utf-16-be"}

Row = list[bytes | int | None]


class _Database:
    def __init__(self, content: bytes, budget: Budget) -> None:
        self._content = content
        self._budget = budget
        self._size = int.from_bytes(content[16:18], "big")
        self._size = 65536 if self._size == 1 else self._size
        if self._size < 512 or self._size & (self._size - 1):
            raise ValueError("no page size")
        self._usable = self._size - content[20]
        self._encoding = _ENCODINGS.get(int.from_bytes(content[56:60], "big"))
        self.pages = min(len(content) // self._size, _MOST_PAGES)

    def rows(self, number: int) -> Iterator[Row]:
        """Of a leaf of a table, those that can be read; also of one that was freed, whose header is overwritten."""
        begin, head = self._header(number)
        kind = self._content[head]
        for at in self._cells(begin, head, 8) if kind == _LEAF else () if kind in _PAGES else self._freed(begin):
            row = self._row(at, begin + self._size)
            if row:
                self._budget.tick()
                yield row

    def leaves(self, root: int) -> Iterator[int]:
        """The numbers of the leaves below a page."""
        todo, known = [root], set[int]()
        while todo:
            number = todo.pop()
            if number in known or not 1 <= number <= self.pages:
                continue
            known.add(number)
            begin, head = self._header(number)
            kind = self._content[head]
            if kind == _LEAF:
                yield number
            elif kind == _INTERIOR:
                todo.append(int.from_bytes(self._content[head + 8 : head + 12], "big"))
                todo += [int.from_bytes(self._content[at : at + 4], "big") for at in self._cells(begin, head, 12)]

    def _header(self, number: int) -> tuple[int, int]:
        begin = (number - 1) * self._size
        return begin, begin + (100 if number == 1 else 0)

    def _cells(self, begin: int, head: int, header: int) -> Iterator[int]:
        count = int.from_bytes(self._content[head + 3 : head + 5], "big")
        for at in range(head + header, min(head + header + 2 * count, begin + self._size - 1), 2):
            offset = int.from_bytes(self._content[at : at + 2], "big")
            if header <= offset < self._size - 3:
                yield begin + offset

    def _freed(self, begin: int) -> Iterator[int]:
        for at in range(begin + 8, begin + self._size - 1, 2):
            offset = int.from_bytes(self._content[at : at + 2], "big")
            if not 8 <= offset < self._size - 3:
                return
            yield begin + offset

    def _varint(self, data: bytes, at: int) -> tuple[int, int]:
        value = 0
        for count in range(9):
            if at >= len(data):
                raise ValueError("a number ends too early")
            byte = data[at]
            at += 1
            if count == 8:
                return value << 8 | byte, at
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                break
        return value, at

    def _row(self, at: int, end: int) -> Row | None:
        try:
            size, at = self._varint(self._content, at)
            _, at = self._varint(self._content, at)
            if not 0 < size <= len(self._content):
                return None
            return self._columns(self._payload(at, size, end))
        except ValueError:
            return None

    def _payload(self, at: int, size: int, end: int) -> bytes:
        usable = self._usable
        largest = usable - 35
        if size <= largest:
            return self._content[at : min(at + size, end)]
        least = (usable - 12) * 32 // 255 - 23
        local = least + (size - least) % (usable - 4)
        local = local if local <= largest else least
        pieces = [self._content[at : at + local]]
        following = int.from_bytes(self._content[at + local : at + local + 4], "big")
        left = size - local
        while left > 0 and 1 <= following <= self.pages:
            begin = (following - 1) * self._size
            pieces.append(self._content[begin + 4 : begin + usable][:left])
            left -= usable - 4
            self._budget.expand(usable)
            following = int.from_bytes(self._content[begin : begin + 4], "big")
        return b"".join(pieces)

    def _columns(self, payload: bytes) -> Row:
        header, at = self._varint(payload, 0)
        body, row = header, Row()
        if header > len(payload):
            raise ValueError("no row")
        while at < header and len(row) < _MOST_COLUMNS:
            kind, at = self._varint(payload, at)
            length = _LENGTHS[kind] if kind < 10 else (kind - 12) // 2
            if length < 0 or body + length > len(payload):
                raise ValueError("no row")
            raw = payload[body : body + length]
            if kind >= 12:
                row.append(self._text(raw, text=bool(kind % 2)))
            else:
                row.append(int.from_bytes(raw, "big") if 1 <= kind <= 6 else None)
            body += length
        return row

    def _text(self, raw: bytes, *, text: bool) -> bytes:
        if text and self._encoding:
            return raw.decode(self._encoding, "replace").encode("utf-8", "replace")
        return raw


def recognises(content: bytes, _path: str) -> bool:
    """By the magic text."""
    return content.startswith(_MAGIC) and len(content) >= 512


def read(content: bytes, budget: Budget) -> Iterator[Part]:
    """Settings of every row with the names of its columns where these are known, then strings."""
    database = _Database(content, budget)
    named: dict[int, Sequence[bytes]] = {}
    for leaf in database.leaves(1):
        for row in database.rows(leaf):
            match row:  # of sqlite_schema: type, name, table, first page, statement
                case [b"table", _, _, int(root), bytes(statement), *_]:
                    columns = columns_of(statement)
                    for number in database.leaves(root):
                        named.setdefault(number, columns)
    lines: list[bytes] = []
    for number in range(1, database.pages + 1):
        for row in database.rows(number):
            lines += settings(named.get(number, ()), [each if isinstance(each, bytes) else None for each in row])
    yield SettingLines(b"\n".join(lines))
    yield Strings(strings(content))


def columns_of(statement: bytes) -> tuple[bytes, ...]:
    """The names of the columns of CREATE TABLE."""
    begin = statement.find(b"(")
    if begin < 0:
        return ()
    pieces, depth, last, quote = [], 0, begin + 1, 0
    for at in range(begin + 1, len(statement)):
        char = statement[at]
        if quote:
            quote = 0 if char == quote else quote
        elif char in b"\"'`":
            quote = char
        elif char == 0x28:
            depth += 1
        elif char == 0x29 and depth:
            depth -= 1
        elif char in b",)" and not depth:
            pieces.append(statement[last:at])
            last = at + 1
            if char == 0x29:
                break
    matches = (match for piece in pieces if (match := _COLUMN.match(piece)))
    return tuple(next(group for group in match.groups() if group is not None) for match in matches)


CARRIER = Carrier("SQLite database", recognises, read)
