"""The accounts that may read or change a file of the host: owners, modes, access lists and parent directories.

root may everything, and is not asked about. Of access lists only those that were asked for count; without them the mode
decides, whose group bits are then the most that a list gives.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from containerize.host.access_lists import ACCESS, Attributes
from containerize.host.file_tree import FileEntry, HostTree

ANYBODY = -1
"""Stands for all accounts."""

_READ, _WRITE, _EXECUTE = 4, 2, 1
_USER, _GROUP, _MASK = 0x02, 0x08, 0x10
_STICKY = 0o1000


@dataclass(frozen=True)
class RunningAccount:
    """An account that runs something. ``groups`` are all that it is in."""

    uid: int
    groups: frozenset[int]


class GroupMembers:
    """The accounts in each group, from the host's passwd and group."""

    def __init__(self, passwd: bytes, group: bytes) -> None:
        uids: dict[str, int] = {}
        self._members: dict[int, set[int]] = {}
        for fields in _rows(passwd, 7):
            uids.setdefault(fields[0], int(fields[2]))
            if fields[3].isdigit():
                self._members.setdefault(int(fields[3]), set()).add(int(fields[2]))
        for fields in _rows(group, 4):
            members = {uids[name] for name in fields[3].split(",") if name in uids}
            self._members.setdefault(int(fields[2]), set()).update(members)

    def members(self, gid: int) -> frozenset[int]:
        """The accounts of a group."""
        return frozenset(self._members.get(gid, ()))

    def of(self, uid: int) -> frozenset[int]:
        """The groups of an account."""
        return frozenset(gid for gid, members in self._members.items() if uid in members)


@dataclass(frozen=True)
class Permissions:
    """Answers for real paths of one host."""

    tree: HostTree
    groups: GroupMembers
    access_lists: dict[str, Attributes] = field(default_factory=dict)

    def writers(self, path: str) -> frozenset[int]:
        """The accounts besides root that may change the file at ``path`` or put another in its place. ANYBODY is among
        them where all may.
        """
        found: set[int] = set()
        entry = self.tree.get(path)
        if entry is not None:
            found |= set(self._writers(path, entry))
        child = entry
        for directory in reversed(["/", *self.tree.parents(path)]):
            above = self.tree.get(directory)
            if above is None:
                continue
            if above.mode & _STICKY:
                # Only the owners of the directory and of what is in it may rename that.
                found |= {above.uid} | ({child.uid} if child is not None else set())
            else:
                found |= set(self._writers(directory, above))
            child = above
        return frozenset(found - {0})

    def can_read(self, account: RunningAccount, path: str) -> bool:
        """Whether an account may read or execute the file at ``path``, or list the directory there."""
        return self.can_reach(account, path) and self._may(account, path, _READ | _EXECUTE)

    def can_reach(self, account: RunningAccount, path: str) -> bool:
        """Whether an account may pass through every directory above ``path``."""
        if account.uid == 0:
            return True
        return all(self._may(account, directory, _EXECUTE) for directory in self.tree.parents(path))

    def can_pass(self, account: RunningAccount, directory: str) -> bool:
        """Whether an account may open what is in a directory."""
        return self._may(account, directory, _EXECUTE)

    def learn(self, access_lists: Mapping[str, Attributes]) -> None:
        """Take further access lists into account."""
        self.access_lists.update(access_lists)

    def _may(self, account: RunningAccount, path: str, wanted: int) -> bool:
        """Whether one of the wanted bits is given; True for what is not in the listing."""
        entry = self.tree.get(path)
        if entry is None or entry.kind == "l" or account.uid == 0:
            return True
        if account.uid == entry.uid:
            return bool(entry.mode >> 6 & wanted)
        lists = [*self._entries(path)]
        mask = next((bits for tag, bits, _ in lists if tag == _MASK), 7)
        for tag, bits, number in lists:
            if tag == _USER and number == account.uid:
                return bool(bits & mask & wanted)
        granted = [bits & mask for tag, bits, number in lists if tag == _GROUP and number in account.groups]
        if entry.gid in account.groups:
            granted.append(entry.mode >> 3 & 7)
        if granted:
            return any(bits & wanted for bits in granted)
        return bool(entry.mode & wanted)

    def _writers(self, path: str, entry: FileEntry) -> Iterator[int]:
        yield entry.uid  # who may give the right to itself
        if entry.mode & 0o002:
            yield ANYBODY
        if entry.mode & 0o020:
            yield from self.groups.members(entry.gid)
            for tag, bits, number in self._entries(path):
                if tag == _USER and bits & _WRITE:
                    yield number
                elif tag == _GROUP and bits & _WRITE:
                    yield from self.groups.members(number)

    def _entries(self, path: str) -> Iterator[tuple[int, int, int]]:
        """Tag, permissions and id of the entries of an access list."""
        for name, value in self.access_lists.get(path, ()):
            if name == ACCESS:
                yield from struct.iter_unpack("<HHI", value[4 : len(value) - (len(value) - 4) % 8])


def _rows(content: bytes, least: int) -> Iterator[list[str]]:
    for line in content.decode("utf-8", "replace").split("\n"):
        fields = line.split(":")
        if len(fields) >= least and fields[2].isdigit():
            yield fields
