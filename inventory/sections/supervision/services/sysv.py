"""Init scripts of System V (and of OpenRC, which has them in the same place), and pid files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby

from inventory.formats.grep_lines import FileLine, file_lines
from inventory.formats.procfs.process_files import whole_lines
from inventory.formats.unreadable_rows import unreadable_row
from inventory.model.services import PidFile, Service
from inventory.observation import Origin
from inventory.recording import SectionRecording

# Where systemd runs, a script that a native unit replaces is not asked for: the unit has it all. What only the boot
# itself needs (mounting, clock, console) is not a service.
FILES = r"""
bf_scripts() {
  set --
  for bf_script in /etc/init.d/* /etc/rc.d/init.d/*; do
    [ -f "$bf_script" ] || continue
    bf_name=${bf_script##*/}
    case $bf_script in /etc/rc.d/*) [ -L /etc/init.d ] && continue ;; esac
    case $bf_name in
      *[!A-Za-z0-9_.@+-]*|README|skeleton|functions|functions.sh|*.dpkg-*|*.rpm*|*~) continue ;;
      rc|rcS|*.local|single|halt|reboot|sendsigs|killall|killprocs|bootlogs|bootmisc.sh|check*.sh) continue ;;
      mount*|umount*|urandom|hostname.sh|hwclock*|rmnologin) continue ;;
      stop-bootlogd*|bootlogd|console-*|keyboard-setup*|keymap.sh|procps|kmod|networking|network|brightness) continue ;;
    esac
    if [ -d /run/systemd/system ]; then
      for bf_unit in /lib /usr/lib /etc; do
        [ -e "$bf_unit/systemd/system/${bf_name%.sh}.service" ] && continue 2
      done
    fi
    if [ -r "$bf_script" ]; then set -- "$@" "$bf_script"; else denied "$bf_script"; fi
  done
  want 'scripts=/*' "$@"
}
bf_scripts
"""

# A pid file may have more lines; the first counts, and the shell itself reads it. Accounts of services write below
# /run, and everyone does in /run/lock: a link is not followed, and nothing but a number is sent.
FRAGMENT = r"""
bf_links() {
  for bf_links in '/etc/rc[0-9S].d/S*' '/etc/rc.d/rc[0-9S].d/S*' '/etc/init.d/boot.d/S*' \
    '/etc/runlevels/*/*' '/run/openrc/started/*'; do
    set -- $bf_links
    [ "$1" = "$bf_links" ] || printf '%s\n' "$@"
  done
}
bf_pid_files() {
  set -- /run/*.pid /run/*/*.pid
  [ -L /var/run ] || set -- "$@" /var/run/*.pid /var/run/*/*.pid
  for bf_file in "$@"; do
    [ -f "$bf_file" ] && [ ! -L "$bf_file" ] && [ -s "$bf_file" ] || continue
    case $bf_file in *:*|*'
