"""The commands that need root on a host, one by one, and the file that allows an ordinary user exactly these.

A scan runs some commands by themselves. A build and a pilot read files that no list knows beforehand, so they have a
shell of an account without rights that may read everything (READER of :mod:`inventory.transports.become`).

sudo compares a command with its arguments joined by blanks, as patterns of fnmatch (sudoers(5), "Wildcards in command
arguments"). No argument of ours holds a blank, and every character that means something to sudoers or to fnmatch is
escaped, so that a line allows one command and nothing else. doas compares each argument by itself (doas.conf(5)).
"""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from inventory.depth import Depth
from inventory.errors import BrownfieldError
from inventory.platforms import Platform
from inventory.section import Section
from inventory.transports.become import READER

PURPOSES = ("scan", "build", "pilot")
READING = (
    "every file, and the memory and environment of every process, with all passwords and private keys in them. What "
    "assess runs this way cannot write, end or change anything; but whoever controls the account can take over "
    "processes (CAP_SYS_PTRACE) and so become root. Give it to a separate account with its own key, and take "
    "it back after the migration. It needs util-linux 2.31 and Linux 4.3 or later; on older hosts a build and a pilot "
    "need root itself."
)
"""The files that READER may read, for the operator who allows it."""
_GRANTS = {
    "processes/environ": "the environment of every process, with the passwords in it",
    "system/init-environ": "the environment of process 1",
    "libraries/maps": "which files every process has in memory",
    "containers/files": "settings of containers, with the passwords in their environment",
    "containers/machines": "settings of virtual machines and containers",
    "cron/users": "cron tables of all accounts, with the passwords in them",
    "cron/at": "at jobs, with the environment of the accounts that submitted them",
    "network/protected": "network settings, with keys of VPN and wireless networks",
    "storage/lvm": "the layout of volumes",
}
"""The commands that show more than names and numbers of processes, files and firewall rules."""

ESCALATIONS = {"sudo": "sudo -n", "doas": "doas -n"}
"""The programs by which a single command becomes root. Neither ever asks for a password."""

_USER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}\$?")
_SPECIAL = re.compile(r"[\\,:=#*?\[\]!]")
_FROM = {
    'if [ "$BF_DEPTH" = deep ]; then': Depth.DEEP,
    'if [ "$BF_DEPTH" != quick ]; then': Depth.STANDARD,
}
"""The condition in a fragment for what only scans of that depth or more run."""


class BadUser(BrownfieldError):
    """A name that cannot be written into sudoers as it is."""


@dataclass(frozen=True, slots=True)
class RootCommand:
    """A command that needs root: its words, and the parts (``section/part``) that it gives."""

    words: tuple[str, ...]
    parts: tuple[str, ...]

    @property
    def grants(self) -> str:
        """The information that it lets an account see."""
        if self.words == READER:
            return READING
        return "; ".join(_GRANTS[part] for part in self.parts if part in _GRANTS) or "names and numbers only"


BUILD_AND_PILOT = RootCommand(READER, ("build", "pilot"))
"""The one root command of a build and of a pilot. Their scripts come on its standard input."""


def root_commands(sections: Iterable[Section[Any]], depth: Depth) -> tuple[RootCommand, ...]:
    """Every command that a probe of this depth runs through ``root``, in the order in which they are asked."""
    found: dict[tuple[str, ...], list[str]] = {}
    for section in sections:
        variant = section.variant(Platform.POSIX)
        if variant is None or not depth.includes(section.depth):
            continue
        for part, words in _of_fragment(variant.fragment, depth):
            name = f"{section.name}/{part}"
            if name not in found.setdefault(words, []):
                found[words].append(name)
    return tuple(RootCommand(words, tuple(parts)) for words, parts in found.items())


def _of_fragment(fragment: str, depth: Depth) -> Iterable[tuple[str, tuple[str, ...]]]:
    blocks: list[Depth] = []  # of each open `if`, the least depth that gets into it
    for line in fragment.replace("\\\n", " ").splitlines():
        bare = line.strip()
        if bare.startswith("if ") and not re.search(r"\bfi$", bare):
            blocks.append(_FROM.get(bare, Depth.QUICK))
        elif bare == "fi" or bare.startswith("fi "):
            blocks[-1:] = []
        call = re.search(r"(?:^|[;&|]\s*|\bthen )root (?P<part>\S+) (?P<command>/.*)", bare)
        if call is not None and all(depth.includes(least) for least in blocks):
            yield call["part"], _words(call["command"])


def _words(command: str) -> tuple[str, ...]:
    """The words of a simple command, up to a redirection or the end of it."""
    words = []
    lexer = shlex.shlex(re.sub(r"\s2>.*", "", command), posix=True, punctuation_chars=";|&<>")
    lexer.whitespace_split = True
    lexer.commenters = ""
    for word in lexer:
        if word in (";", "|", "||", "&", "&&", "<", ">"):
            break
        words.append(word)
    return tuple(words)


def sudoers(commands: Iterable[RootCommand], user: str) -> str:
    """A file for /etc/sudoers.d that lets ``user`` run ``commands`` as root, and nothing else. Raises BadUser."""
    _check(user)
    lines = [
        "# Allows assess to read what only root may read, and nothing else. Check it with visudo -c -f FILE; then put",
        "# it, owned by root with mode 0440, into /etc/sudoers.d under a name without a dot. For a scan: assess scan",
        "# --escalate sudo. For a build or a pilot: ansible_become=true and assess_become_reader=true for the host.",
        f"Defaults:{user} !requiretty",
    ]
    for command in commands:
        lines += ["", f"# {', '.join(command.parts)}", *_comment(f"Grants: {command.grants}")]
        lines += [f"{user} ALL=(root) NOPASSWD: {_escaped(command.words)}"]
    return "\n".join([*lines, ""])


def _comment(text: str) -> list[str]:
    return textwrap.wrap(text, 110, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


def doas_conf(commands: Iterable[RootCommand], user: str) -> str:
    """Lines for /etc/doas.conf that do the same. Raises BadUser.

    Not for a build or a pilot: doas asks on a terminal, which passes no bytes as they are.
    """
    _check(user)
    commands = [command for command in commands if command.words != READER]
    lines = ["# Allows assess to read what only root may read, and nothing else. Then: assess scan --escalate doas"]
    for command in commands:
        path, *arguments = command.words
        quoted = " ".join('"' + re.sub(r'(["\\])', r"\\\1", argument) + '"' for argument in arguments)
        lines += [
            "",
            f"# {', '.join(command.parts)}",
            f"permit nopass {user} as root cmd {path} args {quoted}".rstrip(),
        ]
    return "\n".join([*lines, ""])


def _check(user: str) -> None:
    if _USER.fullmatch(user) is None or user.upper() == "ALL":
        raise BadUser(f"{user!r} is not a user name that sudoers accepts unquoted; name another with --user")


def _escaped(words: tuple[str, ...]) -> str:
    if any(not word or re.search(r"\s", word) for word in words):
        raise ValueError(f"sudoers cannot express an argument with a blank: {words!r}")
    # Without arguments sudo would allow any; "" allows none.
    path, *arguments = words
    return " ".join([path, *(_SPECIAL.sub(r"\\\g<0>", argument) for argument in arguments or ['""'])])
