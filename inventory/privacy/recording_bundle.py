"""One host's recording as one file, for a bug report or a test.

A bundle is a gzipped tar, so that its sender can look into it with the tools of any system: ``about.json``, and
``SECTION.txt`` for each section in the text form of :mod:`inventory.recording`. The same recording gives the same
bytes.
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path
from typing import Any

from inventory.depth import Depth
from inventory.errors import BrownfieldError
from inventory.recording import Recording, RecordingError, SectionRecording

SUFFIX = ".tar.gz"
VERSION = 1
_ABOUT = "about.json"
_MOST = 512 * 1024 * 1024


class BundleError(BrownfieldError):
    """A file is not a bundle, or one of a later version."""


def pack(recording: Recording, program: str) -> bytes:
    """A bundle of ``recording``. ``program`` is the version of this program."""
    about = {
        "bundle": VERSION,
        "program": program,
        "host": recording.host,
        "platform": recording.platform,
        "taken": recording.taken,
        "user": recording.user,
        "privileged": recording.privileged,
        "depth": recording.depth.value,
        "missing": recording.missing,
        "redaction_policy": recording.redaction_policy,
        "sections": [section.section for section in recording.sections],
    }
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
        _add(tar, _ABOUT, json.dumps(about, indent=2).encode())
        for section in recording.sections:
            _add(tar, f"{section.section}.txt", section.to_text())
    return gzip.compress(raw.getvalue(), 9, mtime=0)


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o644
    tar.addfile(member, io.BytesIO(content))


def unpack(path: Path) -> Recording:
    """The recording in a bundle, which may come from anyone. Raises BundleError."""
    try:
        with gzip.open(path) as compressed:
            raw = compressed.read(_MOST + 1)
        if len(raw) > _MOST:
            raise BundleError(f"{path} holds more than {_MOST >> 20} MiB; ask for a bundle of one host")
        with tarfile.open(fileobj=io.BytesIO(raw), mode="r:") as tar:
            # A sparse file announces more than the archive holds, and all of it would be made of nothing.
            files = (member for member in tar if member.isfile() and not member.issparse())
            contents = {member.name: _content(tar, member) for member in files}
        about = json.loads(contents.get(_ABOUT, b"null"))
    except (OSError, EOFError, tarfile.TarError, ValueError, OverflowError, RecursionError) as error:
        raise BundleError(f"{path} is not a bundle of assess ({error}); make one with assess bundle HOST") from error
    if not isinstance(about, dict) or not isinstance(about.get("bundle"), int):
        raise BundleError(f"{path} is not a bundle of assess; make one with assess bundle HOST")
    if about["bundle"] > VERSION:
        raise BundleError(f"{path} was written by a newer version of assess; install that one")
    try:
        return _recording(about, contents)
    except (KeyError, TypeError, ValueError, RecordingError) as error:
        raise BundleError(f"{path} is damaged ({error}); make it again with assess bundle HOST") from error


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    return b"" if file is None else file.read()


def _recording(about: dict[str, Any], contents: dict[str, bytes]) -> Recording:
    sections = tuple(SectionRecording.from_text(name, contents[f"{name}.txt"]) for name in about["sections"])
    return Recording(
        host=str(about["host"]),
        platform=str(about["platform"]),
        taken=float(about["taken"]),
        sections=sections,
        user=str(about["user"]),
        privileged=bool(about["privileged"]),
        missing={str(name): str(reason) for name, reason in dict(about["missing"]).items()},
        redaction_policy=int(about["redaction_policy"]),
        depth=Depth(about["depth"]),
    )
