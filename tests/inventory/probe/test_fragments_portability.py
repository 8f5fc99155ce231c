"""Fragments run on every shell and say the same, and use nothing that a system of 2005 lacks."""

from __future__ import annotations

import functools
import itertools
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from inventory.observation import Found, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.section import Section
from inventory.sections import SECTIONS
from inventory.transports.login_shell import PATH
from tests.support import odd_processes
from tests.support.live import ask
from tests.support.shell_words import commands
from tests.support.shells import SHELLS

POSIX = [section for section in SECTIONS if section.variant(Platform.POSIX) is not None]
SEARCH_PATH = f"PATH={PATH}"
"""The line of the probe that sets it."""
BUILT_IN = frozenset(
    "echo printf read set shift cd return continue break [ test exit unset export eval type : true".split()  # noqa: SIM905
)
SMALL_TOOLS = frozenset(
    "awk cat cut date df du expr find getconf getent grep gzip head hostname id ls md5sum od sed sha1sum sort stat tr uname uniq wc xargs".split()  # noqa: SIM905, E501
)
"""What a minimal installation of 2005 has."""
MANAGERS = frozenset(
    {"dpkg-query", "rpm", "apk", "systemctl", "service", "chkconfig", "initctl", "sadf", "ss", "ip", "nft"}
) | frozenset(f"ip{six}tables{legacy}-save" for six in ("", "6") for legacy in ("", "-legacy"))
"""Not on every distribution; a fragment looks whether it is there. Their options are their own."""
SHARED = frozenset(
    {"bf_family", "bf_stat", "bf_ticks", "bf_uname", "bf_machine", "bf_order", "bf_mounts_with", "bf_words", "between"}
    | {"want", "want_matching", "want_each", "listed", "drop", "denied", "gathering", "gathered", "gathered_each"}
    | {"shares_processes"}
)
"""Functions of the probe itself."""
LATER_OPTIONS = {
    "grep": ("Pz", "grep -P is an option of some builds, -z of GNU"),
    "sed": ("irEz", "sed -i changes files, -r, -E and -z are of one family only"),
    "sort": ("Vzh", "sort -V, -z and -h are younger or of GNU"),
    "xargs": ("drP", "of GNU xargs"),
    "ls": ("ZNbqQ", "not known to every ls, busybox's for one"),
    "cut": ("z", "of GNU"),
    "head": ("z", "of GNU"),
}
LATER_ACTIONS = {"-printf", "-fprintf", "-regextype", "-delete", "-ls", "-quit", "-readable", "-executable", "-newermt"}
NOT_POSIX = {"[[", "function", "local", "declare", "typeset", "source", "let"}


def fragment_of(section: Section[Any]) -> str:
    """The code of its POSIX variant, without comments."""
    variant = section.variant(Platform.POSIX)
    assert variant is not None
    text = f"{variant.files}\n{variant.fragment}"
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


