"""The program that starts and supervises the services of a host."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

_PROGRAMS: Final = {
    "systemd": "systemd", "busybox": "busybox", "openrc-init": "openrc", "runit": "runit", "runit-init": "runit",
    "s6-svscan": "s6", "upstart": "upstart", "dinit": "dinit", "procd": "procd", "sysvinit": "sysvinit",
}  # fmt: skip
"""By the name of the executable of PID 1, or of what /sbin/init is a link to."""

MARKS: Final = (
    "/run/systemd/system",  # sd_booted(3)
    "/run/openrc",
    "/etc/init/rcS.conf",  # upstart of Red Hat's family
    "/etc/init/rc-sysinit.conf",  # upstart of Ubuntu
    "/etc/inittab",
)
"""The marks that the probe checks on the host."""


def read_init_system(process: str, init: str, marks: Collection[str]) -> str:
    """``systemd``, ``upstart``, ``openrc``, ``sysvinit``, ``busybox``, ``runit``, ``s6``, ``dinit``, ``procd``, or "".

    ``process`` is the name of PID 1, ``init`` what /sbin/init is a link to. "" is also the answer where PID 1 is the
    program of a container. Files of an init system that was replaced stay behind, so they count only for a PID 1 that
    is called ``init``; OpenRC is started by the init of others.
    """
    if "/run/systemd/system" in marks or process == "systemd":
        return "systemd"
    if process not in ("init", *_PROGRAMS):
        return ""
    if "/run/openrc" in marks:
        return "openrc"
    for program in (process, init.rsplit("/", 1)[-1]):
        if program in _PROGRAMS:
            return _PROGRAMS[program]
    if "/etc/init/rcS.conf" in marks or "/etc/init/rc-sysinit.conf" in marks:
        return "upstart"
    return "sysvinit" if "/etc/inittab" in marks else ""
