"""The shells that a host may have, as they are given a script."""

from __future__ import annotations

SHELLS = {
    "dash": ["dash", "-s"],
    "bash as sh": ["bash", "--posix", "-s"],
    "busybox": ["busybox", "sh", "-s"],
    "ksh": ["ksh", "-s"],
}
