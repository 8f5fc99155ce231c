"""Local accounts: passwd and group, never shadow."""

from __future__ import annotations

from inventory.model.users import Group, User, Users
from inventory.observation import Found, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.procfs.records import whole_lines
from inventory.recording import SectionRecording
from inventory.section import ParseError, Section, Variant
from inventory.sections.windows.users import VARIANT as WINDOWS

NAME = "users"

# The second field may hold a hash on a system without shadow files. It does not leave the host.
FRAGMENT = r"""
part passwd sed 's/^\([^:]*\):[^:]*:/\1:x:/' /etc/passwd
part group sed 's/^\([^:]*\):[^:]*:/\1:x:/' /etc/group
"""


def parse(recording: SectionRecording) -> Observation[Users]:
    """Accounts in file order. Lines of NIS (``+``, ``-``) name no account of this host and are passed over."""
    passwd = recording.part("passwd")
    if passwd is None or not passwd.content:
        return Unknown("/etc/passwd could not be read")
    users = tuple(_user(fields, number) for number, fields in _records(recording, "passwd", 7))
    groups = tuple(_group(fields, number) for number, fields in _records(recording, "group", 4))
    return Found(Users(users, groups))


def _records(recording: SectionRecording, name: str, count: int) -> list[tuple[int, list[str]]]:
    part = recording.part(name)
    records: list[tuple[int, list[str]]] = []
    for number, line in enumerate(whole_lines(part) if part else (), 1):
        text = line.decode("utf-8", "surrogateescape")
        if not text.strip() or text.lstrip().startswith(("#", "+", "-")):
            continue
        fields = text.split(":")
        if len(fields) != count:
            raise ParseError(f"{name}:{number} has {len(fields)} fields, not {count}")
        records.append((number, fields))
    return records


def _user(fields: list[str], number: int) -> User:
    name, _, uid, gid, comment, home, shell = fields
    return User(
        name, _id(uid, "passwd", number), _id(gid, "passwd", number), home, shell, comment, _at("passwd", number)
    )


def _group(fields: list[str], number: int) -> Group:
    name, _, gid, members = fields
    names = tuple(member for member in members.split(",") if member)
    return Group(name, _id(gid, "group", number), names, _at("group", number))


def _id(text: str, part: str, number: int) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ParseError(f"{part}:{number} has no numeric id")
    return int(text)


def _at(part: str, number: int) -> Origin:
    return Origin(NAME, part, number)


SECTION = Section(
    NAME,
    "Local accounts and groups, without passwords.",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=5, cap=1024 * 1024), WINDOWS),
)
