"""Accounts. Never a password hash."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class User:
    """A line of passwd."""

    name: str
    uid: int
    gid: int
    home: str
    shell: str
    comment: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Group:
    """A line of group."""

    name: str
    gid: int
    members: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Users:
    """Local accounts (not those of a directory service)."""

    users: tuple[User, ...]
    groups: tuple[Group, ...]

    def user(self, uid: int) -> User | None:
        """The first account with ``uid``."""
        return next((user for user in self.users if user.uid == uid), None)

    def group(self, gid: int) -> Group | None:
        """The first group with ``gid``."""
        return next((group for group in self.groups if group.gid == gid), None)
