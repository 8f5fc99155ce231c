"""PRC017: services that connect to the container engine or hypervisor of their host."""

from __future__ import annotations

from assess.configuration_text.configuration_lines import is_comment
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none

_SOCKETS = ("docker.sock", "podman.sock", "containerd.sock", "crio.sock", "libvirt-sock", "virtqemud-sock")


@rule(
    "PRC017",
    scope=Scope.WORKLOAD,
    needs=("processes", "configuration", "sockets"),
    aliases=("drives-the-container-engine",),
)
def container_engine_control(subject: WorkloadSubject) -> RuleAnswer:
    """Service controls the host's container engine or hypervisor.

    Why:
        Access to the engine's socket equals root on the host. Inside a container, the service would control the engine
        that runs it, with paths and networks that mean something else there. A hypervisor needs the host's devices.
    Remedy:
        Leave it on the host. Or give it a separate engine (DOCKER_HOST over TLS), or the orchestrator's API with a
        least-privilege account.
    Source:
        Connections to engine sockets, and lines in configuration and code that name them.
    """
    own = {process.pid for process in subject.workload.processes}
    for tie in value_or_none(subject.host.snapshot.unix_ties) or ():
        if tie.path.endswith(_SOCKETS) and own.intersection(tie.client_pids) and not own.intersection(tie.server_pids):
            yield Hit(
                Severity.MAJOR,
                f"The service is connected to {tie.path}.",
                (Evidence(f"process {min(own.intersection(tie.client_pids))} is connected to {tie.path}", tie.origin),),
            )
            return
    for line in subject.host.configuration.mentioning(subject.workload.configuration_roots, _SOCKETS):
        if not is_comment(line):
            name = next(each for each in _SOCKETS if each in line.text)
            yield Hit(
                Severity.MAJOR,
                f"{line.path}:{line.number} names the socket of a container engine or hypervisor ({name}).",
                (Evidence(f"{line.path}:{line.number} names {name}", line.origin, line.text),),
            )
            return
