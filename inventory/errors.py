"""Expected errors. Each has one plain sentence for the user about what happened and what to do.

Any other exception is a bug and keeps its traceback.
"""

from __future__ import annotations


class BrownfieldError(Exception):
    """Base of all expected errors; ``str()`` is the sentence shown to the user."""


class InventoryError(BrownfieldError):
    """hosts.ini cannot be used: missing, unreadable, malformed, or without hosts."""


class HostError(BrownfieldError):
    """One host could not be asked; the others continue."""


class HostUnreachable(HostError):
    """No TCP connection, or no SSH server answered in time."""


class HostKeyUnknown(HostError):
    """The host's key is in no known_hosts file and the user did not accept new keys."""


class HostKeyChanged(HostError):
    """The host's key differs from the known one."""


class LoginRefused(HostError):
    """The host took none of our keys or passwords."""


class BecomeRefused(HostError):
    """sudo (or another way to root) was denied or needed a password that was not given."""


class ProbeFailed(HostError):
    """The probe started and its answer cannot be used: no frames, cut off, timed out."""


class WorkspaceError(BrownfieldError):
    """The workspace cannot be read or written: no space, no permission, no scan in it, another run at work."""
