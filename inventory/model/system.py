"""Which system this is."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class Distribution:
    """The distribution, from os-release or an older release file.

    ``id`` is the os-release ID (``debian``, ``ubuntu``, ``rhel`` …); ``version`` its VERSION_ID (``12``, ``7.9``),
    which is "" on rolling releases and testing; ``like`` the families of ID_LIKE.
    """

    id: str
    version: str
    pretty_name: str
    like: tuple[str, ...]
    codename: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class System:
    """Identity and size of a host.

    ``architecture`` is ``uname -m``; ``cgroup_version`` is 0 (none), 1, 2 or 3 for hybrid; ``memory_bytes`` is
    MemTotal; ``virtualization`` is a word such as ``kvm``, ``docker``, ``none`` or "" when it could not be told;
    ``boot_time`` and ``clock`` are seconds since the epoch by the host's clock; ``ticks_per_second`` is CLK_TCK;
    ``init`` is the name of PID 1.
    """

    hostname: str
    architecture: str
    distribution: Distribution | None
    cpus: int
    cpu_model: str
    cpu_flags: tuple[str, ...]
    memory_bytes: int
    timezone: str
    locale: str
    cgroup_version: int
    virtualization: str
    init: str
    boot_time: float
    clock: float
    ticks_per_second: int
