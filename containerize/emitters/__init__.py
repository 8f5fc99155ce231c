"""What is written beside an image: one form a file, and EMITTERS, the whole list."""

from __future__ import annotations

from containerize.emitters import compose, containerfile, reasons
from containerize.emitters.emission import Emitter

EMITTERS: tuple[Emitter, ...] = (containerfile.EMITTER, compose.EMITTER, reasons.EMITTER)
"""In the order in which they are written; one line to add one."""
