"""The start of a service from its init script: start-stop-daemon, the functions of Red Hat and of the LSB, OpenRC.

A script that cannot be understood is run itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from containerize.start.managed_start import ManagedCommand, ManagedDirectory, ManagedStart
from containerize.start.shell_script import INIT_PATH, Call, ShellScript, read_script

_VALUES = {
    "-p": "--pidfile",
    "-n": "--name",
    "-u": "--user",
    "-c": "--chuid",
    "-g": "--group",
    "-d": "--chdir",
    "-N": "--nicelevel",
    "-I": "--iosched",
    "-k": "--umask",
    "-R": "--retry",
    "-s": "--signal",
    "-P": "--procsched",
    "-r": "--chroot",
    "-x": "--exec",
    "-a": "--startas",
    "-O": "--output",
}
"""Options of start-stop-daemon(8) with a value, the long form by the short one."""
_LONG_VALUES = frozenset(_VALUES.values()) | {"--pid", "--ppid", "--notify-timeout"}
_SWITCHES = {
    "-S": "--start",
    "-b": "--background",
    "-m": "--make-pidfile",
    "-t": "--test",
    "-q": "",
    "-o": "",
    "-v": "",
}
_INIT_D = "/lib/init/init-d-script"
_OPENRC = ("openrc-run", "runscript")
FUNCTION_FILES = (
    "/lib/lsb/init-functions",
    "/lib/init/init-d-script",
    "/lib/init/vars.sh",
    "/etc/rc.d/init.d/functions",
)
"""Files with the functions of init scripts, which set no variables of services."""
_RUNNERS = frozenset({"daemon", "start_daemon", "startproc"})

_ULIMITS = {"-n": "nofile", "-u": "nproc", "-l": "memlock", "-c": "core", "-s": "stack", "-v": "as"}

Exists = Callable[[str], bool]


def sourced_files(text: str, name: str) -> tuple[str, ...]:
    """The files that a script sources by their full path, and the usual ones for its name."""
    found = dict.fromkeys(f"{place}/{name}" for place in ("/etc/default", "/etc/sysconfig", "/etc/conf.d"))
    for line in text.split("\n")[:5000]:
        words = line.replace(";", " ").replace("&&", " ").split()
        for before, word in pairwise(words):
            path = word.strip("\"'").replace("$NAME", name).replace("${NAME}", name)
            if before in (".", "source") and path.startswith(("/etc/", "/usr/")) and "$" not in path:
                found[path] = None
    return tuple(found)


def init_script_start(name: str, path: str, text: str, files: Mapping[str, str], exists: Exists) -> ManagedStart | None:
    """The start that the script's text shows; None where it cannot be known."""
    first = text.partition("\n")[0]
    if any(word in first for word in _OPENRC):
        text = f"{files.get(f'/etc/conf.d/{name}', '')}\n{text}"
    script = read_script(text, files, exists, path)
    if not script.complete:
        return None
    found: ManagedStart | None = None
    if _INIT_D in text[:1000]:
        # The interpreter sources this file before the script's own functions run.
        settings = read_script(f"{text}\n{files.get(f'/etc/default/{name}', '')}", files, exists, path)
        found = _init_d_script(settings) if settings.complete else None
    elif any(word in first for word in _OPENRC):
        found = _openrc(script)
    else:
        starts = [start for call in script.calls if (start := _start_of(call)) is not None]
        # With --test it only looks whether the service runs.
        found = starts[-1] if starts and all(_same(start, starts[-1]) for start in starts) else None
    if found is None or not found.arguments or not found.arguments[0].startswith("/"):
        return None
    # What init itself sets stays exported when it is assigned.
    script.exported.update({"PATH", "LANG", "HOME"} & script.variables.keys())
    if script.variables["PATH"] == INIT_PATH:
        script.exported.discard("PATH")
    environment = {key: value for key in sorted(script.exported) if (value := script.variables.get(key)) is not None}
    return replace(
        found,
        source=f"the init script {path}",
        environment={**environment, **found.environment},
        # Of what the script exports on another way, or to a value of the moment, the process has the result.
        passed=frozenset(name for name in script.variables if name.isidentifier()),
        inherits=any(path not in FUNCTION_FILES for path in script.unread),
        limits=_limits(script.calls),
        directories=tuple(_directories(script.calls)),
        umask=found.umask if found.umask is not None else _umask(script.calls),
        pid_file=_run(found.pid_file),
    )


