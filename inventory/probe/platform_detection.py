"""Finding out the platform of a host before the probe is sent."""

from __future__ import annotations

from typing import NamedTuple

from inventory.errors import HostError, HostUnreachable
from inventory.host import Host
from inventory.platforms import Platform
from inventory.transports.transport import Interrupted, Transport, Verbatim


class Detection(NamedTuple):
    """The platform of a host. ``system`` is its own name for it (``Linux``, ``SunOS``), ``evidence`` is the source.

    ``posix_shell``: the account of a Windows host logs in to a POSIX shell.
    """

    platform: Platform
    system: str
    evidence: str
    posix_shell: bool = False


_WINDOWS_CONNECTIONS = frozenset({"winrm", "psrp"})
_WINDOWS_SHELLS = frozenset({"cmd", "powershell"})
# Distributions that add their name to OpenSSH's (RFC 4253, 4.2: comments of the identification).
_LINUX_BANNERS = ("Debian", "Ubuntu", "Raspbian", "dropbear")
# Windows with the SSH server of Cygwin, MSYS2 or Git, which is how Server 2003 and 2008 came to have one.
_POSIX_ON_WINDOWS = ("CYGWIN_NT-", "MSYS_NT-", "MINGW32_NT-", "MINGW64_NT-", "UCRT64_NT-", "CLANG64_NT-")
_WINDOWS_REFUSALS = ("is not recognized as", "wurde nicht als", "n'est pas reconnu", "CommandNotFoundException")

COMMAND = "uname -s"
WINDOWS_COMMAND = "cmd.exe /d /c ver"


def from_inventory(host: Host) -> Detection | None:
    """The platform that the inventory states; None when it states none."""
    if host.connection in _WINDOWS_CONNECTIONS:
        return Detection(Platform.WINDOWS, "Windows", f"ansible_connection={host.connection}")
    shell = str(host.variables.get("ansible_shell_type", ""))
    if shell in _WINDOWS_SHELLS:
        return Detection(Platform.WINDOWS, "Windows", f"ansible_shell_type={shell}")
    return None


def detect(host: Host, transport: Transport) -> Detection:
    """The platform of a host: from the inventory, its SSH server's name for itself, or one tiny command.

    Raises HostError only when the connection breaks; a host that does not understand the command is ``OTHER``.
    """
    said = from_inventory(host)
    if said is not None:
        return said
    if "Windows" in transport.banner:
        return Detection(Platform.WINDOWS, "Windows", f"its SSH server reports {transport.banner}")
    if any(word in transport.banner for word in _LINUX_BANNERS):
        return Detection(Platform.POSIX, "Linux", f"its SSH server reports {transport.banner}")
    try:
        answer = transport.run(COMMAND, timeout=30.0, limit=1 << 16)
    except HostError as error:
        # cmd.exe and PowerShell do not know the line that starts a command of ours, and report that.
        if any(words in str(error) for words in _WINDOWS_REFUSALS):
            return Detection(Platform.WINDOWS, "Windows", "its shell does not know exec")
        if not isinstance(error, Interrupted | HostUnreachable) and _says_windows(transport):
            return Detection(Platform.WINDOWS, "Windows", f"{WINDOWS_COMMAND} says Windows")
        raise
    lines = answer.stdout.decode("ascii", "replace").split()
    system = lines[-1] if lines and lines[-1].isprintable() else "nothing"
    if system.startswith(_POSIX_ON_WINDOWS):
        return Detection(Platform.WINDOWS, system[:40], f"{COMMAND} says {system[:40]}", posix_shell=True)
    platform = Platform.POSIX if system == "Linux" else Platform.OTHER
    return Detection(platform, system[:40], f"{COMMAND} says {system[:40]}")


def _says_windows(transport: Transport) -> bool:
    """Ask with a command of Windows, whose shells reject ours in many languages. ``ver`` names it in all of them."""
    if not isinstance(transport, Verbatim):
        return False
    try:
        answer = transport.run_verbatim(WINDOWS_COMMAND, timeout=30.0, limit=1 << 16)
    except HostError:
        return False
    return b"Microsoft Windows [" in answer.stdout
