"""SEC004: processes with capabilities that the engine does not grant by default."""

from __future__ import annotations

from assess.knowledge.capabilities import default_capabilities, names, unrestricted
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadOnTargetSubject


@rule("SEC004", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes",), aliases=("capabilities-beyond-default",))
def extra_capabilities(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """Process holds capabilities that the engine does not grant by default.

    Why:
        Operations that need such a capability are denied in a container, even to root: "Operation not permitted". Each
        capability is a part of root's power over the kernel that all containers share.
    Remedy:
        Find out whether the process uses its capabilities. Then start the container with --cap-add for those it needs
        (after --cap-drop ALL), or without them.
    Source:
        CapEff in /proc/PID/status. A root process with all capabilities does not reveal what it needs and is ignored;
        kernel rules detect what it uses. Defaults as documented by Docker and Podman.
    """
    if subject.target.system != "linux":
        return
    engine = subject.target.engine
    if not engine:
        yield Undecided("", "the target's container engine is unknown")
        return
    default = default_capabilities(engine)
    told = 0
    for process in subject.workload.processes:
        if unrestricted(process.capabilities):
            continue
        beyond = process.capabilities & ~default & ~told
        if not beyond:
            continue
        told |= beyond
        words = names(beyond)
        options = " ".join(f"--cap-add {name}" for name in words)
        who = f"{process.name} (pid {process.pid}, user id {process.effective_uid})"
        fact = f"{who} has CapEff {process.capabilities:016x}"
        yield Hit(
            Severity.MINOR,
            f"{process.name} holds {', '.join(words)}, which {engine} does not grant by default.",
            (Evidence(fact, process.origin),),
            f"If the process uses them, start the container with {options}.",
            settings=tuple(f"capability {name}" for name in words),
        )
