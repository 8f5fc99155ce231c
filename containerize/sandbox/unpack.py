"""Unpack a tar below the root of the running, confined process."""
# ruff: noqa: PTH101, PTH102, PTH103, PTH108, PTH120, PTH208, PTH211
# Names are bytes, as the archive has them; pathlib has only text.

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import dataclass, field

from containerize.sandbox.admission import Admission, ArchiveRefused
from containerize.sandbox.removal import remove_tree
from containerize.tar.reader import IncomingMember, Source, read_members

WHITEOUT, OPAQUE = b".wh.", b".wh..wh..opq"
"""Names by which an OCI layer removes what lower layers brought (image-spec, layer.md)."""

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass
class Unpacking:
    """One archive. ``layer`` applies whiteouts and keeps setuid bits, which only images have."""

    layer: bool
    admission: Admission
    _made: set[bytes] = field(default_factory=set)
    _directories: list[tuple[bytes, int]] = field(default_factory=list)

    def unpack(self, source: Source) -> None:
        """Raises ArchiveRefused, HostileStream and OSError."""
        for member in read_members(source):
            if not self.admission.admit(member):
                continue
            path = b"/" + member.name
            directory, _, name = path.rpartition(b"/")
            if self.layer and name.startswith(WHITEOUT):
                self._white_out(directory, name)
            elif self._make(member, path):
                if self.layer:
                    self._made.add(path)
                if member.kind != "hardlink":
                    self._own(member, path)
        # Last, and the deepest first: what is put into a directory changes its time.
        for path, mtime in reversed(self._directories):
            if _is_directory(path):
                os.utime(path, (mtime, mtime))

    def _white_out(self, directory: bytes, name: bytes) -> None:
        if name != OPAQUE:
            hidden = name.removeprefix(WHITEOUT)
            if hidden in (b"", b".", b".."):
                raise ArchiveRefused("the layer removes a file without a name")
            _remove(directory + b"/" + hidden)
        elif _is_directory(directory or b"/"):
            # It hides what lower layers put there, not what this one did.
            for each in os.listdir(directory or b"/"):
                if (path := directory + b"/" + each) not in self._made:
                    _remove(path)

    def _make(self, member: IncomingMember, path: bytes) -> bool:
        try:
            return self._make_in_directory(member, path)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(path), 0o755, exist_ok=True)
            return self._make_in_directory(member, path)

    def _make_in_directory(self, member: IncomingMember, path: bytes) -> bool:
        """False for a link that is left out. Raises FileNotFoundError when the directory is not there yet."""
        if member.kind == "file":
            _write(member, path)
        elif member.kind == "directory":
            if not _is_directory(path):
                _remove(path)
                os.mkdir(path, 0o700)
        elif member.kind == "hardlink":
            return self._link(b"/" + member.link, path)
        else:
            _remove(path)
            if member.kind == "symlink":
                os.symlink(member.link, path)
            else:
                os.mkfifo(path, 0o600)
        return True

    def _link(self, target: bytes, path: bytes) -> bool:
        if not os.path.lexists(target):
            if self.layer:
                raise ArchiveRefused(f"{printable(path)} is a hard link to a file that is not there")
            self.admission.left_out["link"] += 1
            return False
        if target != path:
            _remove(path)
            os.link(target, path, follow_symlinks=False)
        return True

    def _own(self, member: IncomingMember, path: bytes) -> None:
        os.lchown(path, member.uid, member.gid)
        if member.kind != "symlink":
            os.chmod(path, member.mode)  # after the owner: that clears setuid
        for name, value in member.xattrs:
            try:
                os.setxattr(path, name, value, follow_symlinks=False)
            except OSError:  # the file system here has no such attributes, or none of this size
                self.admission.left_out["attribute"] += 1
        if member.kind == "directory":
            self._directories.append((path, member.mtime))
        else:
            os.utime(path, (member.mtime, member.mtime), follow_symlinks=False)


def printable(name: bytes) -> str:
    """A name of the archive for a message."""
    return ascii(name[:200].decode("ascii", "backslashreplace"))[1:-1]


def _write(member: IncomingMember, path: bytes) -> None:
    try:
        descriptor = os.open(path, _CREATE, 0o600)
    except FileExistsError:
        _remove(path)
        descriptor = os.open(path, _CREATE, 0o600)
    try:
        for chunk in member.chunks():
            view = memoryview(chunk)
            while view:
                view = view[os.write(descriptor, view) :]
    finally:
        os.close(descriptor)


def _is_directory(path: bytes) -> bool:
    """False too when the way there is a file by now, or a loop of links."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def _remove(path: bytes) -> None:
    if path == b"/":
        raise ArchiveRefused("the archive replaces the root directory")
    if _is_directory(path):
        remove_tree(path)
    else:
        with suppress(FileNotFoundError):
            os.unlink(path)
