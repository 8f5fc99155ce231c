"""KRN038: workloads that need hardware which another module on the target already claims."""

from __future__ import annotations

from assess.knowledge.kernel_features import exclusive_modules
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadOnTargetSubject


@rule("KRN038", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes", "kernel"), aliases=("module-taken-on-target",))
def conflicting_kernel_module(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """Hardware that the service needs is claimed by another kernel module on the target.

    Why:
        Hardware virtualization belongs to the module that claimed it first: with KVM loaded, VirtualBox and VMware
        machines do not start, and vice versa.
    Remedy:
        Choose a container host without the other module, or prevent that module from being loaded there
        (/etc/modprobe.d).
    Source:
        /proc/modules of host and target, with the programs that use each module; VirtualBox documentation.
    """
    target = subject.target
    if target.system != "linux":
        return
    choices = exclusive_modules()
    parts = {each.part for each in choices}
    for claim in subject.host.kernel_choices.get(subject.workload.id, ()):
        if claim.part not in parts:
            continue
        if target.modules is None:
            yield Undecided("", f"the loaded modules of {target.name} are unknown")
            continue
        for rival in choices:
            taken = sorted(rival.names & target.modules)
            if rival.part == claim.part and rival.choice != claim.choice and taken:
                yield Hit(
                    Severity.MAJOR,
                    f"The service needs {claim.part} for {claim.choice}; on {target.name}, {rival.choice} uses it "
                    f"({', '.join(taken)}).",
                    (claim.evidence, Evidence(f"{target.name} has {', '.join(taken)} loaded ({target.origin})")),
                )
