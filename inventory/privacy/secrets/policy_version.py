"""The version of what is recognised as a secret, in a separate module: every command compares it."""

POLICY = 3
"""Kept with each recording and each workspace. Raise it when what was kept before would leak: it is then redacted again
or removed on first use.
"""
