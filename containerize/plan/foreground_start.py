"""Start commands of daemons that leave the foreground, from product files."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from inventory.products.catalogue import products
from inventory.products.product import ForegroundTable


@cache
def _rows() -> tuple[tuple[tuple[str, ...], ForegroundTable], ...]:
    return tuple((product.programs_of(each), each) for product in products().values() for each in product.foreground)


@cache
def _titles() -> Mapping[str, re.Pattern[str]]:
    """The patterns of command lines that programs rewrite, by their text."""
    return {daemon.title: re.compile(daemon.title) for _, daemon in _rows() if daemon.title}


def daemons() -> tuple[ForegroundTable, ...]:
    """All that is known."""
    return tuple(daemon for _, daemon in _rows())


def daemon_for(executable: str) -> ForegroundTable | None:
    """Return the foreground table of an executable, by its path."""
    name = executable.rpartition("/")[2]
    return next(
        (daemon for names, daemon in _rows() if any(fnmatch.fnmatchcase(name, pattern) for pattern in names)), None
    )


def foreground(daemon: ForegroundTable, executable: str, arguments: Sequence[str]) -> tuple[str, ...]:
    """The argument vector that keeps ``daemon`` in the foreground. ``arguments`` is the vector that was seen."""
    form = FORMS.get(daemon.form)
    if form is not None:
        return form(daemon, executable, arguments)
    rest = _given(daemon, arguments)
    for run in daemon.remove:
        rest = _without(rest, run, argument=run[-1] in daemon.optional)
    exchanged = dict(daemon.replace)
    rest = [exchanged.get(argument, argument) for argument in rest]
    missing = [] if _holds(rest, daemon.add) else list(daemon.add)
    return (executable, *rest, *missing)


def _given(daemon: ForegroundTable, arguments: Sequence[str]) -> list[str]:
    """The arguments behind the name; for a program that rewrites its command line, those in its title."""
    if len(arguments) == 1 and (given := _in_title(daemon, arguments)) is not None:
        words = given.split()
        return words[1:] if words and "/" in words[0] else words
    return list(arguments[1:])


def _in_title(daemon: ForegroundTable, arguments: Sequence[str]) -> str | None:
    """Return the arguments that a program was given before it rewrote its command line; None if it does not."""
    match = _titles()[daemon.title].match(arguments[0].strip()) if daemon.title and arguments else None
    return match[1] if match else None


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


def _nginx(daemon: ForegroundTable, executable: str, arguments: Sequence[str]) -> tuple[str, ...]:
    """``nginx: master process /usr/sbin/nginx -g daemon on; master_process on;``: all that follows -g is directives, up
    to another option, because the title has lost its quotes.
    """
    title = _in_title(daemon, arguments)
    words = title.split()[1:] if title is not None else list(arguments[1:])
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


def _php_fpm(daemon: ForegroundTable, executable: str, arguments: Sequence[str]) -> tuple[str, ...]:
    title = _in_title(daemon, arguments)
    options = (
        ["--fpm-config", title]
        if title is not None
        else [word for word in arguments[1:] if word not in ("-D", "--daemonize")]
    )
    extra = [] if _holds(options, ("--nodaemonize",)) or _holds(options, ("-F",)) else ["--nodaemonize"]
    return (executable, *extra, *options)


def _redis(_daemon: ForegroundTable, executable: str, arguments: Sequence[str]) -> tuple[str, ...]:
    """The title holds the address, not the arguments; Debian and Red Hat keep the configuration in these places."""
    given = [word for word in " ".join(arguments[1:]).split() if word.endswith(".conf")]
    rest = list(arguments[1:])
    configuration = rest.pop(0) if rest and rest[0] in given else (given or ["/etc/redis/redis.conf"])[0]
    options = rest if rest and rest[0].startswith("--") else []
    for name in ("--daemonize", "--supervised"):
        options = _without(options, (name,), argument=True)
    return (executable, configuration, *options, "--daemonize", "no", "--supervised", "no")


def _postfix(_daemon: ForegroundTable, _executable: str, _arguments: Sequence[str]) -> tuple[str, ...]:
    return ("/usr/sbin/postfix", "start-fg")


FORMS: Mapping[str, Callable[[ForegroundTable, str, Sequence[str]], tuple[str, ...]]] = {
    "nginx": _nginx,
    "php-fpm": _php_fpm,
    "redis": _redis,
    "postfix": _postfix,
}
"""By the ``form`` that a product file names."""
