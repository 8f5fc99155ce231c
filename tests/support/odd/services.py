"""Starts odd services on a host as an administrator once did by hand, and takes them away again.

Everything lies in ``/opt/odd-*`` and ``/run/odd``. The host needs Python 3 and base64.
"""

from __future__ import annotations

import base64
import shlex
from pathlib import Path

from tests.support.odd.programs import program_32, program_64

SERVER = Path(__file__).with_name("server.py")

ROLES: dict[str, str] = {
    "raw": "--raw 1,112",
    "device": "--hold /dev/net/tun",
    "bound": "--listen {address}:9001",
    "local": "--listen 127.0.0.1:9002",
    "caller": "--call 127.0.0.1:9002",
    "backend": "--unix /run/odd/backend.sock",
    "frontend": "--backend /run/odd/backend.sock",
    "writer": "--write /opt/odd-writer/state.db",
    "secret": "--password=tr0ub4dor-and-3",
    "environment": "--idle",
    "group": "--multicast 239.77.0.1:9010:{address}",
    "browser": "--udp 1434",
    "sniffer": "--packet 88cc",
    "devices": "--netlink 15",
    "shared1": "--segment 77aa01",
    "shared2": "--segment 77aa01",
    "shm": "--memory /dev/shm/odd:100000000",
    "locked": "--lock 1048576",
    "urgent": "--real-time 20",
    "niced": "--nice -5",
    "pinned": "--processor 0",
    "watcher": "--inotify 20",
    "parent": "--dead-children 2",
    "queue": "--queue /odd",
    "messages": "--messages 4711:88aa01",
    "rings": "--io-uring 1",
    "scanner": "--fanotify 1",
    "tracing": "--bpf 1",
    "keyring": "--key odd:ticket",
    "express": "--family 44",
    "lite": "--udplite 9031",
    "huge": "--huge-pages 2",
    "home": "--call {address}:9001",
    "client": "--call {address}:7",
    "started": "--idle",
    "starter": "--start /opt/odd-started/server.py",
    "bound-to-machine": "--machine-number /opt/odd-bound-to-machine/odd.conf",
}
"""What each service is started with; ``{address}`` is the host's own.

Not every machine can do each of them: huge pages have to be reserved, inetd to listen, a kernel to have AF_XDP (family
44). A service that cannot ends at once.
"""

ENVIRONMENT = {"environment": "DB_PASSWORD=tr0ub4dor-and-3"}
"""What a service finds in its environment beside what its shell has."""

PROGRAMS: dict[str, bytes] = {
    "old-cpu": program_32(),
    "new-kernel": program_64((99, 1, 0), 1),
    "new-cpu": program_64((3, 2, 0), 4),
    "replaced": program_64((3, 2, 0), 1),
}
"""Programs of no interpreter. ``replaced`` is removed while it runs."""


TRACED = "local"
"""The service that somebody looks into with strace, where the host has it."""


def start_script(address: str) -> str:
    """The shell script that starts everything and waits until each does what it is for. Its output is the pids."""
    server = _literal(SERVER.read_bytes())
    lines = [
        "set -e",
        "mkdir -m 1777 /run/odd",
        "test -c /dev/net/tun || { mkdir -p /dev/net; mknod /dev/net/tun c 10 200; }",
        "pids=",
    ]
    for role, arguments in ROLES.items():
        folder = f"/opt/odd-{role}"
        variables = f"env {ENVIRONMENT[role]} " if role in ENVIRONMENT else ""
        words = " ".join(shlex.quote(word) for word in arguments.format(address=address).split())
        lines += [
            f"mkdir {folder}",
            f"{server} > {folder}/server.py",
            f"setsid {variables}python3 {folder}/server.py {words} < /dev/null > /dev/null 2>&1 &",
            'echo $!; pids="$pids $!"',
            *(["traced=$!"] if role == TRACED else []),
        ]
    for name, content in PROGRAMS.items():
        folder = f"/opt/odd-{name}"
        lines += [
            f"mkdir {folder}",
            f"{_literal(content)} > {folder}/{name}",
            f"chmod 0755 {folder}/{name}",
            f"setsid {folder}/{name} < /dev/null > /dev/null 2>&1 & echo $!",
        ]
    lines += [
        "echo 'host = 192.168.77.7' > /opt/odd-bound/odd.conf",
        "for pid in $pids; do",
        "  while kill -0 $pid 2> /dev/null && test ! -e /run/odd/$pid.ready; do sleep 0.1; done",
        "done",
        "rm /opt/odd-replaced/replaced /run/odd/*.ready",
        "if command -v strace > /dev/null; then",
        "  setsid strace -o /dev/null -p $traced < /dev/null > /dev/null 2>&1 & echo $!",
        "  sleep 0.5",
        "fi",
    ]
    return "\n".join(lines) + "\n"


def stop_script(pids: list[int]) -> str:
    """The shell script that ends exactly what was started, and removes its files."""
    folders = " ".join(f"/opt/odd-{name}" for name in (*ROLES, *PROGRAMS))
    return f"""kill {" ".join(map(str, pids))} 2> /dev/null
rm -rf /run/odd /dev/shm/odd /dev/mqueue/odd {folders}
ipcrm -M 0x77aa01
ipcrm -Q 0x88aa01
exit 0
"""


def _literal(content: bytes) -> str:
    return f"echo {base64.b64encode(content).decode()} | base64 -d"
