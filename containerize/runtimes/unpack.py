"""Unpacks a tar from standard input into a directory, as a process of its own: ``python unpack.py DIRECTORY``.

What is unpacked was made by others: a link that climbs out, followed by a file beneath it, would write anywhere. The
process therefore makes the directory its root before it reads the first byte; then there is nowhere to climb to. It
uses the standard library alone, and everything is imported before the root changes.

Whiteouts of OCI layers (``.wh.name``, ``.wh..wh..opq``) remove what lower layers brought when ``--layer`` is given.
"""

from __future__ import annotations

import os
import shutil
import sys
import tarfile
from pathlib import Path

_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_XATTR = "SCHILY.xattr."


def unpack(stream: tarfile.TarFile, layer: bool) -> None:
    """Unpack everything below the root. Owners and modes are set; device nodes are left out."""
    directories: list[tarfile.TarInfo] = []
    made: set[Path] = set()
    for member in stream:
        path = _place(member.name)
        if layer and path.name == _OPAQUE:
            _hide(path.parent, made)
        elif layer and path.name.startswith(_WHITEOUT):
            _remove(path.with_name(path.name.removeprefix(_WHITEOUT)))
        elif not member.ischr() and not member.isblk():
            path.parent.mkdir(parents=True, exist_ok=True)
            _make(stream, member, path)
            made.add(path)
            _own(member, path)
            if member.isdir():
                directories.append(member)
    # Last, and the deepest first: what is put into a directory changes its time.
    for member in reversed(directories):
        path = _place(member.name)
        if path.is_dir() and not path.is_symlink():
            os.utime(path, (member.mtime, member.mtime))


def _place(name: str) -> Path:
    """Normalised as seen from the root: ``..`` stops there."""
    return Path(os.path.normpath(f"/{name}"))


def _make(stream: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    if member.isdir():
        if path.is_symlink() or not path.is_dir():
            _remove(path)
            path.mkdir(0o700)
        return
    _remove(path)
    if member.issym():
        path.symlink_to(member.linkname)
    elif member.islnk():
        os.link(_place(member.linkname), path, follow_symlinks=False)
    elif member.isfifo():
        os.mkfifo(path, 0o600)
    elif member.isreg():
        content = stream.extractfile(member)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            if content is not None:
                shutil.copyfileobj(content, file, 1 << 20)


def _own(member: tarfile.TarInfo, path: Path) -> None:
    if not os.path.lexists(path) or member.islnk():
        return
    os.lchown(path, member.uid, member.gid)
    if not member.issym():
        path.chmod(member.mode & 0o7777)  # after the owner: that clears setuid
    for key, value in member.pax_headers.items():
        if key.startswith(_XATTR):
            name, content = key.removeprefix(_XATTR), value.encode("utf-8", "surrogateescape")
            try:
                os.setxattr(path, name, content, follow_symlinks=False)
            except OSError as error:
                sys.stderr.write(f"{path}: {name}: {error.strerror}\n")
    if not member.isdir():
        os.utime(path, (member.mtime, member.mtime), follow_symlinks=False)


def _remove(path: Path) -> None:
    if path == Path("/"):
        return
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _hide(directory: Path, made: set[Path]) -> None:
    """An opaque directory hides what lower layers put there, not what this one did."""
    if directory.is_dir() and not directory.is_symlink():
        for path in directory.iterdir():
            if path not in made:
                _remove(path)


def main() -> None:
    """See the module."""
    os.chroot(sys.argv[1])
    os.chdir("/")
    os.umask(0o022)
    try:
        with tarfile.open(fileobj=sys.stdin.buffer, mode="r|", errorlevel=2) as stream:
            unpack(stream, "--layer" in sys.argv[2:])
        while sys.stdin.buffer.read(1 << 20):
            pass
    except (OSError, tarfile.TarError) as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
