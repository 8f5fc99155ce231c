"""What the first look at a host leaves for the second."""

from __future__ import annotations

from typing import NewType

import msgspec

from assess.model import Workload
from inventory.model.sysctls import Sysctl


class Look(msgspec.Struct, array_like=True, frozen=True):
    """The workloads of a host, and the ``settings`` of :class:`assess.facts.HostFacts`."""

    workloads: tuple[Workload, ...]
    settings: tuple[Sysctl, ...]


Written = NewType("Written", msgspec.Raw)
"""A look as MessagePack: nobody decodes it before the host is looked at again."""

_decoder = msgspec.msgpack.Decoder(Look)


def read(look: Look | Written) -> Look:
    """The look itself."""
    return look if isinstance(look, Look) else _decoder.decode(look)
