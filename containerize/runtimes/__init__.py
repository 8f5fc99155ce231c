"""RUNTIMES: the table of container runtimes, one backend per file, in the order of preference."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from containerize.runtimes.runtime import Runtime, RuntimeUnavailable

_OTHER = ", or choose another runtime with --runtime"


class Backend(NamedTuple):
    """``connect`` raises RuntimeUnavailable, with a sentence that says what to do."""

    name: str
    connect: Callable[[], Runtime]


def _docker() -> Runtime:
    from containerize.runtimes.docker import connect_docker

    return connect_docker()


def _podman() -> Runtime:
    from containerize.runtimes.podman import connect_podman

    return connect_podman()


def _oci() -> Runtime:
    from containerize.runtimes.oci import OciRuntime

    return OciRuntime()


RUNTIMES: tuple[Backend, ...] = (Backend("docker", _docker), Backend("podman", _podman), Backend("oci", _oci))
"""In the order in which they are tried. The client libraries are imported by the one that is used."""


def choose(name: str | None = None) -> Runtime:
    """The runtime of this name, or the first that works. Raises RuntimeUnavailable with the reason."""
    if name is not None:
        backend = next((each for each in RUNTIMES if each.name == name), None)
        if backend is None:
            raise RuntimeUnavailable(f"unknown runtime {name}; choose {', '.join(each.name for each in RUNTIMES)}")
        return backend.connect()
    reasons = []
    for backend in RUNTIMES:
        try:
            return backend.connect()
        except RuntimeUnavailable as error:
            # All others were tried as well, so that advice would mislead.
            reasons.append(f"{backend.name}: {str(error).removesuffix(_OTHER)}")
    raise RuntimeUnavailable(f"nothing here runs containers. {'. '.join(reasons)}")
