"""Check that every port of the plan listens, on an address as open as the original one."""

from __future__ import annotations

from containerize.pilot.check_subject import CheckSubject
from containerize.pilot.result import CheckResult
from containerize.pilot.startup_wait import ListenerRow
from containerize.plan.model import ImagePort

_ANY = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound


def check(subject: CheckSubject) -> tuple[CheckResult, ...]:
    """One result for each port."""
    listeners = subject.runtime.listeners(subject.container)
    return tuple(_port(subject, port, listeners) for port in subject.plan.ports)


def _port(subject: CheckSubject, port: ImagePort, listeners: tuple[ListenerRow, ...]) -> CheckResult:
    rows = [each for each in subject.plan.ports if (each.protocol, each.port) == (port.protocol, port.port)]
    name = f"port {port.protocol}/{port.port}{f' on {port.address}' if len(rows) > 1 else ''}"
    found = sorted(
        {
            address
            for protocol, address, number in listeners
            if protocol.startswith(port.protocol) and number == port.port
        }
    )
    expected = f"{port.process or 'a process'} listens on {port.address}"
    if not found:
        others = sorted({number for protocol, _, number in listeners if protocol.startswith(port.protocol)})
        listed = f"; {port.protocol} ports that do: {', '.join(map(str, others))}" if others else ""
        return subject.compared(name, False, expected, f"nothing listens{listed}")
    actual = f"listens on {', '.join(found)}"
    if port.published and all(_loopback(address) for address in found):
        return subject.compared(name, False, expected, f"{actual} only, which cannot be published")
    if not port.published and any(address in _ANY for address in found) and _loopback(port.address):
        return subject.compared(name, False, expected, f"{actual}: it is open to the network now")
    return subject.compared(name, True, expected, actual)


def _loopback(address: str) -> bool:
    return address.startswith(("127.", "::ffff:127.")) or address == "::1"
