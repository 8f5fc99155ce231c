"""KRN038."""

from __future__ import annotations

from assess.knowledge.kernel_features import exclusive_modules
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadOnTargetSubject


@rule("KRN038", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes", "kernel"))
def module_taken_on_target(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """It needs a part of the machine that the target's kernel has given to another module.

    Why:
        The processor's virtualization belongs to the module that took it first: with KVM loaded, virtual machines of
        VirtualBox and VMware do not start, and the other way round.
    Remedy:
        Choose a container host without the other module, or keep that module from being loaded there
        (/etc/modprobe.d).
    Source:
        /proc/modules of host and target, with the programs that work with each module; documentation of VirtualBox.
    """
    target = subject.target
    if target.system != "linux":
        return
    choices = exclusive_modules()
    parts = {each.part for each in choices}
    for claim in subject.host.kernel_claims.get(subject.workload.id, ()):
        if claim.part not in parts:
            continue
        if target.modules is None:
            yield Undecided("", f"which modules {target.name} has loaded is not known")
            continue
        for rival in choices:
            taken = sorted(rival.names & target.modules)
            if rival.part == claim.part and rival.choice != claim.choice and taken:
                yield Hit(
                    Severity.MAJOR,
                    f"It needs {claim.part} for {claim.choice}, and {target.name} has it for {rival.choice} "
                    f"({', '.join(taken)}).",
                    (claim.evidence, Evidence(f"{target.name} has {', '.join(taken)} loaded ({target.origin})")),
                )
