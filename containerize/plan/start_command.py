"""The command by which the host starts a service, for processes that overwrite their command line."""

from __future__ import annotations

import re
import shlex

from inventory.model.services import Service

_ASSIGNMENT = re.compile(
    r"^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)=(\"[^\"`$(]*\"|'[^']*'|[^\s\"'`$(;]*)[ \t]*(?:#.*)?$", re.MULTILINE
)
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")
_PROGRAM_OPTIONS = frozenset({"--exec", "-x", "--startas", "-a"})
_OTHER_OPTIONS = frozenset(
    """--pidfile -p --name -n --user -u --chuid -c --group -g --chdir -d --nicelevel -N --iosched -I --umask -k --retry
    -R --signal -s --procsched -P --chroot -r --pid --ppid --output -O --notify-timeout""".split()  # noqa: SIM905
)
"""Options of start-stop-daemon(8) that have a value."""


def start_command(service: Service) -> tuple[str, ...]:
    """The vector from ``ExecStart`` or from a call of start-stop-daemon in an init script; () when it cannot be told.

    Of a shell script only what is certain is read: plain assignments, and a call whose words they explain. The
    inventory has hidden secrets in both, so a command with one cannot be told either.
    """
    if service.manager == "systemd":
        vector, end, _ = service.property("ExecStart").partition("argv[]=")[2].partition(" ; ignore_errors=")
        words = _split(vector) if end else []
        return () if any("<redacted:" in word for word in words) else tuple(words)
    variables = {name: value.strip("\"'") for name, value in _ASSIGNMENT.findall(service.text)}
    if "start-stop-daemon" not in service.text:
        return ()
    for line in service.text.replace("\\\n", " ").split("\n"):
        words = _split(line)
        # By its own name or by that of a function of the script that wraps it; the short option others have, too.
        by_name = "start-stop-daemon" in {word.rpartition("/")[2] for word in words}
        if ("--start" in words or (by_name and "-S" in words)) and (command := _from_call(words, variables)):
            return command
    return ()


def _from_call(words: list[str], variables: dict[str, str]) -> tuple[str, ...]:
    """``--startas`` wins over ``--exec``, which then only says what to look for; arguments follow ``--``."""
    programs: dict[str, str] = {}
    arguments: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        if word == "--":
            arguments = words[at + 1 :]
            break
        name, equals, value = word.partition("=")
        if name in _PROGRAM_OPTIONS:
            programs[name] = value if equals else (words[at + 1] if at + 1 < len(words) else "")
        at += 1 if equals or name not in _PROGRAM_OPTIONS | _OTHER_OPTIONS else 2
    program = next((programs[name] for name in ("--startas", "-a", "--exec", "-x") if name in programs), "")
    vector = [_expanded(word, variables) for word in (program, *_until_shell(arguments))]
    found = tuple(word for word in vector if word is not None)
    return found if len(found) == len(vector) and found[0].startswith("/") else ()


def _until_shell(words: list[str]) -> list[str]:
    """The arguments up to what belongs to the shell (``|| return 2``, ``> /dev/null``)."""
    for at, word in enumerate(words):
        if word in ("||", "&&", ";", "|", "&", "}") or word.startswith((">", "<", "2>", "&>")):
            return words[:at]
    return words


def _expanded(word: str, variables: dict[str, str]) -> str | None:
    """The word with variables filled in; None when one is not known."""
    unknown = False

    def fill(match: re.Match[str]) -> str:
        nonlocal unknown
        name = match[1] or match[2]
        unknown = unknown or name not in variables
        return variables.get(name, "")

    text = _VARIABLE.sub(fill, word)
    text = _VARIABLE.sub(fill, text)
    return None if unknown or "$" in text or "`" in text or "<redacted:" in text else text


def _split(line: str) -> list[str]:
    try:
        return shlex.split(line, comments=True)
    except ValueError:
        return []
