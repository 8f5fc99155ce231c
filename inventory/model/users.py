"""Accounts. Never a password hash."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from inventory.observation import Origin

NOBODY: Final = 65534
"""The id of nobody and nogroup on most systems; 65535 is not an account either ((uid_t)-1 of 16 bits)."""


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

    @property
    def logs_in(self) -> bool:
        """Whether the shell permits logins: not ``nologin``, ``false`` or their like. An empty one means /bin/sh."""
        return self.shell.rsplit("/", 1)[-1] not in ("nologin", "false", "true", "sync", "halt", "shutdown")


@dataclass(frozen=True, slots=True)
class Group:
    """A line of group."""

    name: str
    gid: int
    members: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Users:
    """Local accounts (not those of a directory service).

    ``first_ordinary_uid`` is where the ids of people begin: UID_MIN of login.defs(5), which is 500 before EL7, or 1000
    by default. ``sources`` and ``group_sources`` are the services of nsswitch.conf(5) that are asked for accounts and
    groups (``files``, ``sss``, ``ldap`` …), empty when there is no such file; an account of another one than files is
    not here. ``shells`` are those of shells(5).
    """

    users: tuple[User, ...]
    groups: tuple[Group, ...]
    first_ordinary_uid: int = 1000
    sources: tuple[str, ...] = ()
    group_sources: tuple[str, ...] = ()
    shells: tuple[str, ...] = ()

    def user(self, uid: int) -> User | None:
        """The first account with ``uid``."""
        return next((user for user in self.users if user.uid == uid), None)

    def group(self, gid: int) -> Group | None:
        """The first group with ``gid``."""
        return next((group for group in self.groups if group.gid == gid), None)

    def kind(self, uid: int) -> Literal["root", "system", "ordinary"]:
        """``ordinary`` for people, ``system`` for services and the account nobody."""
        if uid == 0:
            return "root"
        return "ordinary" if uid >= self.first_ordinary_uid and uid not in (NOBODY, 65535) else "system"

    def groups_of(self, user: User) -> tuple[Group, ...]:
        """The primary group first, then the supplementary ones in file order."""
        primary = self.group(user.gid)
        others = tuple(group for group in self.groups if user.name in group.members and group.gid != user.gid)
        return others if primary is None else (primary, *others)
