"""The redacted bytes that a host answered, exactly as parsers see them.

A recording is what is stored: snapshots are rebuilt from it, so a better parser needs no new scan. Its text form is
also the form of the fixtures in ``tests/fixtures/recordings``::

    #part NAME status=0 truncated=no bytes=123
    …123 bytes…
    #errors bytes=45
    …what the fragment wrote to standard error…

Lengths are counted, so no content can forge a header.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import zstandard

from inventory.depth import Depth

_HEADER = re.compile(
    rb"#part (?P<name>[a-z0-9_.-]+) status=(?P<status>-?\d{1,9}) truncated=(?P<cut>yes|no) bytes=(?P<n>\d{1,12})\n"
)
_ERRORS = re.compile(rb"#errors bytes=(?P<n>\d{1,12})\n")
_MOST = 256 << 20
"""Bytes of a section: several times what a probe may send. Larger data is not a recording of ours."""


class RecordingError(ValueError):
    """The bytes are not a section recording."""


@dataclass(frozen=True, slots=True)
class Part:
    r"""The answer to one question of a section.

    ``status`` is the exit status of the command (-1: the watchdog ended it); ``truncated``: the host sent more than the
    cap. Lines end with ``\\n``.
    """

    name: str
    content: bytes
    status: int = 0
    truncated: bool = False

    def __reduce__(self) -> tuple[type[Part], tuple[str, bytes, int, bool]]:
        # What dataclasses bring for slots asks for all fields by name: a third of what a worker's answer costs to send.
        return Part, (self.name, self.content, self.status, self.truncated)

    def lines(self) -> list[str]:
        """The content as text lines; bytes that are not UTF-8 stay distinguishable (surrogateescape)."""
        text = self.content.decode("utf-8", "surrogateescape")
        lines = text.split("\n")
        if lines and lines[-1] == "":
            lines.pop()
        return lines


@dataclass(frozen=True, slots=True)
class SectionRecording:
    """All parts of one section. ``timed_out``: the watchdog of the section fired. ``errors``: its standard error.

    ``unfinished``: the connection ended in the middle of it, or the cap was reached between two parts. Parts may be
    missing then without one being cut, so a missing part does not mean Absent.
    """

    section: str
    parts: tuple[Part, ...]
    errors: bytes = b""
    timed_out: bool = False
    unfinished: bool = False

    def __reduce__(self) -> tuple[type[SectionRecording], tuple[str, tuple[Part, ...], bytes, bool, bool]]:
        return SectionRecording, (self.section, self.parts, self.errors, self.timed_out, self.unfinished)

    def part(self, name: str) -> Part | None:
        """The part called ``name``; None when the fragment did not get to it."""
        return next((part for part in self.parts if part.name == name), None)

    def to_text(self) -> bytes:
        """The text form (see the module)."""
        chunks: list[bytes] = []
        for part in self.parts:
            cut = "yes" if part.truncated else "no"
            chunks.append(
                f"#part {part.name} status={part.status} truncated={cut} bytes={len(part.content)}\n".encode()
            )
            chunks.append(part.content)
            chunks.append(b"\n")
        chunks.append(b"#errors bytes=%d\n" % len(self.errors))
        chunks.append(self.errors)
        if self.timed_out:
            chunks.append(b"\n#timed-out\n")
        if self.unfinished:
            chunks.append(b"\n#unfinished\n")
        return b"".join(chunks)

    @classmethod
    def from_text(cls, section: str, text: bytes) -> SectionRecording:
        """Read the text form back; raises RecordingError."""
        parts: list[Part] = []
        at = 0
        while match := _HEADER.match(text, at):
            start = match.end()
            end = start + int(match["n"])
            if end > len(text):
                raise RecordingError(f"part {match['name'].decode()} of section {section} is cut off")
            parts.append(Part(match["name"].decode(), text[start:end], int(match["status"]), match["cut"] == b"yes"))
            at = end + 1
        tail = _ERRORS.match(text, at)
        if tail is None:
            raise RecordingError(f"section {section} has no end")
        errors_end = tail.end() + int(tail["n"])
        marks = text[errors_end:].split()
        return cls(
            section, tuple(parts), text[tail.end() : errors_end], b"#timed-out" in marks, b"#unfinished" in marks
        )

    def compressed(self) -> bytes:
        """The text form under zstd, as the store keeps it."""
        return bytes(zstandard.ZstdCompressor(level=3).compress(self.to_text()))

    @classmethod
    def from_compressed(
        cls, section: str, blob: bytes, unpacker: zstandard.ZstdDecompressor | None = None
    ) -> SectionRecording:
        """Inverse of :meth:`compressed`; raises RecordingError."""
        try:
            # The size in the frame is what would be allocated for it.
            if zstandard.frame_content_size(blob) > _MOST:
                raise RecordingError(f"section {section} is larger than {_MOST >> 20} MiB")
            text = bytes((unpacker or zstandard.ZstdDecompressor()).decompress(blob, max_output_size=_MOST))
        except zstandard.ZstdError as error:
            raise RecordingError(f"section {section} cannot be decompressed: {error}") from error
        return cls.from_text(section, text)


@dataclass(frozen=True, slots=True)
class Recording:
    """The answer of one host to one probe.

    ``taken`` is our clock, seconds since the epoch (UTC). ``outside`` holds bytes that came outside of frames (motd,
    wrappers, shell noise), redacted. ``missing`` maps sections without an answer to the reason; those that a scan of
    its ``depth`` does not ask are not in it.
    """

    host: str
    platform: str
    taken: float
    sections: tuple[SectionRecording, ...]
    user: str = ""
    privileged: bool = False
    outside: bytes = b""
    missing: dict[str, str] = field(default_factory=dict)
    redaction_policy: int = 0
    depth: Depth = Depth.STANDARD

    def section(self, name: str) -> SectionRecording | None:
        """The recording of section ``name``, if the host answered it."""
        return next((section for section in self.sections if section.section == name), None)
