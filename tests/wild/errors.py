"""Errors that the user can do something about."""

from __future__ import annotations


class WildError(Exception):
    """One plain sentence: what is wrong and what to do."""
