"""One command line for whatever shell a user of a legacy host logs in with."""

from __future__ import annotations

import secrets
import shlex
from dataclasses import dataclass, field

PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin"
"""The search path for the programs of a host: fixed directories of the system, never those of an account."""

# Only reserved words and special built-ins, which no exported function of bash replaces. HOME is where the clients of
# databases find their settings.
_CLEAN = (
    "for env in /usr/bin/en[v] /bin/en[v]; do "
    'case $env in *v) exec $env -i HOME="$HOME" USER="$USER" LOGNAME="$LOGNAME" PATH=' + PATH + ' "$@" ;; esac; done; '
    "unset ENV BASH_ENV CDPATH GREP_OPTIONS LD_PRELOAD LD_LIBRARY_PATH PYTHONPATH PYTHONSTARTUP PERL5LIB PERL5OPT; "
    "PATH=" + PATH + '; export PATH; exec "$@"'
)


@dataclass(frozen=True, slots=True)
class Marker:
    """An unpredictable word; where it appears, the command itself begins."""

    word: str = field(default_factory=lambda: "assess-" + secrets.token_hex(12))

    @property
    def line(self) -> bytes:
        """The marker as the host prints it."""
        return self.word.encode() + b"\n"


def marked(command: str, marker: Marker) -> str:
    """``command`` for ``/bin/sh``, which first prints on both streams that it begins: what precedes is shell noise."""
    return f"echo {marker.word}; echo {marker.word} >&2; {command}"


def marked_on_terminal(command: str, marker: Marker, size: int) -> str:
    """The same for a raw terminal: there is one stream, and no end of input but that after ``size`` bytes."""
    source = f"head -c {size}" if size else ":"
    return f"echo {marker.word}; {source} | {{ {command}\n}} 2>/dev/null"


def clean(words: str) -> str:
    """The command ``words`` (shell text) without the environment of the login: an account's PATH, exported functions
    and variables such as ``LD_PRELOAD`` replace none of the programs that are run.
    """
    return f"/bin/sh -c '{_CLEAN}' sh {words}"


def portable(script: str) -> str:
    """``/bin/sh -c SCRIPT`` in a clean environment, so that sh, csh and fish all hand the same bytes to ``/bin/sh``.

    A newline or ``!`` within quotes means something to csh, a backslash to fish. Where the script has one it travels
    in octal, which all of them leave alone; ``printf %b`` of every sh turns it back.
    """
    if not any(special in script for special in "\\!\n"):
        return clean(f"/bin/sh -c {shlex.quote(script)}")
    octal = "".join(f"\\0{byte:o}" for byte in script.encode("utf-8", "surrogateescape"))
    return clean(f'/bin/sh -c \'eval "`printf %b "{octal}"`"\'')
