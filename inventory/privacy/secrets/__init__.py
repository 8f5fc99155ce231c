"""Recognising secrets in what a host sends: names, values, places in a line, and files that are secret as a whole.

Nothing here replaces anything; :mod:`inventory.privacy.redaction` does. All of it works on bytes, because a host's text
has no promised encoding, and in time linear in the length of a line, because a host is hostile.
"""
