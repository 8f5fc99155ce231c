"""The members of an archive that are admitted, by the local unpacker and for engines alike."""

from __future__ import annotations

from collections import Counter

from containerize.tar.reader import IncomingMember

LEFT_OUT = {
    "device": "device nodes",
    "long": "files with a name longer than 255 bytes, or a path longer than 4,096 bytes or 256 directories",
    "link": "hard links to files that were not in the copy",
    "climbing": "symbolic links that lead out of the directory, which Docker does not take",
    "attribute": "extended attributes that a copy does not take",
    "privilege": "setuid and setgid bits and file capabilities",
    "time": "times outside of 1970 to 2242",
}
"""What may be left out, in words that follow a number."""

CAPABILITY = b"security.capability"
_ATTRIBUTES = (CAPABILITY, b"system.posix_acl_access", b"system.posix_acl_default")
_LABELS = b"security."
_SPECIAL_BITS = 0o6000
_MAX_NAME, _MAX_VALUE = 255, 1 << 16
"""Limits of setxattr(2)."""


class ArchiveRefused(Exception):
    """The archive is not taken at all; the sentence says why."""


class Admission:
    """Decides for the members of one archive, in their order. ``left_out`` counts by the names of LEFT_OUT.

    ``size`` in bytes on disk and ``entries`` are the most that it may take. Of a ``layer`` more is taken: programs with
    privileges come from images. setuid bits and file capabilities among a service's data have no effect in its
    container, and could have one here.
    """

    def __init__(self, size: int, entries: int, *, layer: bool) -> None:
        self.left_out: Counter[str] = Counter()
        self._size, self._entries, self._layer = size, entries, layer
        self._used = self._seen = 0
        self._links: set[bytes] = set()

    def admit(self, member: IncomingMember) -> bool:
        """Whether a member is taken; what is not taken of it is removed from it. Raises ArchiveRefused."""
        self._spend(member)
        if member.too_long:
            self.left_out["long"] += 1
            return False
        if member.kind == "device":
            self.left_out["device"] += 1
            return False
        if not self._layer:
            self._as_data(member)
        if member.clamped:
            self.left_out["time"] += 1
        if member.xattrs:
            member.xattrs = tuple(each for each in member.xattrs if self._admit_attribute(*each))
        return True

    def _spend(self, member: IncomingMember) -> None:
        self._seen += 1
        self._used += max(member.size + -member.size % _BLOCK, _INODE)
        if self._seen > self._entries:
            raise ArchiveRefused(f"the files need more than {self._entries:,} inodes, which is the limit")
        if self._used > self._size:
            used, most = in_words(self._used), in_words(self._size)
            raise ArchiveRefused(f"the files need at least {used}, and the limit is {most}")

    def _as_data(self, member: IncomingMember) -> None:
        at = member.name.find(b"/") if self._links else -1
        while at > 0:
            if member.name[:at] in self._links:
                raise ArchiveRefused("the archive holds a file below a symbolic link, as no copy of a directory does")
            at = member.name.find(b"/", at + 1)
        if member.kind == "symlink":
            self._links.add(member.name)
            member.mode = 0o777
        elif member.kind != "directory" and member.mode & _SPECIAL_BITS:
            member.mode &= ~_SPECIAL_BITS
            self.left_out["privilege"] += 1

    def _admit_attribute(self, name: bytes, value: bytes) -> bool:
        if name == CAPABILITY and not self._layer:
            self.left_out["privilege"] += 1
            return False
        known = name in _ATTRIBUTES or name.startswith(b"user.")
        if known and len(name) <= _MAX_NAME and b"\0" not in name and len(value) <= _MAX_VALUE:
            return True
        # Security labels are on every file of some hosts, and belong to the policy of the host alone.
        if not name.startswith(_LABELS):
            self.left_out["attribute"] += 1
        return False


_BLOCK, _INODE = 4096, 512
"""Bytes on disk that a file's content is rounded up to, and that any member takes at least."""


def in_words(size: int) -> str:
    """A number of bytes for a message."""
    return f"{size / 1e9:.1f} GB" if size >= 10**9 else f"{size / 1e6:.1f} MB"
