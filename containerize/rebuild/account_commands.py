"""Commands that create the users and groups of the image with the host's numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from containerize.rebuild.recipe import RecipeAccount, RecipeGroup

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*\$?", re.ASCII)


def accounts_of(passwd: bytes, uids: Iterable[int]) -> tuple[RecipeAccount, ...]:
    """The accounts with these numbers, by number; root is everywhere and left out."""
    wanted = set(uids) - {0}
    found: dict[str, RecipeAccount] = {}
    for fields in _rows(passwd, 7):
        if fields[2].isdigit() and fields[3].isdigit() and int(fields[2]) in wanted:
            name, _, uid, gid, gecos, home, shell = fields
            found.setdefault(name, RecipeAccount(name, int(uid), int(gid), gecos, home, shell))
    return tuple(sorted(found.values(), key=lambda each: (each.uid, each.name)))


def groups_of(group: bytes, gids: Iterable[int], accounts: Iterable[RecipeAccount]) -> tuple[RecipeGroup, ...]:
    """The groups with these numbers and those that the accounts belong to, by number; of members only ``accounts``."""
    wanted, names = set(gids) - {0}, {each.name for each in accounts}
    wanted |= {each.gid for each in accounts} - {0}
    found: dict[str, RecipeGroup] = {}
    for fields in _rows(group, 4):
        if not fields[2].isdigit():
            continue
        members = tuple(sorted(names & set(fields[3].split(","))))
        if int(fields[2]) in wanted or (members and int(fields[2])):
            found.setdefault(fields[0], RecipeGroup(fields[0], int(fields[2]), members))
    return tuple(sorted(found.values(), key=lambda each: (each.gid, each.name)))


def account_lines(accounts: Iterable[RecipeAccount]) -> Iterator[str]:
    """Lines of passwd."""
    for each in accounts:
        yield f"{each.name}:x:{each.uid}:{each.gid}:{each.gecos}:{each.home}:{each.shell}"


def memberships(groups: Iterable[RecipeGroup]) -> Iterator[tuple[str, str]]:
    """(group, member)."""
    return ((group.name, member) for group in groups for member in group.members)


def _rows(content: bytes, fields: int) -> Iterator[list[str]]:
    """Lines with so many fields and a name that every tool takes."""
    for line in content.decode("utf-8", "surrogateescape").split("\n"):
        row = line.split(":")
        if len(row) == fields and _NAME.fullmatch(row[0]):
            yield row
