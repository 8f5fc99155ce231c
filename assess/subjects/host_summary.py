"""What the first look at a host leaves for the second."""

from __future__ import annotations

from typing import NewType

import msgspec
import zstandard

from assess.model import Workload
from assess.subjects.cached_facts import CachedFacts
from inventory.errors import WorkspaceError

_MOST = 1 << 30


class HostSummary(msgspec.Struct, array_like=True, frozen=True):
    """The workloads of a host, and what is noted of its facts."""

    workloads: tuple[Workload, ...]
    facts: CachedFacts


PackedSummary = NewType("PackedSummary", bytes)
"""A look as MessagePack under zstd, as it is kept: nobody unpacks it before the host is looked at again."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(HostSummary)


def written(look: HostSummary) -> PackedSummary:
    """The look as it is kept; raises UnicodeEncodeError for text with bytes that are no UTF-8, and OverflowError for
    numbers that no computer has.
    """
    return PackedSummary(zstandard.ZstdCompressor(level=1).compress(_encoder.encode(look)))


def read(look: HostSummary | PackedSummary) -> HostSummary:
    """The look itself; raises WorkspaceError when it is damaged."""
    if isinstance(look, HostSummary):
        return look
    try:
        return _decoder.decode(zstandard.ZstdDecompressor().decompress(look, max_output_size=_MOST))
    except (zstandard.ZstdError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WorkspaceError("what is kept of the workloads of a host is damaged; run: assess reparse") from error
