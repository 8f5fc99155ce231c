"""Scheduled jobs of cron, from every place that cron reads, and of at."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from inventory.formats.grep_lines import file_lines, redact_files
from inventory.formats.procfs.process_files import whole_lines
from inventory.formats.unreadable_rows import unreadable_row
from inventory.model.cron import CronJob
from inventory.observation import Absent, Found, Gap, Observation, Origin
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import Redact, Section, Variant
from inventory.sections.windows.cron import VARIANT as WINDOWS

NAME = "cron"

# `grep -aH ''` puts the file's name before each line; a name with a colon or a newline is not one that cron reads.
# /var/spool/cron may also hold the jobs of at, which are asked for separately: they begin with the environment of their
# author, of which nothing is retained. Alpine and OpenWrt have /etc/crontabs and /etc/periodic. As root the shell sees
# by itself that no user has jobs; no cron reads a file that is hidden or deeper.
FILES = r"""
set -- /etc/crontab /etc/cron.d/*
if [ -f /etc/anacrontab ]; then
  want 'tables=/etc/crontab|/etc/cron.d/*,anacron=/etc/anacrontab' "$@" /etc/anacrontab
else
  want 'tables=/*' "$@"
fi
"""
FRAGMENT = r"""
bf_there() {
  for bf_file in "$@"; do
    [ -f "$bf_file" ] && return 0
  done
  return 1
}
bf_scripts() {
  for bf_file in /etc/cron.hourly/* /etc/cron.daily/* /etc/cron.weekly/* /etc/cron.monthly/* /etc/cron.yearly/* \
    /etc/periodic/*/*; do
    # no run-parts runs what has no bit x, and that is how people switch a job off
    [ -f "$bf_file" ] && [ -x "$bf_file" ] || continue
    printf '%s\n' "$bf_file"
  done
}
bf_places() {
  for bf_place in /etc/cron.d /etc/crontab /var/spool/cron /var/spool/cron/*tabs /etc/crontabs /etc/periodic \
    /var/spool/fcron; do
    [ -e "$bf_place" ] && echo "$bf_place"
  done
}
bf_strict() { [ -e /etc/debian_version ] && echo names; return 0; }
part places bf_places
part strict bf_strict
part scripts bf_scripts
bf_users='/var/spool/cron/* /var/spool/cron/[!a]*/* /var/spool/cron/a[!t]*/* /etc/crontabs/*'
if [ "$BF_UID" = 0 ] && ! bf_there $bf_users; then
  part users true
elif [ -d /var/spool/cron ] || [ -d /etc/crontabs ]; then
  root users /usr/bin/find /var/spool/cron /etc/crontabs -path '/var/spool/cron/at*' -prune -o -type f \
    -exec /bin/grep -aH . '{}' + 2>/dev/null
fi
if [ -d /var/spool/cron/atjobs ] || [ -d /var/spool/at ] || [ -d /var/spool/atjobs ]; then
  root at /usr/bin/find /var/spool/cron/atjobs /var/spool/at /var/spool/atjobs -maxdepth 1 -type f \
    -exec /bin/grep -aH ^ '{}' + 2>/dev/null
fi
"""

_FIELD = r"(?:[0-9*][0-9*/,\-]*|[A-Za-z]{3}(?:[-,/][A-Za-z0-9]+)*|[0-9A-Za-z*/,\-~]+)"
_FIVE = re.compile(rf"-?(?P<when>{_FIELD}(?:\s+{_FIELD}){{4}})\s+(?P<rest>\S.*)")
_NAMED = re.compile(
    r"(?P<when>@(?:reboot|yearly|annually|monthly|weekly|daily|midnight|hourly|every_\w+))\s+(?P<rest>\S.*)"
)
_SETTING = re.compile(r"\s*[\"']?\w+[\"']?\s*=")
_ANACRON = re.compile(r"(?P<when>\d+|@\w+)\s+\d+\s+(?P<name>\S+)\s+(?P<command>\S.*)")
_SCRIPT = re.compile(r"/etc/(?:cron\.(hourly|daily|weekly|monthly|yearly)|periodic/(?P<every>[^/]+))/.*", re.DOTALL)
# atd(8): a letter for the queue, five digits of the job's number, eight of its time in minutes since the epoch. "=" is
# a job that runs.
_AT = re.compile(r"/var/spool/(?:cron/)?at(?:jobs)?/[a-zA-Z=][0-9a-f]{5}(?P<minutes>[0-9a-f]{8})")
_LAST_MINUTE = int((datetime(9999, 12, 31, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) // 60
_AT_USER = re.compile(r"# (?:atrun uid=(?P<uid>\d{1,20}) gid=\d+|mail\s+(?P<name>\S+) \d+)")
_AT_BEGIN = re.compile(r"cd .* \|\| \{")
_AT_SHELL = re.compile(r"\$\{SHELL:-/bin/sh\} << '(?P<end>\w+)'")
_STRICT = re.compile(r"[A-Za-z0-9_-]+")
"""Names that the cron and run-parts of Debian's family take, and run-parts of busybox; others take a dot as well."""
_IGNORED = (".placeholder", ".dpkg-old", ".dpkg-dist", ".dpkg-new", ".rpmsave", ".rpmnew", "~")


def parse(recording: SectionRecording) -> Observation[tuple[CronJob, ...]]:
    """Jobs in the order of the files. What cron itself passes over (backup files) is passed over here."""
    jobs = [
        *_table(recording, "tables", with_user=True),
        *_anacron(recording),
        *_scripts(recording),
        *_table(recording, "users", with_user=False),
        *_at(recording),
    ]
    gaps: list[Gap] = []
    places = recording.part("places")
    known = places.lines() if places is not None else []
    for name, what, where in (
        ("users", "the users' own crontabs", "/etc/crontabs" if "/etc/crontabs" in known else "/var/spool/cron"),
        ("at", "jobs of at", "its spool"),
    ):
        part = recording.part(name)
        if part is not None and part.status == 126:
            gaps.append(Gap(what, f"only root may read {where}; scan with become"))
        elif part is not None and part.status == 127:
            gaps.append(Gap(what, f"the host has no /usr/bin/find, with which {where} is read"))
    if "/var/spool/fcron" in known:
        gaps.append(Gap("fcron jobs", "its tables are binary"))
    if not jobs and places is not None and not places.content:
        return Absent("there is no cron")
    return Found(tuple(jobs), tuple(gaps))


def _lines(recording: SectionRecording, name: str) -> list[tuple[int, str, str]]:
    """(number, file, text) of a part that grep made; comments and empty lines are left out."""
    return [
        (line.number, line.path, text)
        for line in file_lines(recording.part(name))
        if (text := line.text.strip()) and not text.startswith("#") and not line.path.endswith(_IGNORED)
    ]


def _table(recording: SectionRecording, name: str, *, with_user: bool) -> list[CronJob]:
    jobs: list[CronJob] = []
    strict = _strict(recording)
    for number, path, text in _lines(recording, name):
        if strict and path.startswith("/etc/cron.d/") and not _STRICT.fullmatch(path.rpartition("/")[2]):
            continue
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
    part, strict = recording.part("scripts"), _strict(recording)
    jobs: list[CronJob] = []
    for number, line in enumerate(whole_lines(part) if part else (), 1):
        path = line.decode("utf-8", "surrogateescape")
        match = _SCRIPT.fullmatch(path)
        if match is None:
            unreadable_row(f"scripts:{number} is not a script of cron")
            continue
        named = _STRICT.fullmatch(path.rpartition("/")[2]) if strict or match["every"] else not path.endswith(_IGNORED)
        if named:
            jobs.append(CronJob(path, "root", match[1] or match["every"], path, Origin(NAME, "scripts", number)))
    return jobs


def _strict(recording: SectionRecording) -> bool:
    part = recording.part("strict")
    return part is not None and bool(part.content)


def _at(recording: SectionRecording) -> list[CronJob]:
    """Jobs of at, each as one command; ``schedule`` is ``at YYYY-MM-DDTHH:MMZ``."""
    files: dict[str, list[tuple[int, str]]] = {}
    for line in file_lines(recording.part("at")):
        files.setdefault(line.path, []).append((line.number, line.text))
    jobs: list[CronJob] = []
    for path, lines in files.items():
        match = _AT.fullmatch(path)
        if match is None:
            continue
        # 32 bits of minutes go to the year 10136, which datetime does not know
        when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=min(int(match["minutes"], 16), _LAST_MINUTE))
        user, number = "", lines[0][0]
        command: list[str] = []
        body = False
        for line_number, text in lines:
            if head := _AT_USER.fullmatch(text):
                user = head["name"] or user or head["uid"]
            elif _AT_BEGIN.fullmatch(text):
                body = True
            elif (
                body and not text.startswith(("\t echo 'Execution", "\t exit 1", "}")) and not _AT_SHELL.fullmatch(text)
            ):
                number = line_number if not command else number
                command.append(text)
        end = next((m["end"] for _, text in lines if (m := _AT_SHELL.fullmatch(text))), None)
        commands = "; ".join(text.strip() for text in command if text.strip() and text != end)
        if commands:
            jobs.append(CronJob(path, user, f"at {when:%Y-%m-%dT%H:%MZ}", commands, Origin(NAME, "at", number)))
    return jobs


def _without_environment(part: Part) -> Part:
    """Files of at without the environment, which fills the lines between their head and the change of directory.

    at(1) quotes what it writes there, so that none of these lines can look like that change. Other files of the spool
    (the output of jobs) are left out whole.
    """
    kept: list[str] = []
    path, body = "", False
    for line in file_lines(part):
        if line.path != path:
            path, body = line.path, False
        if _AT.fullmatch(path) is None:
            continue
        body = body or _AT_BEGIN.fullmatch(line.text) is not None
        if body or _AT_USER.fullmatch(line.text):
            kept.append(f"{path}:{line.text}\n")
    return replace(part, content="".join(kept).encode("utf-8", "surrogateescape"))


def redact(recording: SectionRecording, redact: Redact) -> SectionRecording:
    """File by file, for a setting of a table (PASSWORD=x) to be known by how its line begins."""
    # The environment of an at job is redacted last: its secrets may be in the commands too.
    parts = tuple(
        part if part.name in ("places", "scripts", "strict") else redact_files(part, redact) for part in recording.parts
    )
    parts = tuple(_without_environment(part) if part.name == "at" else part for part in parts)
    return replace(recording, parts=parts, errors=redact.lines(recording.errors))


SECTION = Section(
    NAME,
    "Cron, anacron and at jobs of the system and of each user.",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=10, cap=2 * 1024 * 1024, files=FILES), WINDOWS),
    redact,
)
