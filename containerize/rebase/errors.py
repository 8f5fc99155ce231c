"""Errors that prevent a rebase."""

from __future__ import annotations

from inventory.errors import BrownfieldError


class RebaseError(BrownfieldError):
    """The image or the newer root file system cannot be used; the sentence says why, and what to do."""