'*) continue ;; esac
    bf_line=
    read -r bf_line <"$bf_file"
    case $bf_line in ''|*[!0-9]*) continue ;; esac
    printf '%s:%s\n' "$bf_file" "$bf_line"
  done
}
"""

_LINK = re.compile(
    r"/etc/(?:(?:rc\.d/)?rc(?P<level>[0-9S])|init\.d/boot)\.d/S\d\d(?P<name>.+)|/etc/runlevels/(?P<runlevel>[^/]+)/(?P<openrc>[^/]+)"
    r"|/run/openrc/started/(?P<started>.+)"
)
_HEADER = re.compile(r"#\s*(?:Short-Description|Description|description):\s*+(?P<text>.*)")
# Comments of a script about itself: the header of the Linux Standard Base, and chkconfig(8)'s line.
_SAYS = re.compile(
    r"#\s*(?P<key>Provides|Required-Start|Should-Start|Default-Start|Default-Stop|chkconfig|processname|pidfile|config):"
    r"\s*+(?P<value>.+)"
)
# What a script of OpenRC sets for it.
_SETS = re.compile(
    r"(?P<key>description|command|command_args|command_user|pidfile)="
    r"(?:\"(?P<double>\S.*)\"|'(?P<single>\S.*)'|(?P<bare>\S.*))"
)
_KEYS = {"chkconfig": "Chkconfig", "processname": "ProcessName", "pidfile": "PIDFile", "config": "ConfigurationFile"}
_OPENRC_KEYS = {
    "command": "Command",
    "command_args": "CommandArguments",
    "command_user": "User",
    "pidfile": "PIDFile",
}
_OPENRC = re.compile(r"#!\s*\S*/(?:openrc-run|runscript)\b")
_STARTED = frozenset("2345S")


def parse(recording: SectionRecording, pid_files: Iterable[PidFile]) -> tuple[Service, ...]:
    """The init scripts, by path. A script is enabled when a runlevel in which services run starts it.

    Only OpenRC keeps what it has started: of the others the state is "".
    """
    levels, started = _links(recording)
    services: list[Service] = []
    for path, group in groupby(file_lines(recording.part("scripts")), key=lambda line: line.path):
        lines = list(group)
        name = path.rsplit("/", 1)[-1]
        text = "\n".join(line.text for line in lines)
        services.append(
            Service(
                name=name.removesuffix(".sh"),
                manager="sysv",
                path=path,
                description=_description(lines),
                state="active" if name in started else "",
                enabled=bool(levels.get(name)),
                pids=tuple(dict.fromkeys(file.pid for file in pid_files if _belongs(file.path, name, text))),
                properties=_says(lines, levels.get(name, [])),
                text=text,
                origin=Origin("services", "scripts", lines[0].number),
            )
        )
    return tuple(services)


def pid_files(recording: SectionRecording) -> tuple[PidFile, ...]:
    """Files under /run that begin with the number of a process; others of that name (a lock, an empty file) are not."""
    return tuple(
        PidFile(line.path, int(line.text), Origin("services", "pid-files", line.number))
        for line in file_lines(recording.part("pid-files"))
        if line.line == 1 and re.fullmatch(r"\s*[0-9]{1,10}\s*", line.text)
    )


def _description(lines: list[FileLine]) -> str:
    """In a comment, or set for OpenRC."""
    for line in lines:
        if match := _HEADER.fullmatch(line.text):
            return match["text"].rstrip().removesuffix("\\").rstrip()
        if (match := _SETS.fullmatch(line.text.rstrip())) and match["key"] == "description":
            return _set_to(match)
    return ""


def _set_to(match: re.Match[str]) -> str:
    return match["double"] or match["single"] or match["bare"] or ""


def _says(lines: list[FileLine], levels: list[str]) -> tuple[tuple[str, str], ...]:
    """``Required-Start`` becomes RequiredStart; ``RunLevels`` are those whose links start the script. Settings of
    OpenRC get the names that units have (Command, User, PIDFile).
    """
    found = {"RunLevels": " ".join(levels)} if levels else {}
    openrc = bool(lines) and _OPENRC.match(lines[0].text) is not None
    for line in lines:
        if match := _SAYS.fullmatch(line.text.rstrip()):
            found.setdefault(_KEYS.get(match["key"], match["key"].replace("-", "")), match["value"])
        elif openrc and (match := _SETS.fullmatch(line.text.rstrip())) and match["key"] != "description":
            found.setdefault(_OPENRC_KEYS[match["key"]], _set_to(match))
    return tuple(found.items())


def _links(recording: SectionRecording) -> tuple[dict[str, list[str]], frozenset[str]]:
    """Names that a runlevel starts with those runlevels, and names that OpenRC reports as started."""
    part = recording.part("links")
    names: dict[str, list[str]] = {}
    started: set[str] = set()
    for number, line in enumerate(whole_lines(part) if part else (), 1):
        match = _LINK.fullmatch(line.decode("utf-8", "surrogateescape"))
        if match is None:
            unreadable_row(f"links:{number} is not a runlevel link")
            continue
        if match["started"]:
            started.add(match["started"])
        elif match["openrc"] or match["level"] is None or match["level"] in _STARTED:
            # SUSE links scripts that run once at boot in a separate directory
            level = match["runlevel"] if match["openrc"] else match["level"] or "boot"
            names.setdefault(match["openrc"] or match["name"], []).append(level)
    return names, frozenset(started)


def _belongs(path: str, name: str, text: str) -> bool:
    """Whether a pid file is this script's: by its name, its directory's name, or because the script names it."""
    pieces = path.split("/")
    if pieces[-1].removesuffix(".pid") == name or pieces[-2] == name:
        return True
    return any(spelling in text for spelling in (path, "/var" + path if path.startswith("/run/") else path))
