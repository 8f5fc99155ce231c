"""Section processes on Windows."""

from __future__ import annotations

import re
from dataclasses import replace

from inventory.formats.unreadable_rows import skip_row
from inventory.formats.windows_tables import TableRow, answered, records, rows
from inventory.model.processes import Process
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.privacy.windows_redaction import redact_windows
from inventory.recording import SectionRecording
from inventory.section import ParseError, Variant

NAME = "processes"

# Get-Process lists owners in one call (PowerShell 4, administrators); GetOwner of WMI would be a call for each process.
FRAGMENT = r"""
wmi boot Win32_OperatingSystem LastBootUpTime
wmi processes Win32_Process ProcessId,ParentProcessId,Name,ExecutablePath,CommandLine,SessionId,CreationDate,KernelModeTime,UserModeTime,WorkingSetSize,PeakWorkingSetSize,ThreadCount,Priority
or tasklist tasklist /fo csv /nh
ps owners bf_rows (Get-Process -IncludeUserName) 'Id', 'UserName'
cmd owners-tasklist tasklist /v /fo csv /nh
"""  # noqa: E501 - a question is one line

_KERNEL = frozenset({"system idle process", "system", "registry", "memory compression", "secure system", "vmmem"})
_QUOTED = re.compile(r'"([^"]*)"|(\S+)')


def parse(recording: SectionRecording) -> Observation[tuple[Process, ...]]:
    """Processes in the order of the host. ``uid`` and ``gid`` are -1: an account here is a name (``account``)."""
    table = rows(recording.part("processes"))
    gaps: list[Gap] = []
    found: list[Process] = []
    if table:
        boot = next(iter(rows(recording.part("boot"))), None)
        started = (boot.time("LastBootUpTime") if boot else None) or 0.0
        accounts = _accounts(recording)
        for row in table:
            with skip_row:
                found.append(_process(row, started, accounts))
        hidden = sum(process.executable is None for process in found if not process.kernel)
        if hidden:
            gaps.append(Gap(f"executable of {hidden} of {len(found)} processes", "only administrators see it"))
    else:
        accounts = _accounts(recording)
        part = recording.part("tasklist") or recording.part("owners-tasklist")
        for number, fields in records(part):
            with skip_row:
                found.append(_listed(number, fields, part.name if part else "", accounts))
        if not found:
            return Unknown("neither WMI nor tasklist listed the processes")
        gaps.append(Gap("executables, command lines and parents of processes", "the host has no WMI that answers"))
    if not accounts:
        gaps.append(Gap("accounts of processes", "only administrators see them, with PowerShell 4 or later"))
    return Found(tuple(found), tuple(gaps))


def _accounts(recording: SectionRecording) -> dict[int, str]:
    owners = recording.part("owners")
    if answered(owners):
        return {pid: row.text("UserName") for row in rows(owners) if (pid := row.number("Id")) is not None}
    # name, pid, session, number of it, memory, status, account, CPU time, title: the same order in every language.
    return {
        int(fields[1]): fields[6]
        for _, fields in records(recording.part("owners-tasklist"))
        if len(fields) == 9 and fields[1].isascii() and fields[1].isdigit() and "\\" in fields[6]
    }


def _process(row: TableRow, boot: float, accounts: dict[int, str]) -> Process:
    pid = row.number("ProcessId")
    if pid is None:
        raise ParseError(f"{row.part}:{row.line} is a process without a number")
    created = row.time("CreationDate")
    name = row.text("Name")
    return replace(
        _UNNAMED,
        pid=pid,
        ppid=row.number("ParentProcessId") or 0,
        name=name,
        kernel=_is_kernel(pid, name),
        executable=row.text("ExecutablePath") or None,
        arguments=split_command_line(row.text("CommandLine")),
        start_seconds=max(0.0, created - boot) if created is not None and boot else 0.0,
        cpu_seconds=((row.number("KernelModeTime") or 0) + (row.number("UserModeTime") or 0)) / 10_000_000,
        rss_bytes=row.number("WorkingSetSize") or 0,
        peak_rss_bytes=(row.number("PeakWorkingSetSize") or 0) * 1024,
        threads=row.number("ThreadCount") or 0,
        session=row.number("SessionId") or 0,
        account=accounts.get(pid, ""),
        origin=Origin(NAME, row.part, row.line),
    )


def _listed(number: int, fields: list[str], part: str, accounts: dict[int, str]) -> Process:
    if len(fields) not in (5, 9) or not re.fullmatch(r"\d{1,10}", fields[1], re.ASCII):
        raise ParseError(f"{part}:{number} is not a line of tasklist")
    digits = re.sub(r"\D", "", fields[4], flags=re.ASCII)
    pid = int(fields[1])
    return replace(
        _UNNAMED,
        pid=pid,
        name=fields[0],
        kernel=_is_kernel(pid, fields[0]),
        rss_bytes=int(digits[:15] or "0") * 1024,
        session=int(fields[3]) if re.fullmatch(r"\d{1,10}", fields[3], re.ASCII) else 0,
        account=accounts.get(pid, ""),
        origin=Origin(NAME, part, number),
    )


def _is_kernel(pid: int, name: str) -> bool:
    return pid in (0, 4) or name.lower() in _KERNEL


_UNNAMED = Process(
    pid=-1,
    ppid=0,
    name="",
    state="",
    kernel=False,
    executable=None,
    executable_deleted=False,
    working_directory=None,
    root=None,
    arguments=(),
    environment=None,
    uid=-1,
    gid=-1,
    effective_uid=-1,
    groups=(),
    cgroups=(),
    start_seconds=0.0,
    cpu_seconds=0.0,
    rss_bytes=0,
    peak_rss_bytes=0,
    threads=0,
    nice=0,
    scheduling_policy=0,
    capabilities=0,
    seccomp=0,
    umask=None,
    limits=(),
    namespaces=(),
    session=0,
    tty=0,
    origin=Origin(NAME, "", 0),
)
"""A process of Windows before its facts: what only Linux has is empty."""


def split_command_line(line: str) -> tuple[str, ...]:
    """The words of a command line. Quotes hold words together; backslashes are literal, as in paths."""
    return tuple(match[1] if match[1] is not None else match[2] for match in _QUOTED.finditer(line))


VARIANT = Variant(Platform.WINDOWS, FRAGMENT, parse, seconds=60, cap=16 * 1024 * 1024, redact=redact_windows)
