"""What is written beside an image: one form a file, and EMITTERS, the whole list."""

from __future__ import annotations

from collections.abc import Iterable

from containerize.emitters import (
    compose,
    containerfile,
    decisions_json,
    haproxy,
    kubernetes,
    quadlet,
    readme,
    reasons,
    sbom,
    seccomp,
    stack,
)
from containerize.emitters.emission import Emission, Emitter

EMITTERS: tuple[Emitter, ...] = (
    containerfile.EMITTER,
    compose.EMITTER,
    stack.EMITTER,
    kubernetes.EMITTER,
    quadlet.EMITTER,
    haproxy.EMITTER,
    seccomp.EMITTER,
    sbom.EMITTER,
    reasons.EMITTER,
    decisions_json.EMITTER,
    readme.EMITTER,
)
"""In the order in which they are written; one line to add one. The last one tells of all others."""


def emitters_named(names: Iterable[str]) -> tuple[Emitter, ...]:
    """The emitters of these names, in their own order, whatever the case; raises KeyError with a name that is none."""
    known = {each.name.lower(): each for each in EMITTERS}
    wanted = {known[name.lower()].name if name.lower() in known else _unknown(name) for name in names}
    return tuple(each for each in EMITTERS if each.name in wanted)


def fitting(emission: Emission) -> tuple[Emitter, ...]:
    """Those that are written when nobody asked for any by name."""
    return tuple(each for each in EMITTERS if each.fits(emission))


def _unknown(name: str) -> str:
    raise KeyError(name)
