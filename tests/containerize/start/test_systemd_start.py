"""Units are translated as systemd would run them."""

from __future__ import annotations

from containerize.start.managed_start import ManagedStart
from containerize.start.systemd_start import UnitFiles, systemd_start


def _unit(text: str, name: str = "app", **files: str) -> ManagedStart:
    sockets = tuple((socket.replace("_", "."), (content,)) for socket, content in files.items())
    found = systemd_start(UnitFiles(name, (f"[Service]\nExecStart=/opt/app/server\n{text}",), sockets, home="/srv/app"))
    assert found is not None
    return found


def test_addresses_of_socket_units_have_specifiers() -> None:
    socket = "[Socket]\nListenStream=%t/%N/%i.sock\nListenStream=@%p\nListenDatagram=127.0.0.1:99"
    found = _unit("", name="app@one", **{"app@one_socket": socket})
    assert [each.address for each in found.sockets] == ["/run/app@one/one.sock", "@app", "127.0.0.1:99"]
    assert {each.name for each in found.sockets} == {"app@one.socket"}


def test_specifiers_of_accounts_are_the_system_managers() -> None:
    found = _unit("User=app\nGroup=web\nEnvironment=A=%u:%g:%U:%G:%h\nWorkingDirectory=~")
    assert found.environment["A"] == "root:root:0:0:/root"
    assert (found.user, found.group, found.working_directory) == ("app", "web", "/srv/app")


def test_names_that_are_not_capabilities_are_dropped() -> None:
    found = _unit("CapabilityBoundingSet=CAP_CHOWN CAP_NO_SUCH\nAmbientCapabilities=CAP_NET_RAW cap")
    assert (found.bounding, found.ambient) == (("CAP_CHOWN",), ("CAP_NET_RAW",))


def test_defaults_are_those_of_systemd() -> None:
    assert (_unit("").ignore_sigpipe, _unit("IgnoreSIGPIPE=no").ignore_sigpipe) == (True, False)
    assert (_unit("").start_seconds, _unit("Type=oneshot").start_seconds) == (None, 0)
    assert _unit("Type=oneshot\nTimeoutStartSec=5min").start_seconds == 300
    assert (_unit("Type=notify").notifies, _unit("Type=exec").notifies) == (True, False)


def test_signals_are_named() -> None:
    signals = ("SIGINT", "QUIT", "15", "SIGRTMIN+3", "99", "SIGNONE")
    assert [_unit(f"KillSignal={text}").stop_signal for text in signals] == [
        "SIGINT", "SIGQUIT", "SIGTERM", "SIGRTMIN+3", "", ""
    ]  # fmt: skip
