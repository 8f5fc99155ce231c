"""The estate's own network: a switch to which every host is plugged, and the machine too.

The switch is a bridge in a network namespace of its own. Beside a container engine, the traffic of a bridge on the
machine itself would be filtered by the engine's rules (bridge-nf-call-iptables, FORWARD policy DROP); in a namespace
without rules it is not, and the machine's own rules need no change. No host has a default route, so nothing leaves the
machine.
"""

from __future__ import annotations

import ipaddress
import json
import subprocess
from pathlib import Path
from typing import Any

from tests.estate import processes
from tests.estate.errors import EstateError

NETWORK = ipaddress.IPv4Network("10.77.0.0/23")
MACHINE_ADDRESS = "10.77.0.1"
MACHINE_LINK = "brownfield0"
_BRIDGE = "switch0"
_UPLINK = "uplink"


def ensure(log: Path) -> None:
    """Set the switch up, unless it is there."""
    switch = _switch()
    if switch and _has(MACHINE_LINK) and _has(_BRIDGE, switch):
        return
    remove()
    _refuse_overlap()
    switch = _start_switch(log)
    _ip("link", "add", MACHINE_LINK, "type", "veth", "peer", "name", _UPLINK, "netns", str(switch))
    _ip("link", "add", _BRIDGE, "type", "bridge", inside=switch)
    _ip("link", "set", _BRIDGE, "addrgenmode", "none", "up", inside=switch)
    _ip("link", "set", _UPLINK, "master", _BRIDGE, "addrgenmode", "none", "up", inside=switch)
    # Without IPv6 on the switch no chatter about neighbours and routers reaches the machine.
    _ip("link", "set", MACHINE_LINK, "addrgenmode", "none")
    _ip("addr", "add", f"{MACHINE_ADDRESS}/{NETWORK.prefixlen}", "dev", MACHINE_LINK)
    _ip("link", "set", MACHINE_LINK, "up")


def attach(host: str, address: str, pid: int) -> None:
    """Plug the network namespace of process ``pid`` into the switch, as its eth0; boot.sh adds the address."""
    port, switch = _port(host), _switch()
    # The same at every start, as hardware has it.
    mac = "52:54:" + ":".join(f"{octet:02x}" for octet in ipaddress.IPv4Address(address).packed)
    veth = ("link", "add", port, "type", "veth", "peer", "name", "eth0", "address", mac, "netns", str(pid))
    _ip(*veth, inside=switch)
    _ip("link", "set", port, "master", _BRIDGE, "addrgenmode", "none", "up", inside=switch)


def detach(host: str) -> None:
    """Unplug a host; the kernel would do it too, but only some time after the host ended."""
    switch = _switch()
    if switch and _has(_port(host), switch):
        try:
            _ip("link", "delete", _port(host), inside=switch)
        except EstateError:
            if _has(_port(host), switch):  # else the kernel was quicker
                raise


def remove() -> None:
    """Take the switch away, with what is plugged in."""
    if _has(MACHINE_LINK):
        _ip("link", "delete", MACHINE_LINK)
    processes.end(process for process in processes.running() if process.role == "switch")


def _start_switch(log: Path) -> int:
    # A process and not a name of `ip netns`: that would leave a mount behind when the estate is killed.
    hold = "echo ready; exec sleep infinity < /dev/null > /dev/null 2>&1"
    started = processes.start("switch", "", ["unshare", "--net", "sh", "-c", hold], errors=log)
    try:
        processes.answer(started, "The estate's network", log)
    finally:
        processes.close([started.stdin, started.stdout])
        started.wait()
    switch = _switch()
    if switch is None:
        raise EstateError(f"The estate's network ended at once: {processes.last_words(log)}")
    return switch


def _switch() -> int | None:
    """Process that holds the switch's namespace."""
    return next((process.pid for process in processes.running() if process.role == "switch"), None)


def _port(host: str) -> str:
    return f"bf-{host}"[:15]


def _has(link: str, inside: int | None = None) -> bool:
    argv = [*_enter(inside), "ip", "link", "show", "dev", link]
    return subprocess.run(argv, capture_output=True, check=False).returncode == 0


def _refuse_overlap() -> None:
    routes: list[dict[str, Any]] = json.loads(_ip("-json", "-4", "route", "show", "table", "all"))
    for route in routes:
        if route["dst"] != "default" and ipaddress.IPv4Network(route["dst"], strict=False).overlaps(NETWORK):
            raise EstateError(
                f"The estate's network {NETWORK} is already in use on this machine ({route['dst']} on "
                f"{route.get('dev', 'an unknown device')}); take that network down first."
            )


def _ip(*arguments: str, inside: int | None = None) -> str:
    done = subprocess.run([*_enter(inside), "ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise EstateError(f"`ip {' '.join(arguments)}` failed: {done.stderr.strip()}")
    return done.stdout


def _enter(pid: int | None) -> tuple[str, ...]:
    return () if pid is None else ("nsenter", f"--net=/proc/{pid}/ns/net")
