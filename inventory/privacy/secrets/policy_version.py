"""The version of what is recognised as a secret, in a separate module: every command compares it."""

POLICY = 3
"""Stored with each recording and each workspace. Raise it when earlier stored data would leak: it is then redacted
again or removed on first use.
"""
