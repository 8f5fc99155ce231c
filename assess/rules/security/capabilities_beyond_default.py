"""SEC004."""

from __future__ import annotations

from assess.knowledge.capabilities import default_capabilities, names, unrestricted
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadOnTargetSubject


@rule("SEC004", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes",))
def capabilities_beyond_default(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """A process holds capabilities that the engine does not leave to a container.

    Why:
        What needs such a capability is refused in a container, even to root: "Operation not permitted". Each of them
        is a piece of root's power over the kernel that all containers share.
    Remedy:
        Find out whether it uses what it was given. Then start the container with --cap-add for those that it needs
        (and --cap-drop ALL before it), or do without.
    Source:
        CapEff of /proc/PID/status. A process of root that gave nothing up says nothing about what it needs and is left
        out; the kernel rules find what it does. Defaults as Docker and Podman document them.
    """
    if subject.target.system != "linux":
        return
    engine = subject.target.engine
    if not engine:
        yield Undecided("", "it is not known which engine the target has")
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
            f"{process.name} holds {', '.join(words)}, which {engine} does not leave to a container.",
            (Evidence(fact, process.origin),),
            f"If it uses them, start the container with {options}.",
            settings=tuple(f"capability {name}" for name in words),
        )
