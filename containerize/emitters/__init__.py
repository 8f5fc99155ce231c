"""EMITTERS: the table of everything that is written next to an image, one form per file."""

from __future__ import annotations

from collections.abc import Iterable

from containerize.emitters import (
    compose,
    decisions_json,
    file_reasons,
    haproxy_switch,
    layer_containerfile,
    quadlet,
    readme,
    sbom,
    seccomp_profile,
    swarm_stack,
)
from containerize.emitters.emission import Emission, Emitter
from containerize.emitters.kubernetes import manifests

EMITTERS: tuple[Emitter, ...] = (
    layer_containerfile.EMITTER,
    compose.EMITTER,
    swarm_stack.EMITTER,
    manifests.EMITTER,
    quadlet.EMITTER,
    haproxy_switch.EMITTER,
    seccomp_profile.EMITTER,
    sbom.EMITTER,
    file_reasons.EMITTER,
    decisions_json.EMITTER,
    readme.EMITTER,
)
"""In the order in which they are written; one line to add one. The last one lists all others."""


def emitters_named(names: Iterable[str]) -> tuple[Emitter, ...]:
    """The emitters of these names, in their own order, whatever the case; raises KeyError with a name that is none."""
    known = {each.name.lower(): each for each in EMITTERS}
    wanted = {known[name.lower()].name if name.lower() in known else _unknown(name) for name in names}
    return tuple(each for each in EMITTERS if each.name in wanted)


def fitting(emission: Emission) -> tuple[Emitter, ...]:
    """The emitters that are written by default."""
    return tuple(each for each in EMITTERS if each.fits(emission))


def _unknown(name: str) -> str:
    raise KeyError(name)
