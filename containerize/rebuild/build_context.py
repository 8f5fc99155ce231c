"""The build context: a Containerfile and the files that it copies."""

from __future__ import annotations

import io
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from containerize.content_store import ContentStore, writing
from containerize.plan.model import PlannedFile
from containerize.rebuild.copy_layout import copy_layout
from containerize.tar.writer import member_name

NAME = "Containerfile"


def write_context(
    folder: Path, text: str, files: Iterable[PlannedFile], directories: Iterable[PlannedFile], content: ContentStore
) -> None:
    """Write it at ``folder`` in the place of what was there. Raises WorkspaceError, ContentMismatch, and TarError for a
    path that must not be written.

    There are directories and plain files, no links, so that nothing in it leads outside. Modes are the host's without
    special bits: those are for the image, and not for the owner of this folder.
    """
    directories = tuple(directories)
    files = tuple(files)
    modes = {directory.path: directory.mode for directory in directories}
    folders = copy_layout(files, directories).folders
    with writing(folder):
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".rebuild-"))
    try:
        with writing(folder):
            (temporary / NAME).write_text(text, "utf-8", errors="replace")
            for file in files:
                _write(temporary / folders[file.path], file, modes, content)
            shutil.rmtree(folder, ignore_errors=True)
            temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _write(root: Path, file: PlannedFile, modes: dict[str, int], content: ContentStore) -> None:
    parts = os.fsdecode(member_name(file.path)).split("/")
    root.parent.mkdir(exist_ok=True)
    at, path = root, ""
    if not root.exists():
        root.mkdir()
        root.chmod(0o755)
    for part in parts[:-1]:
        at, path = at / part, f"{path}/{part}"
        if not at.exists():
            at.mkdir()
            at.chmod(modes.get(path, 0o755) & 0o777 | 0o700)
    with (at / parts[-1]).open("xb") as target:
        for chunk in content.chunks(file.digest):
            target.write(chunk)
        os.fchmod(target.fileno(), file.mode & 0o777 | 0o600)
    os.utime(at / parts[-1], (max(file.mtime, 0), max(file.mtime, 0)))


def write_tar(folder: Path, sink: IO[bytes], text: str = "") -> None:
    """The folder as builders take it, with ``text`` in place of its Containerfile. Owners are generic:
    COPY says them.
    """
    with tarfile.open(fileobj=sink, mode="w", format=tarfile.PAX_FORMAT, errors="surrogateescape") as tar:
        tar.add(folder, arcname=".", filter=_anonymous)
        if text:
            content = text.encode("utf-8", "replace")
            member = tarfile.TarInfo(f"./{NAME}")  # the later of two of a name counts
            member.size, member.mode = len(content), 0o644
            tar.addfile(member, io.BytesIO(content))


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member
