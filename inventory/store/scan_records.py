"""The records of a scan and of each host in it, as the store returns them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from inventory.depth import Depth
from inventory.platforms import Platform
from inventory.recording import Recording


class Outcome(StrEnum):
    """The outcome of asking one host.

    ``UNSUPPORTED`` is an answer too: the host was reached and is a system that we do not probe (AIX, Solaris …).
    ``FAILED`` means that it was reached but could not be asked (sudo denied, probe cut off, time over).
    """

    ANSWERED = "answered"
    UNSUPPORTED = "unsupported"
    UNREACHABLE = "unreachable"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class HostResult:
    """One host of one scan. ``reason`` is one plain sentence, empty when the host answered.

    ``taken`` is our clock (seconds since the epoch) when the host was asked, ``seconds`` how long that took.
    ``peer`` is the IP address that the connection reached ("" where that is not known).
    ``recording`` is what a worker brings home; the store gives results back without it (see ``Store.recording``).
    """

    host: str
    address: str
    groups: tuple[str, ...]
    platform: Platform
    outcome: Outcome
    reason: str = ""
    taken: float = 0.0
    seconds: float = 0.0
    user: str = ""
    privileged: bool = False
    peer: str = ""
    recording: Recording | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Scan:
    """One run over an inventory. ``finished`` is None while it runs, and for ever when it was killed.

    ``inventory`` is the absolute path of the hosts file; ``hosts`` the names it was begun with, in inventory order;
    ``options`` what the user chose, as shown again when the scan is taken up (``{"limit": "web*"}``). Times are
    seconds since the epoch.
    """

    id: int
    started: float
    finished: float | None
    inventory: str
    hosts: tuple[str, ...]
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def depth(self) -> Depth:
        """The depth of the scan; a scan from before there were depths is a standard one."""
        return Depth(self.options.get("depth", Depth.STANDARD))
