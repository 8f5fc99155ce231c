"""Scheduled jobs of cron, from every place where cron looks."""

from __future__ import annotations

import re
from dataclasses import replace

from inventory.model.cron import CronJob
from inventory.observation import Absent, Found, Gap, Observation, Origin
from inventory.platforms import Platform
from inventory.prefixed import file_lines, rewrite_files
from inventory.procfs.records import whole_lines
from inventory.recording import SectionRecording
from inventory.section import ParseError, Redact, Section, Variant
from inventory.sections.windows.cron import VARIANT as WINDOWS

NAME = "cron"

# `grep -aH ''` puts the file's name before each line; a name with a colon or a newline is not one that cron reads.
# /var/spool/cron may also hold the jobs of at, which are no schedules.
FRAGMENT = r"""
bf_tables() { grep -aH '' /etc/crontab /etc/cron.d/* 2>/dev/null; }
bf_anacron() { grep -aH '' /etc/anacrontab 2>/dev/null; }
bf_scripts() { ls -d /etc/cron.hourly/* /etc/cron.daily/* /etc/cron.weekly/* /etc/cron.monthly/* 2>/dev/null; }
bf_places() { ls -d /etc/cron.d /etc/crontab /var/spool/cron /var/spool/cron/*tabs 2>/dev/null; }
part places bf_places
part tables bf_tables
part anacron bf_anacron
part scripts bf_scripts
[ -d /var/spool/cron ] && root users /usr/bin/find /var/spool/cron -path '/var/spool/cron/at*' -prune -o -type f \
  -exec /bin/grep -aH . '{}' +
"""

_FIELD = r"(?:[0-9*][0-9*/,\-]*|[A-Za-z]{3}(?:[-,/][A-Za-z0-9]+)*|[0-9A-Za-z*/,\-~]+)"
_FIVE = re.compile(rf"-?(?P<when>{_FIELD}(?:\s+{_FIELD}){{4}})\s+(?P<rest>\S.*)")
_NAMED = re.compile(
    r"(?P<when>@(?:reboot|yearly|annually|monthly|weekly|daily|midnight|hourly|every_\w+))\s+(?P<rest>\S.*)"
)
_SETTING = re.compile(r"\s*[\"']?\w+[\"']?\s*=")
_ANACRON = re.compile(r"(?P<when>\d+|@\w+)\s+\d+\s+(?P<name>\S+)\s+(?P<command>\S.*)")
_IGNORED = (".placeholder", ".dpkg-old", ".dpkg-dist", ".dpkg-new", ".rpmsave", ".rpmnew", "~")


def parse(recording: SectionRecording) -> Observation[tuple[CronJob, ...]]:
    """Jobs in the order of the files. What cron itself passes over (backup files) is passed over here."""
    jobs = [
        *_table(recording, "tables", with_user=True),
        *_anacron(recording),
        *_scripts(recording),
        *_table(recording, "users", with_user=False),
    ]
    gaps: tuple[Gap, ...] = ()
    users = recording.part("users")
    if users is not None and users.status == 126:
        gaps = (Gap("the users' own crontabs", "only root may read /var/spool/cron; scan with become"),)
    places = recording.part("places")
    if not jobs and places is not None and not places.content:
        return Absent("there is no cron")
    return Found(tuple(jobs), gaps)


def _lines(recording: SectionRecording, name: str) -> list[tuple[int, str, str]]:
    """(number, file, text) of a part that grep made; comments and empty lines are left out."""
    return [
        (line.number, line.path, text)
        for line in file_lines(recording.part(name))
        if (text := line.text.strip()) and not text.startswith("#") and not line.path.endswith(_IGNORED)
    ]


def _table(recording: SectionRecording, name: str, *, with_user: bool) -> list[CronJob]:
    jobs: list[CronJob] = []
    for number, path, text in _lines(recording, name):
        match = _NAMED.fullmatch(text) or _FIVE.fullmatch(text)
        if match is None:
            # A setting of the table (SHELL=…), or a line that cron complains of and passes over as well.
            continue
        if _SETTING.match(text):
            continue
        user, command = path.rpartition("/")[2], match["rest"]
        if with_user:
            user, _, command = match["rest"].partition(" ")
            user, command = user.strip(), command.strip()
            if "\t" in user:
                user, _, tail = user.partition("\t")
                command = f"{tail} {command}".strip()
        jobs.append(CronJob(path, user, " ".join(match["when"].split()), command, Origin(NAME, name, number)))
    return jobs


def _anacron(recording: SectionRecording) -> list[CronJob]:
    jobs: list[CronJob] = []
    for number, path, text in _lines(recording, "anacron"):
        match = _ANACRON.fullmatch(text)
        if match:
            when = match["when"] if match["when"].startswith("@") else f"every {match['when']} days"
            jobs.append(CronJob(path, "root", when, match["command"], Origin(NAME, "anacron", number)))
    return jobs


def _scripts(recording: SectionRecording) -> list[CronJob]:
    part = recording.part("scripts")
    jobs: list[CronJob] = []
    for number, line in enumerate(whole_lines(part) if part else (), 1):
        path = line.decode("utf-8", "surrogateescape")
        match = re.fullmatch(r"/etc/cron\.(hourly|daily|weekly|monthly)/.*", path)
        if match is None:
            raise ParseError(f"scripts:{number} is not a script of cron")
        if not path.endswith(_IGNORED):
            jobs.append(CronJob(path, "root", match[1], path, Origin(NAME, "scripts", number)))
    return jobs


def redact(recording: SectionRecording, redact: Redact) -> SectionRecording:
    """File by file, for a setting of a table (PASSWORD=x) to be known by how its line begins."""
    parts = tuple(
        part if part.name in ("places", "scripts") else rewrite_files(part, redact.text) for part in recording.parts
    )
    return replace(recording, parts=parts, errors=redact.text(recording.errors))


SECTION = Section(
    NAME,
    "Jobs of cron and anacron, of the system and of each user.",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=10, cap=2 * 1024 * 1024), WINDOWS),
    redact,
)
