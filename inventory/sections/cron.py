"""Scheduled jobs of cron, from every place where cron looks."""

from __future__ import annotations

import re

from inventory.model.cron import CronJob
from inventory.observation import Absent, Found, Gap, Observation, Origin
from inventory.platforms import Platform
from inventory.procfs.records import whole_lines
from inventory.recording import SectionRecording
from inventory.section import ParseError, Section, Variant

NAME = "cron"

# `grep -aH ''` puts the file's name before each line; a name with a newline in it is not one that cron reads.
FRAGMENT = r"""
bf_tables() { grep -aH '' /etc/crontab /etc/cron.d/* 2>/dev/null; }
bf_anacron() { grep -aH '' /etc/anacrontab 2>/dev/null; }
bf_scripts() { ls -d /etc/cron.hourly/* /etc/cron.daily/* /etc/cron.weekly/* /etc/cron.monthly/* 2>/dev/null; }
bf_dirs() { ls -d /etc/cron.d /etc/crontab /var/spool/cron /var/spool/cron/crontabs /var/spool/cron/tabs 2>/dev/null; }
part dirs bf_dirs
part tables bf_tables
part anacron bf_anacron
part scripts bf_scripts
root users /bin/grep -arsH . /var/spool/cron
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
    dirs = recording.part("dirs")
    if not jobs and not gaps and dirs is not None and not dirs.content:
        return Absent("there is no cron")
    return Found(tuple(jobs), gaps)


def _lines(recording: SectionRecording, name: str) -> list[tuple[int, str, str]]:
    """(number, file, text) of a part that grep made; comments and empty lines are left out."""
    part = recording.part(name)
    found: list[tuple[int, str, str]] = []
    for number, line in enumerate(whole_lines(part) if part else (), 1):
        path, colon, text = line.decode("utf-8", "surrogateescape").partition(":")
        if not colon or not path.startswith("/"):
            raise ParseError(f"{name}:{number} names no file")
        text = text.strip()
        if text and not text.startswith("#") and not path.endswith(_IGNORED):
            found.append((number, path, text))
    return found


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


SECTION = Section(
    NAME,
    "Jobs of cron and anacron, of the system and of each user.",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=10, cap=2 * 1024 * 1024),),
)