def script_itself(path: str) -> ManagedStart:
    """Run the script with ``start`` and ``stop``, as the init does."""
    return ManagedStart(
        source=f"the init script {path}, which is run itself because its text does not show the command",
        kind="forking",
        start=(ManagedCommand((path, "start")),),
        stop=(ManagedCommand((path, "stop"), ignore_failure=True),),
        start_seconds=300,
    )


def _same(one: ManagedStart, other: ManagedStart) -> bool:
    return one.arguments == other.arguments and one.user == other.user


def _run(path: str) -> str:
    return f"/run/{path.removeprefix('/var/run/')}" if path.startswith("/var/run/") else path


def _start_of(call: Call) -> ManagedStart | None:
    words = call.words
    names = [word.rpartition("/")[2] for word in words[:1] if word]
    starting = "--start" in words or ("-S" in words and "start-stop-daemon" in names)
    if starting and not {"--test", "-t", "--stop", "-K", "--status", "-T"} & set(words[: _end(words)]):
        return _start_stop_daemon(words) if call.certain else None
    if names and names[0] in _RUNNERS and call.certain:
        return _runner(names[0], words[1:])
    return None


def _end(words: Sequence[str | None]) -> int:
    return words.index("--") if "--" in words else len(words)


def _start_stop_daemon(words: Sequence[str | None]) -> ManagedStart | None:
    values: dict[str, str] = {}
    switches: set[str] = set()
    at = 1
    while at < len(words) and words[at] != "--":
        word = words[at]
        if word is None:
            return None
        name, equals, value = word.partition("=")
        name = _VALUES.get(name, name)
        if equals and name in _LONG_VALUES:
            values[name] = value
        elif name in _LONG_VALUES:
            following = words[at + 1] if at + 1 < len(words) else None
            if following is None:
                # Where the pid file cannot be known the daemon is still found.
                if name not in ("--pidfile", "--name", "--nicelevel", "--user"):
                    return None
                following = ""
            values[name] = following
            at += 1
        else:
            switches.add(_SWITCHES.get(name, name))
        at += 1
    arguments = words[at + 1 :]
    program = values.get("--startas") or values.get("--exec") or ""
    if not program or any(word is None for word in arguments) or values.get("--chroot"):
        return None
    user, _, group = values.get("--chuid", "").partition(":")
    umask = values.get("--umask", "")
    nice = values.get("--nicelevel", "")
    return ManagedStart(
        source="",
        kind="simple" if {"--background", "-b"} & switches else "forking",
        start=(ManagedCommand((program, *(word for word in arguments if word is not None))),),
        pid_file=values.get("--pidfile", ""),
        user=user,
        group=values.get("--group", group),
        umask=int(umask, 8) if umask and len(umask) <= 5 and all(char in "01234567" for char in umask) else None,
        working_directory=values.get("--chdir", ""),
        nice=int(nice) if nice.lstrip("-").isdigit() and nice.isascii() and len(nice) <= 4 else 0,
    )