def calls_of(section: Section[Any]) -> list[list[str]]:
    """The commands that really run: behind `part`, `root`, `xargs` and `-exec`; a path is reduced to its name."""
    found: list[list[str]] = []
    for words in commands(fragment_of(section)):
        if "<" in words[0][:2] or ">" in words[0][:2]:
            continue  # a redirection
        if words[0] in ("part", "parts", "root"):
            words = words[2:]
        if words[0] == "each":  # also as `part NAME each FILE COMMAND`
            words = words[2:]
        if words[0] in ("$BF_ESCALATE", "$bf_reader"):
            words = words[1:]
        found.append([words[0].rsplit("/", 1)[-1], *words[1:]])
        if words[0] == "xargs":
            behind = [
                word for at, word in enumerate(words[1:]) if not all(w.startswith("-") for w in words[1 : at + 2])
            ]
            found.append(behind[1:] if behind[:1] == ["$bf_reader"] else behind)
        for at, word in enumerate(words):
            if word == "-exec":
                found.append([words[at + 1].rsplit("/", 1)[-1], *words[at + 2 :]])
    return found


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that everyone may enter. (Those of pytest are closed to others again by the next run of it.)"""
    with tempfile.TemporaryDirectory(prefix="portability") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="module")
def pids(place: Path) -> Iterator[dict[str, int]]:
    """Processes that are hard to read, to compare by."""
    folder = place / "odd"
    folder.mkdir()
    with odd_processes.running(folder) as found:
        yield found


@pytest.fixture(scope="module")
def ask_in(place: Path, pids: dict[str, int]) -> Callable[[str, str], dict[str, Observation[Any]]]:
    """What all sections say when a shell asks, as root or as nobody. Busybox gets nothing but its own tools."""

    @functools.cache
    def answers(shell: str, user: str) -> dict[str, Observation[Any]]:
        change: dict[str, str] = {}
        if shell == "busybox":
            applets = place / "applets"
            applets.mkdir(exist_ok=True)
            subprocess.run(["busybox", "--install", "-s", str(applets)], check=True)
            change = {path: f"{applets}/{path.rsplit('/', 1)[1]}" for path in ("/usr/bin/find", "/bin/ls", "/bin/grep")}
            change[SEARCH_PATH] = f"PATH={applets}"
        become = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "env", "HOME=/"]
        recordings = ask(*POSIX, shell=[*(become if user == "nobody" else []), *SHELLS[shell]], change=change)
        return {section.name: section.observe(recordings[section.name], Platform.POSIX) for section in POSIX}

    return answers


@pytest.fixture(params=sorted(SHELLS))
def shell(request: pytest.FixtureRequest) -> str:
    """Each shell that is installed."""
    if shutil.which(SHELLS[str(request.param)][0]) is None:
        pytest.skip(f"{request.param} is not installed")
    return str(request.param)


def without_origins(value: Any) -> Any:
    """The same facts at other lines are the same facts."""
    if isinstance(value, Origin):
        return None
    if isinstance(value, tuple):
        return tuple(without_origins(item) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: without_origins(getattr(value, field.name)) for field in fields(value)}
    return value


def lasting(name: str, value: Any, pids: dict[str, int]) -> Any:
    """The part of a section's value that is the same at each asking."""
    mine = set(pids.values())
    if name == "system":
        return replace(value, clock=0, memory=None)
    if name == "processes":
        chosen = [process for process in value if process.pid in mine]
        return tuple(replace(process, cpu_seconds=0, rss_bytes=0, peak_rss_bytes=0, memory=None) for process in chosen)
    if name == "open_files":
        # busybox writes ? where others write the newlines of a forged name
        return tuple(file for file in value if file.pid in mine - {pids["files"], pids["heading"]})
    if name == "sockets":
        kinds = {socket.protocol for socket in value.listeners}
        return tuple(kind for kind in ("tcp", "tcp6", "udp") if kind in kinds)
    if name == "libraries":
        # which libraries a process has does not depend on who else has them
        return tuple((file.path, pid) for file in value for pid in file.pids if pid in mine)
    if name == "executables":
        return tuple(elf for elf in value if elf.path == os.path.realpath(odd_processes.sys.executable))
    if name == "sysctls":
        return tuple((setting.name, setting.configured_in) for setting in value if setting.live)
    if name == "network":
        return sorted((one.interface, one.address, one.prefix) for one in value.addresses), value.routes, value.hosts
    if name == "storage":
        return value.devices, value.arrays
    if name == "kernel":
        protocols = tuple(protocol.name for protocol in value.protocols or ())
        modules = tuple(module.name for module in value.modules)
        # keys come and go with sessions
        return replace(value, modules=modules, protocols=protocols, keys=value.keys is not None)
    return None


@pytest.mark.live
@pytest.mark.parametrize("section", POSIX, ids=lambda section: section.name)
def test_every_shell_says_the_same(
    section: Section[Any],
    shell: str,
    pids: dict[str, int],
    ask_in: Callable[[str, str], dict[str, Observation[Any]]],
) -> None:
    """As dash with this system's tools says; a shell may know less only where its tools do."""
    here, there = ask_in("dash", "me")[section.name], ask_in(shell, "me")[section.name]

    assert not (isinstance(there, Unknown) and "could not be read" in there.reason), there
    if isinstance(here, Found) and isinstance(there, Found):
        if any("timed out" in gap.reason for gap in (*here.gaps, *there.gaps)):
            pytest.skip("the machine is too busy for the section's time")
        assert without_origins(lasting(section.name, there.value, pids)) == without_origins(
            lasting(section.name, here.value, pids)
        )


@pytest.mark.live
@pytest.mark.parametrize("section", POSIX, ids=lambda section: section.name)
def test_an_ordinary_user_gets_an_answer_in_every_shell(
    section: Section[Any], shell: str, ask_in: Callable[[str, str], dict[str, Observation[Any]]]
) -> None:
    """Never an error; what could not be seen is Unknown or a gap."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root to become somebody else")
    observation = ask_in(shell, "nobody")[section.name]

    assert not (isinstance(observation, Unknown) and "could not be read" in observation.reason), observation
    if section.name in ("processes", "open_files", "libraries", "executables"):
        assert isinstance(observation, Found)
        assert any("permission denied" in gap.reason for gap in observation.gaps)


GREPS_FOR_MUSL = {
    # each line up to its first NUL, as puts(3) writes it; -c counts what is left
    "cuts": """#!/bin/sh
case $1 in -ac) tr -d '\\000' | @REAL@ -c '^never$'; exit;; esac
exec @REAL@ "$@" | sed 's/\\x00.*//'
""",
    # a NUL ends a line as a newline does, and each has the name of the file before it
    "splits": """#!/bin/sh
exec @REAL@ "$@" | sed 's/^\\(.proc.[^:]*:\\)\\([^\\x00]*\\)\\x00$/\\1\\2/
:more
s/^\\(.proc.[^:]*:\\)\\([^\\x00]*\\)\\x00/\\1\\2\\n\\1/
t more'
""",
}
"""Two that busybox has been built with: the second is Alpine's."""


