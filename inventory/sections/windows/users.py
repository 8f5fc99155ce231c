"""Section users on Windows: local accounts and groups."""

from __future__ import annotations

import re

from inventory.formats.windows_registry import keys
from inventory.formats.windows_tables import TableRow, rows
from inventory.model.users import Group, User, Users
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.privacy.windows_redaction import redact_windows
from inventory.recording import SectionRecording
from inventory.section import Variant

NAME = "users"

FRAGMENT = r"""
wmi accounts Win32_UserAccount Name,SID,Disabled,FullName,Description where LocalAccount=TRUE
or profiles reg query "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList" /s
wmi groups Win32_Group Name,SID where LocalAccount=TRUE
"""


def parse(recording: SectionRecording) -> Observation[Users]:
    """Accounts; ``uid`` and ``gid`` are the last number of the SID, which distinguishes accounts of one host.

    ``shell`` is ``disabled`` for a disabled account. Members of groups are not asked: a domain would have to be.
    """
    table = rows(recording.part("accounts"))
    groups = tuple(
        Group(row.text("Name"), _last(row.text("SID")), (), Origin(NAME, row.part, row.line))
        for row in rows(recording.part("groups"))
    )
    if table:
        return Found(Users(tuple(_user(row) for row in table), groups))
    users: list[User] = []
    for key in keys(recording.part("profiles")):
        home = key.text("ProfileImagePath")
        if home and key.name.startswith("S-1-5-21-"):
            origin = Origin(NAME, key.part, key.line)
            users.append(User(home.rpartition("\\")[2], _last(key.name), -1, home, "", "", origin))
    if users:
        reason = "the host has no WMI that answers"
        return Found(Users(tuple(users), groups), (Gap("accounts that have never logged in, and groups", reason),))
    return Unknown("neither WMI nor the registry listed the accounts")


def _user(row: TableRow) -> User:
    comment = ", ".join(text for text in (row.text("FullName"), row.text("Description")) if text)
    shell = "disabled" if row.flag("Disabled") else ""
    return User(row.text("Name"), _last(row.text("SID")), -1, "", shell, comment, Origin(NAME, row.part, row.line))


def _last(sid: str) -> int:
    match = re.fullmatch(r"S-[\d-]*?-(\d{1,10})", sid, re.ASCII)
    return int(match[1]) if match else -1


VARIANT = Variant(Platform.WINDOWS, FRAGMENT, parse, seconds=60, cap=2 * 1024 * 1024, redact=redact_windows)
