"""A host with a command line of Windows: Wine behind a real SSH server.

OpenSSH for Windows hands a command to ``cmd.exe /c``; so does this. Wine has ``reg``, ``netstat``, ``tasklist``, ``sc``
and more of its own, with less to tell than Windows; it has no PowerShell (its ``powershell.exe`` does nothing) and no
WMI that answers ``wmic path``.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.inventory.sshd import Sshd, start, stop

VARIABLES = {"ansible_shell_type": "cmd"}
"""What hosts.ini says of such a host; its SSH server says that it is Debian's."""

# A batch file, because Wine quotes the arguments of a command line in its own way.
_SHELL = r"""#!/bin/sh
export WINEPREFIX=@PREFIX@ WINEDEBUG=-all XDG_RUNTIME_DIR=/tmp
file=$(mktemp "$WINEPREFIX/drive_c/windows/temp/XXXXXXXX.cmd") || exit 1
printf '@echo off\r\n%s\r\n' "$SSH_ORIGINAL_COMMAND" >"$file"
wine cmd.exe /d /c "C:\\windows\\temp\\${file##*/}" 2>/dev/null
status=$?
rm -f "$file"
exit $status
"""


# A command that asks for the system is run with the PATH of the system, not with this one.
_CYGWIN = r"""#!/bin/sh
export WINEPREFIX=@PREFIX@ WINEDEBUG=-all XDG_RUNTIME_DIR=/tmp PATH=@BIN@:$PATH
exec /bin/sh -c "`printf %s "$SSH_ORIGINAL_COMMAND" | sed 's/uname -s/echo CYGWIN_NT-10.0-19043/'`"
"""


def has_wine() -> bool:
    """Whether this machine can do it."""
    return shutil.which("wine") is not None


@contextmanager
def wine_host(folder: Path, sshd_program: str) -> Iterator[tuple[Sshd, Path]]:
    """A server whose every command runs in Wine, and the folder that is its drive C. Takes ten seconds to start."""
    prefix = folder / "prefix"
    prefix.mkdir()
    environment = {**os.environ, "WINEPREFIX": str(prefix), "WINEDEBUG": "-all", "XDG_RUNTIME_DIR": "/tmp"}
    shell = folder / "cmd"
    shell.write_text(_SHELL.replace("@PREFIX@", shlex.quote(str(prefix))))
    shell.chmod(0o755)
    command = ["wine", "cmd.exe", "/d", "/c", "ver"]
    subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=200, check=True)
    sshd = start(folder / "sshd", sshd_program, (f"ForceCommand {shell}",))
    try:
        yield sshd, prefix / "drive_c"
    finally:
        stop(sshd)
        # Only the programs of this prefix.
        subprocess.run(["wineserver", "-k"], env=environment, capture_output=True, timeout=60, check=False)


def cygwin_host(folder: Path, sshd_program: str, prefix: Path) -> Sshd:
    """A server whose account logs in to a POSIX shell, in which the programs of the Wine in ``prefix`` can be run.

    The caller stops it. Cygwin itself is not there: how it puts arguments together for cmd.exe is not seen here.
    """
    programs = folder / "bin"
    programs.mkdir()
    program = programs / "cmd.exe"
    program.write_text('#!/bin/sh\nexec wine cmd.exe "$@"\n')
    program.chmod(0o755)
    shell = folder / "shell"
    shell.write_text(_CYGWIN.replace("@PREFIX@", shlex.quote(str(prefix))).replace("@BIN@", shlex.quote(str(programs))))
    shell.chmod(0o755)
    return start(folder / "sshd", sshd_program, (f"ForceCommand {shell}", "DebianBanner no"))
