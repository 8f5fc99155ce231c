"""A local root file system (a directory, a tar or an image): its listing and its contents.

Nothing is unpacked: a tar is read where it lies, or where it was decompressed to, and a link in it leads nowhere.
"""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import posixpath
import shutil
import stat
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

import zstandard

from containerize.host.file_tree import FileEntry, HostTree
from containerize.rebase.errors import RebaseError
from containerize.runtimes.image_layout import ImageLayout
from containerize.tar.archive_index import SMALL, FilePart, files_by_name, index
from containerize.tar.reader import HostileStream, Kind

_CHUNK = 1 << 20
_DIRECTORY = FileEntry("d", 0o755, 0, 0, 0, 0, -1, "", "")
_KINDS: dict[Kind, str] = {"file": "f", "directory": "d", "symlink": "l", "device": "c", "fifo": "p"}
_WHITEOUT, _OPAQUE = ".wh.", ".wh..wh..opq"


@dataclass(frozen=True)
class RootFiles:
    """``name`` is how it was given, ``chunks`` gives the content of a file by its real path."""

    name: str
    tree: HostTree
    chunks: Callable[[str], Iterator[bytes]]

    def read(self, path: str) -> bytes:
        """A whole file; b"" when there is none. A link is followed."""
        found = self.tree.resolve(path)
        entry = self.tree.get(found.path) if found else None
        if found is None or entry is None or entry.kind != "f":
            return b""
        return b"".join(self.chunks(found.path))


@contextmanager
def open_root(source: str) -> Iterator[RootFiles]:
    """Open what ``source`` names: a directory, an image layout, a tar (of files, ``docker save`` or an OCI archive), or
    else an image that the local Docker has. Raises RebaseError.
    """
    path = Path(source)
    with ExitStack() as stack:
        try:
            if path.is_dir() and (path / "oci-layout").exists():
                layout = ImageLayout.open(path)
                yield _from_tars(source, [_spooled_layer(layout, at, stack) for at in range(len(layout.layers))])
            elif path.is_dir():
                yield _from_directory(source, path)
            elif path.exists():
                yield _from_archive(source, stack.enter_context(path.open("rb")), stack)
            elif source.startswith(("/", "./", "../")):
                raise RebaseError(
                    f"{source} is not there; --from takes a directory, a tar, an image layout or an image"
                )
            else:
                yield _from_archive(source, _saved(source, stack), stack)
        except (HostileStream, EOFError, lzma.LZMAError, zlib.error, zstandard.ZstdError, gzip.BadGzipFile) as error:
            raise RebaseError(f"{source} cannot be read as a tar ({error}); is it whole?") from None
        except PermissionError as error:
            raise RebaseError(f"{error.filename or source} cannot be read; run this as root, or give a tar") from None
        except OSError as error:
            if error.errno is not None:  # a full disk, for one, is told elsewhere
                raise
            raise RebaseError(f"{source} cannot be decompressed ({error}); is it whole?") from None


