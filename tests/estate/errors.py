"""What can go wrong in ways that the user can do something about."""

from __future__ import annotations


class EstateError(Exception):
    """One plain sentence that says what is the matter and what to do."""
