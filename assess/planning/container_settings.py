"""The container settings that a service needs, and that an operator only has to write into a compose file."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from assess.knowledge.program_quirks import program_quirk
from assess.model import Finding, Workload
from assess.rules.network.many_ports import rows_of_ports
from assess.subjects.host_facts import HostFacts
from assess.workloads.init_scripts import run_path
from assess.workloads.published_ports import wanted_ports
from inventory.platforms import Platform

_BELOW_ROOT = 1024
_BIND = 1 << 10
"""CAP_NET_BIND_SERVICE of capabilities(7)."""


def container_settings(host: HostFacts, workload: Workload, findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return the settings that a container of ``workload`` is started with, each once: published ports, volumes, a
    memory limit (without its size, which differs from scan to scan), directories in memory, and the capabilities,
    devices and kernel settings that ``findings`` require.
    """
    asked = (setting for finding in findings for setting in finding.settings)
    return tuple(dict.fromkeys((*_of_every_service(host, workload), *asked)))


def _of_every_service(host: HostFacts, workload: Workload) -> Iterator[str]:
    for transport, first, last in rows_of_ports(wanted_ports(workload)):
        yield f"publish {first}/{transport}" if first == last else f"publish {first}-{last}/{transport}"
    for data in workload.data:
        yield f"volume {data.path}"
    yield "memory limit"
    if host.snapshot.platform == Platform.WINDOWS:
        return
    if _binds_by_capability(workload):
        yield "capability NET_BIND_SERVICE"
    for directory in _run_directories(workload):
        yield f"tmpfs {directory}"
    if program_quirk("no_handler_of_sigterm", workload.main.executable or workload.main.name) is not None:
        yield "init: true"


def _binds_by_capability(workload: Workload) -> bool:
    """Whether a process that is not root's holds the right to bind low ports, and one of them is bound."""
    low = any(port < _BELOW_ROOT for _, port in wanted_ports(workload))
    return low and any(each.effective_uid != 0 and each.capabilities & _BIND for each in workload.processes)


def _run_directories(workload: Workload) -> tuple[str, ...]:
    """Directories below /run that are its own, none inside another: those that its unit makes, and those of its named
    sockets.
    """
    service = workload.service
    made = [f"/run/{name}" for name in service.property("RuntimeDirectory").split()] if service else []
    paths = (run_path(socket.path) for socket in workload.unix_sockets if socket.listening)
    made += [posixpath.dirname(path) for path in paths if path.startswith("/run/")]
    own = [path for path in dict.fromkeys(made) if path != "/run"]
    return tuple(path for path in own if not any(path.startswith(f"{other}/") for other in own))
