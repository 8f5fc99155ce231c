"""Options that keep daemons in the foreground (``assess/knowledge/data/foreground.toml``)."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from assess.knowledge.data_files import data_toml


@dataclass(frozen=True)
class Daemon:
    """A row of the table (see the head of ``foreground.toml`` for what each field means)."""

    names: tuple[str, ...]
    reason: str
    form: str = ""
    title: re.Pattern[str] | None = None
    remove: tuple[tuple[str, ...], ...] = ()
    optional: tuple[str, ...] = ()
    replace: tuple[tuple[str, str], ...] = ()
    add: tuple[str, ...] = ()
    stop_signal: str = "SIGTERM"
    user: str = ""
    reaps: bool = False
    syslog: bool = False
    sets_umask: bool = False
    shm_bytes: int = 0
    on_demand: tuple[str, ...] = ()
    note: str = ""


@cache
def daemons() -> tuple[Daemon, ...]:
    """All rows."""
    return tuple(_daemon(row) for row in data_toml("foreground.toml")["program"])


def _daemon(row: dict[str, Any]) -> Daemon:
    return Daemon(
        names=tuple(row["names"]),
        reason=row["reason"],
        form=row.get("form", ""),
        title=re.compile(row["title"]) if "title" in row else None,
        remove=tuple(tuple(run) for run in row.get("remove", ())),
        optional=tuple(row.get("optional", ())),
        replace=tuple((old, new) for old, new in row.get("replace", ())),
        add=tuple(row.get("add", ())),
        stop_signal=row.get("stop_signal", "SIGTERM"),
        user=row.get("user", ""),
        reaps=row.get("reaps", False),
        syslog=row.get("syslog", False),
        sets_umask=row.get("sets_umask", False),
        shm_bytes=row.get("shm_bytes", 0),
        on_demand=tuple(row.get("on_demand", ())),
        note=row.get("note", ""),
    )


def daemon_for(executable: str) -> Daemon | None:
    """The row for an executable's path."""
    name = executable.rpartition("/")[2]
    return next((row for row in daemons() if any(fnmatch.fnmatchcase(name, pattern) for pattern in row.names)), None)


def foreground(daemon: Daemon, executable: str, arguments: Sequence[str]) -> tuple[str, ...]:
    """The argument vector that keeps ``daemon`` in the foreground. ``arguments`` is the vector that was seen."""
    form = _FORMS.get(daemon.form)
    if form is not None:
        return form(daemon, executable, arguments)
    rest = _given(daemon, arguments)
    for run in daemon.remove:
        rest = _without(rest, run, argument=run[-1] in daemon.optional)
    exchanged = dict(daemon.replace)
    rest = [exchanged.get(argument, argument) for argument in rest]
    missing = [] if _holds(rest, daemon.add) else list(daemon.add)
    return (executable, *rest, *missing)


def _given(daemon: Daemon, arguments: Sequence[str]) -> list[str]:
    """The arguments behind the name; for a program that rewrites its command line, those in its title."""
    if daemon.title and len(arguments) == 1 and (match := daemon.title.match(arguments[0].strip())):
        words = match[1].split()
        return words[1:] if words and "/" in words[0] else words
    return list(arguments[1:])


def _without(arguments: list[str], run: Sequence[str], *, argument: bool) -> list[str]:
    """The arguments without each ``run``, and without the word behind it where it may have an ``argument``. A long
    option is taken out with its value, too (``--daemonize=ON``).
    """
    valued = f"{run[0]}=" if len(run) == 1 and run[0].startswith("--") else None
    found: list[str] = []
    at = 0
    while at < len(arguments):
        if arguments[at : at + len(run)] == list(run):
            at += len(run)
            if argument and at < len(arguments) and not arguments[at].startswith("-"):
                at += 1
        elif valued is not None and arguments[at].startswith(valued):
            at += 1
        else:
            found.append(arguments[at])
            at += 1
    return found


def _holds(arguments: Sequence[str], run: Sequence[str]) -> bool:
    return any(list(arguments[at : at + len(run)]) == list(run) for at in range(len(arguments)))


def _nginx(daemon: Daemon, executable: str, arguments: Sequence[str]) -> tuple[str, ...]:
    """``nginx: master process /usr/sbin/nginx -g daemon on; master_process on;``: all that follows -g is directives, up
    to another option, because the title has lost its quotes.
    """
    title = daemon.title.match(arguments[0].strip()) if daemon.title and arguments else None
    words = title[1].split()[1:] if title else list(arguments[1:])
    kept: list[str] = []
    directives: list[str] = []
    within = False
    for word in words:
        if word == "-g":
            within = True
        elif within and re.fullmatch(r"-[cpe]", word):
            within = False
            kept.append(word)
        elif within:
            directives.append(word)
        else:
            kept.append(word)
    rest = [part.strip() for part in " ".join(directives).split(";")]
    rest = [part for part in rest if part and not re.match(r"daemon\s", part)]
    return (executable, *kept, "-g", " ".join(f"{part};" for part in ("daemon off", *rest)))


def _php_fpm(daemon: Daemon, executable: str, arguments: Sequence[str]) -> tuple[str, ...]:
    title = daemon.title.match(arguments[0].strip()) if daemon.title and arguments else None
    options = (
        ["--fpm-config", title[1]] if title else [word for word in arguments[1:] if word not in ("-D", "--daemonize")]
    )
    extra = [] if _holds(options, ("--nodaemonize",)) or _holds(options, ("-F",)) else ["--nodaemonize"]
    return (executable, *extra, *options)


def _redis(_daemon: Daemon, executable: str, arguments: Sequence[str]) -> tuple[str, ...]:
    """The title holds the address, not the arguments; Debian and Red Hat keep the configuration in these places."""
    given = [word for word in " ".join(arguments[1:]).split() if word.endswith(".conf")]
    configuration = given[0] if given else "/etc/redis/redis.conf"
    return (executable, configuration, "--daemonize", "no", "--supervised", "no")


def _postfix(_daemon: Daemon, _executable: str, _arguments: Sequence[str]) -> tuple[str, ...]:
    return ("/usr/sbin/postfix", "start-fg")


_FORMS = {"nginx": _nginx, "php-fpm": _php_fpm, "redis": _redis, "postfix": _postfix}
