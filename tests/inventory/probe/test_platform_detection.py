"""The platform is known before the probe, from the cheapest witness."""

from __future__ import annotations

from typing import cast

import pytest

from inventory.errors import HostError, HostUnreachable
from inventory.host import Host
from inventory.platforms import Platform
from inventory.probe.platform_detection import detect, from_inventory
from inventory.transports import Completed, Transport, connect
from tests.inventory.sshd import Sshd


class Answering:
    """Stands in for systems that cannot be had here. ``says`` is the answer to ``uname -s``, or the error."""

    def __init__(self, banner: str, says: bytes | Exception | None = None) -> None:
        self.banner, self._says = banner, says

    def run(self, command: str, stdin: bytes = b"", *, timeout: float = 0, limit: int = 0) -> Completed:
        assert self._says is not None, "nothing needs to be asked"
        if isinstance(self._says, Exception):
            raise self._says
        return Completed(0, self._says, b"")


def _detect(banner: str, says: bytes | Exception | None = None, **host: object) -> tuple[Platform, str]:
    found = detect(Host("web01", "x", **host), cast(Transport, Answering(banner, says)))  # type: ignore[arg-type]
    return found.platform, found.system


def test_the_inventory_knows_windows() -> None:
    for host in (
        Host("w", "w", connection="winrm"),
        Host("w", "w", connection="psrp"),
        Host("w", "w", variables={"ansible_shell_type": "powershell"}),
        Host("w", "w", variables={"ansible_shell_type": "cmd"}),
    ):
        found = from_inventory(host)
        assert found is not None
        assert found.platform is Platform.WINDOWS
    assert from_inventory(Host("w", "w", variables={"ansible_shell_type": "sh"})) is None


@pytest.mark.parametrize(
    ("banner", "platform"),
    [
        ("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3", Platform.POSIX),
        ("SSH-2.0-OpenSSH_8.2p1 Ubuntu-4ubuntu0.11", Platform.POSIX),
        ("SSH-2.0-dropbear_2022.83", Platform.POSIX),
        ("SSH-2.0-OpenSSH_for_Windows_8.1", Platform.WINDOWS),
    ],
)
def test_the_banner_may_be_enough(banner: str, platform: Platform) -> None:
    assert _detect(banner)[0] is platform


@pytest.mark.parametrize(
    ("says", "platform", "system"),
    [
        (b"Linux\n", Platform.POSIX, "Linux"),
        (b"Welcome!\nLinux\n", Platform.POSIX, "Linux"),
        (b"SunOS\n", Platform.OTHER, "SunOS"),
        (b"AIX\n", Platform.OTHER, "AIX"),
        (b"HP-UX\n", Platform.OTHER, "HP-UX"),
        (b"FreeBSD\n", Platform.OTHER, "FreeBSD"),
        (b"", Platform.OTHER, "nothing"),
        (b"\033]0;x\007\n", Platform.OTHER, "nothing"),
    ],
)
def test_a_server_that_names_no_system_is_asked(says: bytes, platform: Platform, system: str) -> None:
    assert _detect("SSH-2.0-OpenSSH_7.4", says) == (platform, system)


@pytest.mark.parametrize("system", ["CYGWIN_NT-5.2", "CYGWIN_NT-10.0-17763", "MSYS_NT-10.0", "MINGW64_NT-6.1"])
def test_cygwin_is_windows_behind_a_posix_shell(system: str) -> None:
    """Server 2003 and 2008 have no other SSH server."""
    host = Host("web01", "x")
    found = detect(host, cast(Transport, Answering("SSH-2.0-OpenSSH_6.6", f"{system}\n".encode())))

    assert (found.platform, found.system, found.posix_shell) == (Platform.WINDOWS, system, True)
    assert not detect(host, cast(Transport, Answering("SSH-2.0-OpenSSH_for_Windows_8.1"))).posix_shell


def test_a_shell_of_windows_gives_itself_away() -> None:
    refusal = HostError(
        "the login shell of web01 …; it said: 'exec' is not recognized as an internal or external command,"
    )
    assert _detect("SSH-2.0-OpenSSH_8.1", refusal)[0] is Platform.WINDOWS


def test_a_broken_connection_is_no_platform() -> None:
    with pytest.raises(HostUnreachable):
        _detect("SSH-2.0-OpenSSH_8.1", HostUnreachable("gone"))


def test_a_real_server(sshd: Sshd) -> None:
    with connect(sshd.host(), sshd.options()) as transport:
        assert detect(sshd.host(), transport).platform is Platform.POSIX