def _from_directory(name: str, root: Path) -> RootFiles:
    entries: dict[str, FileEntry] = {}
    todo = [""]
    while todo:
        at = todo.pop()
        with os.scandir(f"{root}{at}" if at else root) as found:
            for each in found:
                path, status = f"{at}/{each.name}", each.stat(follow_symlinks=False)
                kind = {stat.S_IFREG: "f", stat.S_IFDIR: "d", stat.S_IFLNK: "l"}.get(stat.S_IFMT(status.st_mode), "c")
                inode = f"{status.st_dev}:{status.st_ino}" if kind == "f" and status.st_nlink > 1 else ""
                link = str(Path(each.path).readlink()) if kind == "l" else ""
                entries[path] = FileEntry(
                    kind, stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid, status.st_size,
                    int(status.st_mtime), -1, inode, link,
                )  # fmt: skip
                if kind == "d":
                    todo.append(path)
    owner = entries.get("/usr", _DIRECTORY).uid
    if owner:
        raise RebaseError(f"the files of {name} belong to user {owner} where root's are meant; give it as a tar")

    def chunks(path: str) -> Iterator[bytes]:
        handle = os.open(f"{root}{path}", os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    return RootFiles(name, HostTree(entries), chunks)


def _from_tars(name: str, files: Sequence[IO[bytes]]) -> RootFiles:
    """The listing of layers upon each other, with their marks of what is removed."""
    entries: dict[str, FileEntry] = {}
    members: dict[str, FilePart] = {}
    for file in files:
        made: set[str] = set()
        for member, part in index(file):
            path = "/" + os.fsdecode(member.name)
            if member.too_long or path == "/":
                continue
            directory, base = posixpath.split(path)
            if base.startswith(_WHITEOUT) and len(files) > 1:
                hidden = directory if base == _OPAQUE else posixpath.join(directory, base.removeprefix(_WHITEOUT))
                for each in [each for each in entries if each not in made and _hides(hidden, each, base == _OPAQUE)]:
                    del entries[each]
                continue
            if member.kind == "hardlink":
                target = "/" + os.fsdecode(member.link)
                if target not in members:
                    continue
                entries[target] = entries[target]._replace(inode=f"tar:{target}")
                entries[path], members[path] = entries[target], members[target]
            else:
                entries[path] = FileEntry(
                    _KINDS[member.kind], member.mode, member.uid, member.gid, member.size, member.mtime, -1, "",
                    os.fsdecode(member.link),
                )  # fmt: skip
                members[path] = part
            made.add(path)
    for path in list(entries):
        while (path := posixpath.dirname(path)) not in ("/", ""):
            entries.setdefault(path, _DIRECTORY)

    def chunks(path: str) -> Iterator[bytes]:
        part = members[path]
        part.seek(0)
        while chunk := part.read(_CHUNK):
            yield chunk

    return RootFiles(name, HostTree(entries), chunks)


def _hides(hidden: str, path: str, only_below: bool) -> bool:
    return path.startswith(f"{hidden}/") or (path == hidden and not only_below)


def _from_archive(name: str, file: IO[bytes], stack: ExitStack) -> RootFiles:
    """A tar of a root file system, or of an image as engines save it."""
    plain = _plain(file, stack)
    parts = files_by_name(plain)
    layers = _layers(parts)
    if layers is None:
        return _from_tars(name, [plain])
    spooled = []
    for layer in layers:
        if layer not in parts:
            raise RebaseError(f"a layer of {name} is missing in it; save the image again")
        spooled.append(_plain(cast(IO[bytes], parts[layer]), stack))
    return _from_tars(name, spooled)


def _layers(parts: Mapping[str, FilePart]) -> list[str] | None:
    """The names of the layers of an image in an archive, from the bottom; None when it is not an image."""

    def document(name: str) -> Any:
        return json.loads(parts[name].read(SMALL))

    def place(digest: str) -> str:
        return f"blobs/{digest.replace(':', '/', 1)}"

    try:
        if "manifest.json" in parts:
            return [str(layer) for layer in document("manifest.json")[0]["Layers"]]
        if {"oci-layout", "index.json"} <= parts.keys():
            row = document("index.json")["manifests"][0]
            manifest = document(place(row["digest"]))
            return [place(layer["digest"]) for layer in manifest["layers"]]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        raise RebaseError("the archive is an image without layers; save it again") from None
    return None


def _plain(file: IO[bytes], stack: ExitStack) -> BinaryIO:
    """The same without compression, in which one can go back and forth."""
    magic = file.read(6)
    file.seek(0)
    source: IO[bytes]
    if magic[:2] == b"\x1f\x8b":
        source = cast(IO[bytes], gzip.GzipFile(fileobj=file))
    elif magic == b"\xfd7zXZ\0":
        source = cast(IO[bytes], lzma.LZMAFile(file))  # noqa: SIM115 - the stack closes what is under it
    elif magic[:3] == b"BZh":
        source = cast(IO[bytes], bz2.BZ2File(file))
    elif magic[:4] == b"\x28\xb5\x2f\xfd":
        source = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
    elif hasattr(file, "fileno"):
        return cast(BinaryIO, file)
    else:
        source = file
    return _spooled(source, stack)


def _spooled(source: IO[bytes], stack: ExitStack) -> BinaryIO:
    file = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
    shutil.copyfileobj(source, file, _CHUNK)
    file.seek(0)
    return cast(BinaryIO, file)


def _spooled_layer(layout: ImageLayout, at: int, stack: ExitStack) -> BinaryIO:
    with layout.layer(layout.layers[at]) as plain:
        return _spooled(plain, stack)


def _saved(image: str, stack: ExitStack) -> IO[bytes]:
    """An image of the local Docker, as it saves it."""
    import docker
    from docker.errors import DockerException, ImageNotFound

    try:
        client = docker.from_env()
        stack.callback(client.close)
        file = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
        for chunk in client.images.get(image).save():
            file.write(chunk)
    except ImageNotFound:
        raise RebaseError(
            f"there is neither a file nor an image of Docker called {image!r}; pull it, or save it"
        ) from None
    except DockerException:
        raise RebaseError(f"there is no file called {image!r}, and Docker cannot be asked for an image") from None
    file.seek(0)
    return file
