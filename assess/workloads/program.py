"""The program that a process runs: its executable, or the script of an interpreter."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import lru_cache

from assess.workloads.memory_programs import name_in_memory
from inventory.model.processes import Process

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_VERSION = re.compile(r"[-_]?\d{1,20}(\.\d{1,20}){0,20}$")
_INTERPRETERS = frozenset({
    "python", "perl", "ruby", "node", "nodejs", "php", "php-cgi", "java", "bash", "sh", "dash", "ksh", "mksh", "ash",
    "zsh", "tclsh", "wish", "lua", "luajit", "mono", "guile", "Rscript", "expect", "busybox",
})  # fmt: skip
_SHELLS = frozenset({"bash", "sh", "dash", "ksh", "mksh", "ash", "zsh", "busybox"})

INIT_PROGRAMS = frozenset({
    "init", "systemd", "upstart", "openrc-init", "runit", "runit-init", "s6-svscan", "tini", "dumb-init", "docker-init",
})  # fmt: skip

# Options of interpreters that take the next argument, so that it is not mistaken for the script.
_TAKES_VALUE = {
    "python": frozenset({"-W", "-X", "--check-hash-based-pycs"}),
    "perl": frozenset({"-I"}),
    "ruby": frozenset({"-I", "-r", "-C", "-E"}),
    "node": frozenset({"-r", "--require", "--import", "--loader", "--experimental-loader"}),
    "nodejs": frozenset({"-r", "--require"}),
    "php": frozenset({"-c", "-d", "-t", "-z"}),
    "java": frozenset(
        {"-cp", "-classpath", "--class-path", "-p", "--module-path", "--add-modules", "--add-opens", "--add-exports"}
    ),
    **dict.fromkeys(_SHELLS, frozenset({"--rcfile", "--init-file", "--emulate"})),
}
# Letters of a shell may stand together, as in ``-euo pipefail``: ``o`` (and bash's ``O``) takes the next argument.
_SHELL_TAKES_VALUE = re.compile(r"[-+][A-NP-Za-np-z]*[oO][A-Za-z]*")
_SHELL_NO_SCRIPT = re.compile(r"-[A-Zabd-rt-z]*[cs][A-Za-z]*")
# Options after which the program is text on the command line or standard input. A shell's -e is something else, and its
# lone dash only ends the options (``#!/bin/sh -``).
_NO_SCRIPT = {
    "python": ("-c", "-"),
    "perl": ("-e", "-E", "-"),
    "ruby": ("-e", "-"),
    "node": ("-e", "-p", "--eval", "--print", "-"),
    "php": ("-r", "-a", "-S"),
}
_SCRIPT_SUFFIX = re.compile(r"\.(py|pyc|pl|rb|js|mjs|cjs|php|sh|tcl|lua|jar|war|exe)$")

# A name that says nothing of what the program is for; the directory around it says more.
_GENERIC_STEMS = frozenset({
    "app", "application", "server", "main", "index", "run", "start", "manage", "wsgi", "asgi", "daemon", "service",
    "bootstrap", "launcher", "__main__", "bin", "src", "current", "lib", "dist", "build",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Program:
    """``executable`` is an absolute path, or a name without a directory when it could not be read or there is no file.
    ``script`` is the program that an interpreter runs (a path, a Python module or a Java class), "" for a native one.
    """

    executable: str
    script: str

    @property
    def key(self) -> str:
        """The program as one text."""
        return f"{self.executable} {self.script}" if self.script else self.executable

    @property
    def basename(self) -> str:
        """File name of what is run: of the script where there is one."""
        return posixpath.basename(self.script or self.executable)

    @property
    def name(self) -> str:
        """A name for people. For ``/opt/inventory/server.py`` it is ``inventory``."""
        if not self.script:
            return posixpath.basename(self.executable)
        if "/" not in self.script:
            stem = _SCRIPT_SUFFIX.sub("", self.script)
            return stem if _SCRIPT_SUFFIX.search(self.script) else self.script.rpartition(".")[2] or self.script
        pieces = [piece for piece in self.script.split("/") if piece]
        stem = _SCRIPT_SUFFIX.sub("", pieces[-1])
        for piece in reversed(pieces[1:-1]):
            if stem.lower() not in _GENERIC_STEMS:
                break
            stem = piece
        return stem


def is_shell(process: Process) -> bool:
    """Whether the process is a shell (running a wrapper script, as a rule)."""
    return interpreter_of(_executable(process)) in _SHELLS and not _applet(process)


def program_of(process: Process) -> Program:
    """The program of a process. Without root the executable of others is unreadable; the arguments then take its place.

    A path of Windows, where case means nothing, comes in small letters and with slashes: ``c:/shop/shop.exe``.
    """
    executable = _executable(process)
    if applet := _applet(process):
        return Program(executable, applet)
    interpreter = interpreter_of(executable)
    if not interpreter:
        return Program(executable, "")
    if title := _title(process):
        return Program(executable, title)
    script = _script(interpreter, process.arguments[1:])
    if _DRIVE.match(executable):
        return Program(executable, script.replace("\\", "/"))
    if not script or (interpreter == "java" and not script.endswith((".jar", ".war"))):
        return Program(executable, script)
    if "/" in script and not script.startswith("/"):
        script = posixpath.normpath(posixpath.join(process.working_directory or "/", script))
    elif process.working_directory not in (None, "/") and _SCRIPT_SUFFIX.search(script) and "/" not in script:
        script = posixpath.join(process.working_directory or "/", script)
    return Program(executable, script)


def _executable(process: Process) -> str:
    if process.in_memory:
        return name_in_memory(process)
    if process.executable:
        return _slashed(process.executable)
    if process.uid == -1:  # an account of Windows
        return process.name.lower()
    first = process.arguments[0] if process.arguments else ""
    return first if first.startswith("/") and " " not in first else process.name


def _applet(process: Process) -> str:
    """The program of busybox that is run by a link of its name, as all of Alpine's are (``crond``); "" for a shell,
    which runs a script, and for busybox by its own name, which has the program as an argument.
    """
    if posixpath.basename(process.executable or "") != "busybox" or not process.arguments:
        return ""
    name = posixpath.basename(process.arguments[0]).removeprefix("-")
    return "" if name in _SHELLS or " " in name else name


def _slashed(path: str) -> str:
    r"""``C:\Shop\shop.exe`` as ``c:/shop/shop.exe``; paths of other systems stay."""
    return path.replace("\\", "/").lower() if _DRIVE.match(path) else path


def _title(process: Process) -> str:
    """The name that an interpreted daemon gave itself by writing over its arguments, "" when it did not."""
    if len(process.arguments) != 1:
        return ""
    words = process.arguments[0].split()
    if not words or words[0].startswith(("/", "-")) or interpreter_of(words[0]):
        return ""
    return words[0].rstrip(":")


@lru_cache(maxsize=4096)
def interpreter_of(executable: str) -> str:
    """The kind of interpreter (``python``) that an executable is, "" when it is another program."""
    base = posixpath.basename(executable).removesuffix(".exe")
    if base in _INTERPRETERS:
        return base
    stem = _VERSION.sub("", base)
    return stem if stem in _INTERPRETERS else ""


def _script(interpreter: str, arguments: tuple[str, ...]) -> str:
    takes_value = _TAKES_VALUE.get(interpreter, frozenset())
    shell = interpreter in _SHELLS
    position = 0
    while position < len(arguments):
        argument = arguments[position]
        if interpreter == "python" and argument == "-m":
            return arguments[position + 1] if position + 1 < len(arguments) else ""
        if (interpreter == "java" and argument == "-jar") or (interpreter == "php" and argument == "-f"):
            return arguments[position + 1] if position + 1 < len(arguments) else ""
        if _SHELL_NO_SCRIPT.fullmatch(argument) if shell else argument in _NO_SCRIPT.get(interpreter, ("-",)):
            return ""
        if argument in takes_value or (shell and _SHELL_TAKES_VALUE.fullmatch(argument)):
            position += 2
            continue
        if argument.startswith(("-", "+")) or argument == "":
            position += 1
            continue
        return argument
    return ""
