"""Local accounts: passwd and group, never shadow."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from inventory.formats.grep_lines import file_lines
from inventory.formats.procfs.process_files import whole_lines
from inventory.model.users import Group, User, Users
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import Redact, Section, Variant, redact_lines
from inventory.sections.windows.users import VARIANT as WINDOWS

NAME = "users"

# The second field may hold a hash on a system without shadow files. It does not leave the host.
FILES = r"""
want_matching 'settings=/*' '^[[:space:]]*(UID_MIN[[:space:]]|(passwd|group|passwd_compat|group_compat):|/)' \
  /etc/login.defs /etc/nsswitch.conf /etc/shells
"""
FRAGMENT = r"""
bf_accounts() { between group | sed 's/^\([^:]*\):[^:]*:/\1:x:/' /etc/passwd - /etc/group; }
part passwd bf_accounts
"""

_LOCAL = frozenset({"files", "compat", "systemd", "db", "altfiles", "myhostname", "extrausers"})
"""Services of nsswitch.conf whose accounts are on the host; only files and compat are files that are read here."""
_FIRST = 1000
_CHOSEN = re.compile(rb"/[^:]*:\s*(?:UID_MIN\s|(?:passwd|group|passwd_compat|group_compat):|/)")


class _Record(NamedTuple):
    number: int
    fields: list[str]


def redact(recording: SectionRecording, secrets: Redact) -> SectionRecording:
    """Comments of accounts may hold anything. Of the other files the fragment takes chosen lines, which hold no secret
    (``passwd: files sss`` only looks like one).
    """
    redacted = redact_lines(recording, secrets)
    settings = recording.part("settings")
    if settings is None:
        return redacted
    # Lines that another section chose may come along.
    lines = [line + b"\n" for line in settings.content.split(b"\n") if _CHOSEN.match(line)]
    chosen = replace(settings, content=b"".join(lines))
    return replace(redacted, parts=tuple(chosen if part.name == "settings" else part for part in redacted.parts))


def parse(recording: SectionRecording) -> Observation[Users]:
    """Accounts in file order.

    Lines of NIS (``+``, ``-``) name no account of this host and are passed over. A line that the C library cannot read
    either is a gap: these files are written by hand, and one slip in them must not hide all other accounts.
    """
    passwd = recording.part("passwd")
    if passwd is None or not passwd.content:
        return Unknown("/etc/passwd could not be read")
    gaps: list[Gap] = []
    users = tuple(_user(*record) for record in _records(recording, "passwd", 7, (2, 3), gaps))
    groups = tuple(_group(*record) for record in _records(recording, "group", 4, (2,), gaps))
    settings = _Settings(recording.part("settings"))
    named = {line.lstrip()[:1] for line in passwd.lines()} & {"+", "-"}
    if elsewhere := [source for source in settings.sources("passwd") if source not in _LOCAL]:
        gaps.append(Gap("accounts of a directory service", f"the host also asks {', '.join(elsewhere)} for accounts"))
    elif named:
        gaps.append(Gap("accounts of a directory service", "/etc/passwd takes more accounts from NIS"))
    return Found(
        Users(
            users,
            groups,
            settings.first_uid(),
            settings.sources("passwd"),
            settings.sources("group"),
            settings.shells(),
        ),
        tuple(gaps),
    )


class _Settings:
    """The part ``settings``; older recordings have none."""

    def __init__(self, part: Part | None) -> None:
        self._lines: dict[str, list[str]] = {}
        for line in file_lines(part):
            self._lines.setdefault(line.path, []).append(line.text.split("#")[0].strip())

    def first_uid(self) -> int:
        for line in self._lines.get("/etc/login.defs", ()):
            name, *value = line.split()[:2]
            if name == "UID_MIN" and value and _is_id(value[0]):
                return int(value[0])
        return _FIRST

    def sources(self, database: str) -> tuple[str, ...]:
        """The services of ``passwd: files sss [NOTFOUND=return] ldap``, without the actions."""
        found: dict[str, None] = {}
        for line in self._lines.get("/etc/nsswitch.conf", ()):
            name, _, services = line.partition(":")
            if name.strip() in (database, f"{database}_compat"):
                found.update(dict.fromkeys(re.sub(r"\[[^][]*\]", " ", services).split()))
        return tuple(found)

    def shells(self) -> tuple[str, ...]:
        return tuple(line for line in self._lines.get("/etc/shells", ()) if line.startswith("/"))


def _records(
    recording: SectionRecording, name: str, count: int, numeric: tuple[int, ...], gaps: list[Gap]
) -> list[_Record]:
    """Lines with ``count`` fields, those at ``numeric`` numbers. The members of a group may be left out."""
    part = recording.part(name)
    found: list[_Record] = []
    for number, line in enumerate(whole_lines(part) if part else (), 1):
        text = line.decode("utf-8", "surrogateescape")
        if not text.strip() or text.lstrip().startswith(("#", "+", "-")):
            continue
        fields = text.split(":")
        if name == "group" and len(fields) == count - 1:
            fields.append("")
        if len(fields) != count or not all(_is_id(fields[at]) for at in numeric):
            gaps.append(Gap(f"line {number} of /etc/{name}", "it is not written as an entry of this file"))
            continue
        found.append(_Record(number, fields))
    return found


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10


def _user(number: int, fields: list[str]) -> User:
    name, _, uid, gid, comment, home, shell = fields
    return User(name, int(uid), int(gid), home, shell, comment, Origin(NAME, "passwd", number))


def _group(number: int, fields: list[str]) -> Group:
    name, _, gid, members = fields
    names = tuple(member for member in members.split(",") if member)
    return Group(name, int(gid), names, Origin(NAME, "group", number))


SECTION = Section(
    NAME,
    "Local accounts and groups, without passwords.",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=5, cap=1024 * 1024, files=FILES), WINDOWS),
    redact,
)
