r"""Section cron on Windows: tasks of the Task Scheduler.

``schtasks /query /xml`` (Server 2008 on) prints the definition of each task after a comment with its name; nothing
of it is translated. Server 2003 has only the verbose list, whose columns are translated and always in the same order.
"""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

from inventory.formats.windows_tables import records
from inventory.model.cron import CronJob
from inventory.observation import Absent, Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.privacy.windows_redaction import redact_command_lines, redact_commands
from inventory.recording import Part, SectionRecording
from inventory.section import Redact, Variant

NAME = "cron"

FRAGMENT = r"""
run tasks schtasks /query /xml
or list schtasks /query /fo csv /v
"""

# Only ends are looked for by expressions, and what begins there by a search backwards: each text is read once, however
# many beginnings without an end a host sends.
_NAME = re.compile(r"<!--[ \t]{0,9}(?P<name>\\[^\r\n]{0,300}?)[ \t]{0,9}-->")
_TASK_END = b"</Task>"
_TRIGGER_END = re.compile(r"</(?P<kind>\w{1,40})Trigger>")
_OWN = "\\Microsoft\\"
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
# Columns of Server 2003, and of later systems where the XML could not be had: TaskName, Schedule, Task To Run, Run As.
_OLD, _NEW = (1, 8, 9, 19), (1, 17, 8, 14)


def parse(recording: SectionRecording) -> Observation[tuple[CronJob, ...]]:
    r"""Enabled tasks that run a program. Those under ``\Microsoft\`` come with the system and are left out."""
    part = recording.part("tasks")
    if part is not None and "<Task" in (text := part.content.decode("utf-8", "surrogateescape")):
        jobs = [job for name, xml, line in _tasks(text) if not name.startswith(_OWN) and (job := _job(name, xml, line))]
        return Found(tuple(jobs))
    listed = recording.part("list")
    if listed is None or not listed.content.strip():
        return Unknown("schtasks did not answer")
    if listed.status != 0:
        return Unknown("schtasks failed")
    found = _listed(listed)
    if not found:
        return Absent("there are no scheduled tasks")
    reason = "schtasks of this host gives no XML"
    return Found(found, (Gap("disabled tasks cannot be distinguished", reason),))


def _tasks(text: str) -> list[tuple[str, str, int]]:
    """Name, definition and line of each task."""
    found: list[tuple[str, str, int]] = []
    line = 1
    for piece in text.split("</Task>")[:-1]:
        begin = max(piece.rfind("<Task>"), piece.rfind("<Task "))
        if begin >= 0:
            names = _NAME.findall(piece, 0, begin)
            xml = piece[begin:]
            name = names[-1] if names else _inner(xml, "URI")
            found.append((name, xml, line + piece.count("\n", 0, begin)))
        line += piece.count("\n")
    return found


def _inner(xml: str, tag: str) -> str:
    """The text of the first element ``tag``, which may hold the ``<`` of a redacted secret and is not read as XML."""
    return unescape(_block(xml, tag)).strip()


def _block(xml: str, tag: str) -> str:
    end = xml.find(f"</{tag}>")
    begin = max(xml.rfind(f"<{tag}>", 0, max(end, 0)), xml.rfind(f"<{tag} ", 0, max(end, 0)))
    return xml[xml.find(">", begin) + 1 : end] if end >= 0 and begin >= 0 else ""


def _job(name: str, xml: str, line: int) -> CronJob | None:
    if _inner(_block(xml, "Settings"), "Enabled").lower() == "false":
        return None
    commands = [
        " ".join(word for word in (_inner(exec_, "Command"), _inner(exec_, "Arguments")) if word)
        for exec_ in xml.split("</Exec>")[:-1]
    ]
    if not any(commands):
        return None
    principal = _block(xml, "Principals")
    user = _inner(principal, "UserId") or _inner(principal, "GroupId")
    if _inner(principal, "LogonType") in ("InteractiveToken", "Group") or not _inner(principal, "UserId"):
        user = f"{user or 'anybody'} (when logged on)"
    return CronJob(name, user, _schedule(_block(xml, "Triggers")), " && ".join(commands), Origin(NAME, "tasks", line))


def _schedule(triggers: str) -> str:
    """The start and the repetition, in words."""
    said: list[str] = []
    at = 0
    for end in _TRIGGER_END.finditer(triggers):
        kind = end["kind"]
        begin = triggers.rfind(f"<{kind}Trigger", at, end.start())
        text, at = triggers[max(begin, 0) : end.start()], end.end()
        if begin < 0 or _inner(text, "Enabled").lower() == "false":
            continue
        words = [_when(kind, text)]
        start = re.search(r"T(\d\d:\d\d)", _inner(text, "StartBoundary"))
        if start and kind in ("Calendar", "Time"):
            words.append(f"at {start[1]}")
        if every := _inner(text, "Interval"):
            words.append(f"repeated every {every}")
        said.append(" ".join(words))
    return "; ".join(said) or "on demand"


def _when(kind: str, text: str) -> str:
    if kind != "Calendar":
        return {"Boot": "at start", "Logon": "at logon", "Time": "once", "Idle": "when idle"}.get(kind, kind.lower())
    if days := _inner(text, "DaysInterval"):
        return "daily" if days == "1" else f"every {days} days"
    if "<ScheduleByWeek" in text:
        named = [day for day in _DAYS if re.search(rf"<{day}\s*/>", text)]
        return f"weekly on {', '.join(named)}" if named else "weekly"
    return "monthly"


def _listed(part: Part) -> tuple[CronJob, ...]:
    found: list[CronJob] = []
    name, schedule, command, user = _OLD
    for number, fields in records(part):
        if len(fields) < 28 or fields[0] == "HostName" or fields[:2] == ["", ""]:
            if fields[8:9] == ["Task To Run"]:
                name, schedule, command, user = _NEW
            continue
        if fields[command].strip() and fields[name] and not fields[name].startswith(_OWN):
            found.append(
                CronJob(fields[name], fields[user], fields[schedule], fields[command], Origin(NAME, "list", number))
            )
    return tuple(found)


def redact(recording: SectionRecording, redact: Redact) -> SectionRecording:
    """Commands are in elements and fields."""
    alone = redact.plain()

    def hidden(part: Part) -> Part:
        if part.name == "list":
            return replace(part, content=redact_command_lines(part.content, redact))
        tasks = part.content.split(_TASK_END)
        return replace(part, content=_TASK_END.join(redact_commands(task, alone) for task in tasks))

    parts = tuple(map(hidden, recording.parts))
    return replace(recording, parts=parts, errors=redact.lines(recording.errors))


VARIANT = Variant(Platform.WINDOWS, FRAGMENT, parse, seconds=60, cap=8 * 1024 * 1024, redact=redact)
