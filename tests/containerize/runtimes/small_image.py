"""A small image made here: busybox of this machine with the libraries it needs, in two layers.

There is no registry to take one from, and an image from the builder would make these tests depend on it.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import zstandard

APPLETS = (
    "sh",
    "ls",
    "cat",
    "id",
    "stat",
    "sleep",
    "nc",
    "httpd",
    "ping",
    "kill",
    "touch",
    "readlink",
    "mount",
    "chroot",
    "tr",
    "grep",
)


def write_layout(
    path: Path, files: dict[str, bytes] | None = None, *, setuid: str = "", top: bytes = b"", runs: bool = True
) -> Path:
    """An OCI layout with busybox in a zstd layer, and ``files`` in a gzip layer on top; above that the tar ``top``.
    ``setuid`` is the path of a setuid copy of ``id`` (busybox gives up its rights before it runs that). No busybox is
    needed where nothing of it ``runs``: an empty file stands in its place.
    """
    busybox = shutil.which("busybox")
    assert busybox is not None or not runs, "these tests need busybox"
    base: dict[str, bytes | str | None] = {
        "bin/busybox": Path(busybox).resolve().read_bytes() if busybox and runs else b"",
        "tmp": None,
        "proc": None,
    }
    base.update(_libraries(busybox) if busybox and runs else {})
    base.update({f"bin/{name}": "busybox" for name in APPLETS})
    base["etc/passwd"] = b"root:x:0:0::/:/bin/sh\nshop:x:33:33::/:/bin/sh\n"
    base["etc/removed"] = b"hidden by the upper layer\n"
    upper: dict[str, bytes | str | None] = {"etc/.wh.removed": b"", **(files or {})}
    if setuid:
        program = shutil.which("id")
        assert program is not None
        upper.update({setuid: Path(program).resolve().read_bytes(), **_libraries(program)})
    below, above = _tar(base), _tar(upper, setuid)
    layers = [
        (zstandard.compress(below), below, "application/vnd.oci.image.layer.v1.tar+zstd"),
        (gzip.compress(above, mtime=0), above, "application/vnd.oci.image.layer.v1.tar+gzip"),
    ]
    if top:
        layers.append((zstandard.compress(top), top, "application/vnd.oci.image.layer.v1.tar+zstd"))
    config = json.dumps(
        {
            "architecture": {"x86_64": "amd64", "aarch64": "arm64"}.get(_machine(), _machine()),
            "os": "linux",
            "config": {"Entrypoint": ["/bin/false"], "Cmd": ["never used"], "Volumes": {"/srv/data": {}}},
            "rootfs": {
                "type": "layers",
                "diff_ids": [f"sha256:{hashlib.sha256(plain).hexdigest()}" for _, plain, _ in layers],
            },
        }
    ).encode()
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": _blob(path, config, "application/vnd.oci.image.config.v1+json"),
        "layers": [_blob(path, packed, kind) for packed, _, kind in layers],
    }
    descriptor = _blob(path, json.dumps(manifest).encode(), "application/vnd.oci.image.manifest.v1+json")
    (path / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (path / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [descriptor]}))
    return path


def _libraries(program: str) -> dict[str, bytes]:
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    return {word.lstrip("/"): Path(word).resolve().read_bytes() for word in listed.split() if word.startswith("/")}


def _machine() -> str:
    return subprocess.run(["uname", "-m"], capture_output=True, text=True, check=True).stdout.strip()


def _tar(entries: dict[str, bytes | str | None], setuid: str = "") -> bytes:
    """Bytes are a file, a string is a link's target, None is a directory."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        made: set[str] = set()
        for name, content in entries.items():
            for parent in reversed(Path(name).parents):
                if str(parent) != "." and str(parent) not in made:
                    made.add(str(parent))
                    tar.addfile(_entry(str(parent), tarfile.DIRTYPE))
            if content is None:
                tar.addfile(_entry(name, tarfile.DIRTYPE, mode=0o1777 if name == "tmp" else 0o755))
            elif isinstance(content, str):
                entry = _entry(name, tarfile.SYMTYPE)
                entry.linkname = content
                tar.addfile(entry)
            else:
                entry = _entry(name, tarfile.REGTYPE, 0o4755 if name == setuid else 0o755)
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _entry(name: str, kind: bytes, mode: int = 0o755) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = kind, mode
    return entry


def _blob(path: Path, content: bytes, media_type: str) -> dict[str, object]:
    digest = hashlib.sha256(content).hexdigest()
    (path / "blobs/sha256").mkdir(parents=True, exist_ok=True)
    (path / "blobs/sha256" / digest).write_bytes(content)
    return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(content)}
