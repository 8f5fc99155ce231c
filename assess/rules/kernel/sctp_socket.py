"""KRN010: workloads that speak SCTP."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.rules.kernel.socket_owners import held_by
from assess.subjects.rule_subjects import WorkloadOnTargetSubject
from inventory.observation import value_or_none


@rule("KRN010", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes", "open_files", "sockets"))
def sctp_socket(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """Service speaks SCTP.

    Why:
        SCTP is a kernel module, which a container cannot load: without it, creating the socket fails with
        EPROTONOSUPPORT. SCTP associations may use several host addresses, and a container has one.
    Remedy:
        Load the module on the container host (/etc/modules-load.d/sctp.conf) and publish the port with /sctp; with
        several addresses, run the container in the host's network.
    Source:
        /proc/net/sctp/eps; sctp(7). The failure without the module was tested.
    """
    target = subject.target
    if target.system != "linux":
        return
    sockets = value_or_none(subject.host.snapshot.sockets)
    told: set[int] = set()
    for each in sockets.sctp if sockets else ():
        process = held_by(subject, each.inode)
        if process is None or each.port in told:
            continue
        told.add(each.port)
        steps = [] if target.modules is not None and "sctp" in target.modules else [f"Load sctp on {target.name}."]
        several = len(each.addresses) > 1
        steps.append(
            "Run the container in the host's network, because the service uses several addresses."
            if several
            else f"Publish {each.port}/sctp."
        )
        yield Hit(
            Severity.MAJOR if several else Severity.MINOR,
            f"The service uses SCTP on port {each.port}"
            + (f" with {len(each.addresses)} addresses." if several else "."),
            (Evidence(f"{process.name} (pid {process.pid}) holds an SCTP endpoint on port {each.port}", each.origin),),
            " ".join(steps),
        )
