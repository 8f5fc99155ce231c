"""The account that a service is started under: the observed one, or root where the program drops root itself.

Nothing in /proc shows the account of a process at its start. It follows from what only root could have done, and from
how the host starts the service.
"""

from __future__ import annotations

import re

from assess.model import Workload
from containerize.host.process_listing import LiveProcess
from containerize.start.managed_start import ManagedStart

_BIND_SERVICE = 1 << 10

_CHANGES_ACCOUNT = re.compile(
    r"--chuid\b|\bstart-stop-daemon\b.{0,300}\s-c\s|\bsu\s|\brunuser\b|\bsetpriv\b|\bsudo\b|\bchpst\b|\bsetuidgid\b|\bgosu\b"
    r"|\bdaemon\b.{0,300}--user\b|\bchroot\s+--userspec\b|\bcapsh\b|\bs6-setuidgid\b"
)


def account(
    process: LiveProcess, workload: Workload, known: str, managed: ManagedStart | None = None
) -> tuple[bool, str]:
    """(whether it must be started as root, words to add to the reason of the start). ``known`` is what the table of
    daemons says: root, process or ""; ``managed`` is how its manager starts it, where that was read.
    """
    if process.uid == 0:
        return True, ""
    if known == "process":
        return False, ""
    if known == "root":
        return True, "; started as root, which it gives away by itself"
    if managed is not None:
        if managed.user not in ("", "root", "0"):
            return False, ""
        return True, f"; started as root by {managed.source}, which it gives away by itself"
    port = _privileged_port(workload)
    if port and not process.capabilities & _BIND_SERVICE and not _may_bind(workload):
        return True, f"; started as root, because it listens on port {port} and gave root away afterwards"
    if _started_by_root(process, workload):
        return True, "; started as root, because nothing else on the host changes its account"
    return False, ""


def _privileged_port(workload: Workload) -> int:
    ports = [owned.listener.port for owned in workload.listeners if owned.listener.protocol.startswith(("tcp", "udp"))]
    return min((port for port in ports if 0 < port < 1024), default=0)


def _may_bind(workload: Workload) -> bool:
    """Whether the unit gave it the capability, which it may have dropped since."""
    service = workload.service
    return service is not None and "net_bind_service" in service.property("AmbientCapabilities").lower()


def _started_by_root(process: LiveProcess, workload: Workload) -> bool:
    """Whether unit or init script start the program itself and name no other account."""
    service = workload.service
    if service is None:
        return False
    if service.manager == "systemd":
        named = service.property("User") not in ("", "root", "0") or service.property("DynamicUser") == "yes"
        text = service.property("ExecStart")
    else:
        named = _CHANGES_ACCOUNT.search(service.text) is not None
        text = service.text
    return not named and _CHANGES_ACCOUNT.search(text) is None and _names_program(process, text)


def _names_program(process: LiveProcess, text: str) -> bool:
    """Whether a text names the program itself, or the script that its interpreter runs: a wrapper may do anything."""
    names = [process.executable.rpartition("/")[2]]
    if len(process.arguments) > 1:
        script = process.arguments[1].decode("utf-8", "surrogateescape")
        names = [script] if script.startswith("/") else names
    return any(name in text for name in names)
