"""Text in UTF-16 and UTF-32, with a byte order mark or without."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.privacy.secrets.carriers.extracted_parts import ArchiveMember, Budget, Carrier, Part

_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_SAMPLE = 4096


def encoding_of(content: bytes) -> str | None:
    """The encoding of a wide text; None for anything else. Without a mark, most characters must be of ASCII."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return name
    sample = content[: min(_SAMPLE, len(content)) // 4 * 4]
    if len(sample) < 8 or b"\0" not in sample:
        return None
    for width, order in ((4, "utf-32"), (2, "utf-16")):
        count = len(sample) // width
        for low, suffix in ((0, "le"), (width - 1, "be")):
            kept = sample[low::width]
            zeros = sum(sample[at::width].count(0) for at in range(width) if at != low)
            printable = sum(1 for byte in kept if byte in b"\t\n\r" or 0x20 <= byte < 0x7F)
            if zeros >= 0.9 * count * (width - 1) and printable >= 0.9 * count:
                return f"{order}-{suffix}"
    return None


def read(content: bytes, budget: Budget) -> Iterator[Part]:
    """The same text in UTF-8."""
    encoding = encoding_of(content) or "utf-16-le"
    text = content.decode(encoding, "replace").lstrip("\ufeff").encode("utf-8", "replace")
    budget.expand(len(text))
    yield ArchiveMember("", text)


CARRIER = Carrier("wide text", lambda content, _path: encoding_of(content) is not None, read, whole=False)
