"""A host's tar rewritten for an engine: strictly read, with new headers only."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator

from containerize.runtimes.image_layout import ImageLayout
from containerize.runtimes.runtime import RuntimeFailed
from containerize.sandbox.admission import Admission, ArchiveRefused
from containerize.sandbox.launch import SandboxLimits
from containerize.tar.reader import HostileStream, IncomingMember, Source, read_members
from containerize.tar.writer import END, ROOT, TarError, TarMember, headers, padding

_PIECE = 1 << 18


class StrictTar:
    """The pieces of the new archive, once. ``left_out`` counts what is not in it, by the names of LEFT_OUT."""

    def __init__(self, source: Source, limits: SandboxLimits) -> None:
        self._source = source
        self._admission = Admission(limits.size, limits.entries, layer=False)
        self.left_out = self._admission.left_out
        self._files: set[bytes] = set()

    def __iter__(self) -> Iterator[bytes]:
        """Raises RuntimeFailed and HostileStream."""
        pending: list[bytes] = []
        size = 0
        try:
            for member in read_members(self._source):
                for piece in self._pieces(member):
                    pending.append(piece)
                    size += len(piece)
                    if size >= _PIECE:
                        yield b"".join(pending)
                        pending.clear()
                        size = 0
        except (ArchiveRefused, TarError) as error:
            raise RuntimeFailed(f"files were not copied: {error}") from None
        yield b"".join([*pending, END])

    def _pieces(self, member: IncomingMember) -> Iterator[bytes]:
        if not self._admission.admit(member):
            return
        if member.kind == "file":
            self._files.add(member.name)
        elif member.kind == "hardlink" and member.link not in self._files:
            self.left_out["link"] += 1
            return
        elif member.kind == "symlink" and _climbs(member):
            self.left_out["climbing"] += 1
            return
        yield headers(_written(member))
        yield from member.chunks()
        yield padding(member.size)


def check_layers(layout: ImageLayout, present: int, limits: SandboxLimits) -> None:
    """Read the layers above the first ``present`` as strictly as the unpacker here does, before an engine gets them.
    Raises RuntimeFailed.
    """
    admission = Admission(limits.size, limits.entries, layer=True)
    for blob in layout.layers[present:]:
        with layout.layer(blob) as tar:
            try:
                for member in read_members(tar):
                    admission.admit(member)
            except (ArchiveRefused, HostileStream) as error:
                raise RuntimeFailed(f"layer {blob.digest} of {layout.path} is not loaded: {error}") from None


def _climbs(member: IncomingMember) -> bool:
    """Whether a relative target leaves the directory: Docker rejects the whole archive for one such link."""
    directory = posixpath.dirname(b"/" + member.name)
    depth = directory.count(b"/") if directory != b"/" else 0
    for part in member.link.split(b"/") if not member.link.startswith(b"/") else ():
        depth += -1 if part == b".." else part not in (b"", b".")
        if depth < 0:
            return True
    return False


def _written(member: IncomingMember) -> TarMember:
    assert member.kind != "device"  # noqa: S101 - those are not admitted
    link = os.fsdecode(member.link)
    return TarMember(
        "/" + os.fsdecode(member.name) if member.name else ROOT,
        member.kind,
        member.mode,
        member.uid,
        member.gid,
        member.mtime,
        member.size,
        f"/{link}" if member.kind == "hardlink" else link,
        tuple((os.fsdecode(name), value) for name, value in member.xattrs),
    )
