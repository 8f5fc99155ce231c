"""The result of the first pass over a host, stored for the second."""

from __future__ import annotations

from typing import NewType

import msgspec
import zstandard

from assess.model import Workload
from assess.subjects.cached_facts import CachedFacts
from inventory.errors import WorkspaceError

_MAX_BYTES = 1 << 30


class HostSummary(msgspec.Struct, array_like=True, frozen=True):
    """The workloads of a host, and the facts that the second pass need not compute again."""

    workloads: tuple[Workload, ...]
    facts: CachedFacts


PackedSummary = NewType("PackedSummary", bytes)
"""A summary as it is stored: MessagePack under zstd."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(HostSummary)


def pack_summary(summary: HostSummary) -> PackedSummary:
    """Pack a summary. Raises UnicodeEncodeError for text that is not UTF-8, and OverflowError for numbers of more than
    64 bits.
    """
    return PackedSummary(zstandard.ZstdCompressor(level=1).compress(_encoder.encode(summary)))


def unpack_summary(summary: HostSummary | PackedSummary) -> HostSummary:
    """Return the summary itself. Raises WorkspaceError when it is damaged."""
    if isinstance(summary, HostSummary):
        return summary
    try:
        return _decoder.decode(zstandard.ZstdDecompressor().decompress(summary, max_output_size=_MAX_BYTES))
    except (zstandard.ZstdError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WorkspaceError("the stored workloads of a host are damaged; run: assess reparse") from error