def _runner(name: str, words: Sequence[str | None]) -> ManagedStart | None:
    """``daemon`` of Red Hat's functions, ``start_daemon`` of the LSB, ``startproc`` of SUSE."""
    values: dict[str, str] = {}
    at = 0
    with_value = {"-p": "pidfile", "-u": "user", "-n": "nice", "-g": "group", "-l": "log", "-i": "ignored"}
    while at < len(words):
        word = words[at]
        if word is None:
            return None
        long_name, equals, value = word.removeprefix("--").partition("=")
        if word.startswith("--"):
            values[long_name] = value
            if not equals and long_name in ("user", "pidfile", "check") and at + 1 < len(words):
                values[long_name] = words[at + 1] or ""
                at += 1
        elif name != "daemon" and word in with_value:
            values[with_value[word]] = (words[at + 1] if at + 1 < len(words) else "") or ""
            at += 1
        elif not word.startswith(("-", "+")):
            break
        at += 1
    rest = words[at:]
    if not rest or any(word is None for word in rest):
        return None
    command = [word for word in rest if word is not None]
    if len(command) == 1 and " " in command[0]:
        command = command[0].split()
        # The one word is a line for a shell.
        if any(char in "".join(command) for char in "\"'`$&|;<>()"):
            return None
    user, _, group = values.get("user", "").partition(":")
    return ManagedStart(
        source="",
        kind="forking",
        start=(ManagedCommand(tuple(command)),),
        pid_file=values.get("pidfile", ""),
        user=user,
        group=group or values.get("group", ""),
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _init_d_script(script: ShellScript) -> ManagedStart | None:
    """The start as the functions of /lib/init/init-d-script make it."""
    if script.variables.get("DAEMON_ARGS", "") is None or script.variables.get("START_ARGS", "") is None:
        return None
    own = {
        name
        for name in ("do_start_cmd_override", "do_start_override")
        if any(name in (c.words or ("",)) for c in script.calls)
    }
    if own or not script.value("DAEMON"):
        return None
    pid_file = script.value("PIDFILE") or f"/run/{script.value('DAEMON').rpartition('/')[2]}.pid"
    words = (
        "start-stop-daemon",
        "--start",
        *_words(script.value("START_ARGS")),
        "--exec",
        script.value("DAEMON"),
        "--",
    )
    found = _start_stop_daemon((*words, *_words(script.value("DAEMON_ARGS"))))
    return replace(found, pid_file="" if pid_file == "none" else pid_file) if found else None


def _openrc(script: ShellScript) -> ManagedStart | None:
    """The variables of openrc-run(8)."""
    names = ("command", "command_args", "command_background", "command_user", "pidfile", "directory")
    if any(script.variables.get(name, "") is None for name in (*names, "command_args_background", "supervisor")):
        return None
    background = script.value("command_background").lower() in ("yes", "true", "1", "on")
    supervised = bool(script.value("supervisor"))
    extra = script.value("command_args_foreground") if supervised else script.value("command_args_background")
    user, _, group = script.value("command_user").partition(":")
    return ManagedStart(
        source="",
        kind="simple" if background or supervised else "forking",
        start=(ManagedCommand((script.value("command"), *_words(script.value("command_args")), *_words(extra))),),
        pid_file=script.value("pidfile"),
        user=user,
        group=group,
        working_directory=script.value("directory"),
    )


def _limits(calls: Iterable[Call]) -> tuple[tuple[str, int, int], ...]:
    """``ulimit -n 65536`` and the like."""
    found: dict[str, tuple[str, int, int]] = {}
    for call in calls:
        if call.words[:1] != ("ulimit",) or not call.certain or None in call.words:
            continue
        options = [word for word in call.words[1:] if word and word.startswith("-") and word not in ("-S", "-H")]
        amount = call.words[-1] or ""
        name = next((_ULIMITS[f"-{option[-1]}"] for option in options if f"-{option[-1]}" in _ULIMITS), "")
        scale = 1 if name in ("nofile", "nproc") else 1024
        if name and amount == "unlimited":
            found[name] = (name, -1, -1)
        elif name and amount.isascii() and amount.isdigit() and len(amount) <= 15:
            found[name] = (name, int(amount) * scale, int(amount) * scale)
    return tuple(found[name] for name in sorted(found))


def _directories(calls: Iterable[Call]) -> Iterable[ManagedDirectory]:
    """Directories below /run that the script makes; the owner and mode are those seen on the host."""
    found: dict[str, None] = {}
    for call in calls:
        makes = call.words[:1] == ("mkdir",) or (call.words[:1] == ("install",) and "-d" in call.words)
        if makes:
            found |= dict.fromkeys(_run(word).rstrip("/") for word in call.words[1:] if word and word.startswith("/"))
    return (ManagedDirectory(path, 0o755) for path in found if path.startswith("/run/"))


def _umask(calls: Iterable[Call]) -> int | None:
    for call in calls:
        if call.words[:1] == ("umask",) and call.certain and len(call.words) == 2:
            text = call.words[1] or ""
            if text and len(text) <= 5 and all(char in "01234567" for char in text):
                return int(text, 8)
    return None