@pytest.mark.parametrize("kind", GREPS_FOR_MUSL)
def test_arguments_survive_a_grep_that_knows_no_nul(kind: str, tmp_path: Path) -> None:
    """Such a grep is put first on the PATH here."""
    tools = tmp_path / "tools"
    tools.mkdir()
    grep = tools / "grep"
    grep.write_text(GREPS_FOR_MUSL[kind].replace("@REAL@", str(shutil.which("grep"))))
    grep.chmod(0o755)
    section = next(section for section in POSIX if section.name == "processes")
    folder = tmp_path / "odd"
    folder.mkdir()
    with odd_processes.running(folder) as pids:
        recording = ask(section, change={SEARCH_PATH: SEARCH_PATH.replace("PATH=", f"PATH={tools}:")})["processes"]
    observation = section.observe(recording, Platform.POSIX)
    assert isinstance(observation, Found)
    by_pid = {process.pid: process for process in observation.value}

    assert by_pid[pids["argument"]].arguments[6:8] == (odd_processes.FORGED_ARGUMENT, "")
    assert dict(by_pid[pids["environment"]].environment or ())["MOTTO"] == "two\nlines"
    assert odd_processes.SECRET.encode() not in recording.to_text()


@pytest.mark.parametrize("section", POSIX, ids=lambda section: section.name)
def test_only_known_commands_are_run(section: Section[Any]) -> None:
    functions = set(re.findall(r"(?m)^\s*(bf_\w+)\(\)", fragment_of(section)))
    for words in calls_of(section):
        # $bf_whole is one of two functions
        assert words[0] in BUILT_IN | SMALL_TOOLS | MANAGERS | functions | SHARED | {"$bf_whole"}, words


@pytest.mark.parametrize("section", POSIX, ids=lambda section: section.name)
def test_commands_for_root_are_absolute_and_fixed(section: Section[Any]) -> None:
    """They are printed for sudoers, where a wildcard or a variable would allow more than is meant."""
    for words in commands(fragment_of(section)):
        if words[0] == "root":
            assert words[2].startswith("/"), words
            assert not any("$" in word or "`" in word for word in words[2:]), words
            assert not any(word[0] not in "'\"" and re.search(r"[*?[]", word) for word in words[2:]), words
            # sudo compares arguments joined by blanks, so that a blank in one would allow others than are meant
            assert not any(re.search(r"\s", word) or word in ("''", '""') for word in words[2:]), words


@pytest.mark.parametrize("section", POSIX, ids=lambda section: section.name)
def test_nothing_younger_than_2005_is_used(section: Section[Any]) -> None:
    for words in calls_of(section):
        assert words[0] not in NOT_POSIX
        for word in words:
            assert not re.search(r"\$\{\w+[/^,:][^-=+?]|<\(", re.sub(r"'[^']*'", "", word)), f"{word}: not in POSIX sh"
        options = [word for word in words[1:] if word.startswith("-")]
        if words[0] == "xargs":  # the options behind its command are that command's
            options = list(itertools.takewhile(lambda word: word.startswith("-"), words[1:]))
        if words[0] == "find":
            assert not set(words) & LATER_ACTIONS, words
        elif words[0] == "echo":
            assert not any(len(word) > 1 for word in options), f"{words}: shells differ"
        elif words[0] not in MANAGERS | {"set", "["}:
            letters, why = LATER_OPTIONS.get(words[0], ("", ""))
            assert not {letter for word in options for letter in word[1:]} & set(letters), f"{words}: {why}"
            assert not any(word.startswith("--") for word in options), f"{words}: long options are of GNU"


@pytest.mark.parametrize("section", POSIX, ids=lambda section: section.name)
def test_nothing_is_written(section: Section[Any]) -> None:
    for words in commands(fragment_of(section)):
        if ">" in words[0][:2]:
            assert re.fullmatch(r"[0-9]?>(/dev/null|&[0-9])", words[0]), words  # into nothing, or into what is open
        assert not words[0].startswith("<<"), "bash writes here-documents to a file"


@pytest.mark.parametrize("section", POSIX, ids=lambda section: section.name)
def test_awk_reads_only_its_standard_input(section: Section[Any]) -> None:
    """It stops at the first file that has vanished, and silently loses the rest."""
    for words in calls_of(section):
        if words[0] == "awk":
            program = next(at for at, word in enumerate(words[1:], 1) if word[0] in "'\"" and words[at - 1] != "-v")
            assert not any(re.search(r"[$*?[]|/proc/\d", word) for word in words[program + 1 :]), words


def test_the_reader_of_shell_sees_commands_everywhere() -> None:
    """Else the tests above would pass for want of looking."""
    text = (
        "f() { a 'x; y' | b \"$(c d)\" >/dev/null 2>&1; }\n# no command\nif [ -r $x ]; then v=`e f` g; fi\n"
        "case $1 in 3|4) h ;; *) i=1 j;; esac && k | while read -r l; do m; done\nfor n in o p; do q; done\n"
    )
    assert sorted(words[0] for words in commands(text)) == sorted(
        ["c", "a", "b", "[", "e", "g", "h", "j", "k", "read", "m", "q", ">/dev/null", "2>&1"]
    )
