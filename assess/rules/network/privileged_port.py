"""NET022: services on ports below 1024 that the target restricts."""

from __future__ import annotations

from assess.configuration_text.ip_addresses import endpoint
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadOnTargetSubject
from assess.workloads.published_ports import is_published

_BELOW = 1024


@rule("NET022", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes", "listeners"))
def privileged_port(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """Port below 1024 is restricted on the target.

    Why:
        An engine that runs as an ordinary user (rootless Podman or Docker) cannot publish a port below the host's
        net.ipv4.ip_unprivileged_port_start: "permission denied", and the container does not start. Docker lets any user
        bind such ports inside a container; Kubernetes with older versions of containerd does not.
    Remedy:
        Lower the limit on the container host (sysctl net.ipv4.ip_unprivileged_port_start=80), or publish a port above
        1023 with a forward in front. For a non-root user in Kubernetes, set that sysctl in the pod.
    Source:
        Documentation/networking/ip-sysctl.rst; Podman and Docker documentation on rootless mode. Tested.
    """
    target = subject.target
    if target.system != "linux":
        return
    told: set[int] = set()
    for owned in subject.workload.listeners:
        listener = owned.listener
        if not is_published(owned) or listener.port >= _BELOW or listener.port in told:
            continue
        told.add(listener.port)
        evidence = (
            Evidence(
                f"{subject.workload.name} listens on {endpoint(listener.address, listener.port)}", listener.origin
            ),
            Evidence(f"{target.name}: {target.origin}"),
        )
        if target.rootless is None and target.engine == "podman":
            yield Undecided("", f"it is unknown whether Podman runs as root on {target.name}")
            return
        if target.rootless:
            if target.unprivileged_port_start is None:
                yield Undecided("", f"net.ipv4.ip_unprivileged_port_start on {target.name} is unknown")
                return
            if listener.port < target.unprivileged_port_start:
                yield Hit(
                    Severity.MINOR,
                    f"The service needs port {listener.port}, but the engine on {target.name} runs rootless.",
                    evidence,
                    f"Set sysctl net.ipv4.ip_unprivileged_port_start={listener.port} on {target.name}, or publish it"
                    f" as {listener.port + 8000}.",
                )
        elif listener.uid != 0:
            yield Hit(
                Severity.INFO,
                f"The service binds port {listener.port} as user {subject.host.account(listener.uid)}, not root.",
                evidence,
                "Docker and Podman allow this in a container; in Kubernetes, set the pod's sysctl"
                " net.ipv4.ip_unprivileged_port_start=0.",
                settings=("capability NET_BIND_SERVICE",),
            )
