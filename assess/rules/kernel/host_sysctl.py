"""KRN032: workloads that ran with a kernel setting which the target does not have."""

from __future__ import annotations

from assess.model import Evidence, Severity, Target
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.kernel_requirements import HUGE_PAGES, SettingRequirement
from assess.subjects.rule_subjects import WorkloadOnTargetSubject


@rule("KRN032", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes", "sysctls"), aliases=("host-setting-wanted",))
def host_sysctl(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """Service ran with a host-wide kernel setting that the target does not have.

    Why:
        Settings such as vm.max_map_count, vm.overcommit_memory or net.core.rmem_max exist once per kernel. Engines do
        not let containers change them ("not in a separate kernel namespace"), and the target's value applies to all of
        its containers.
    Remedy:
        Set it on the container host, in a file in /etc/sysctl.d, or omit it if the workload does not need it.
    Source:
        /proc/sys and the files of sysctl.d(5). Host-wide settings were identified by writing each one in new
        namespaces.
    """
    target = subject.target
    if target.system != "linux":
        return
    for want in subject.host.kernel_requirements.get(subject.workload.id, ()):
        value = _value(target, want)
        if value is None:
            yield Undecided("", f"the value of {want.name} on {target.name} is unknown")
        elif not want.met_by(value):
            yield Hit(
                Severity.INFO if want.how == "taste" else Severity.MINOR,
                f"The service ran with {want.name} = {want.value}; {target.name} has {value or 'no such setting'}.",
                (want.evidence, Evidence(f"{target.name} has {want.name} = {value} ({target.origin})")),
                _remedy(target, want),
            )


def _value(target: Target, want: SettingRequirement) -> str | None:
    if want.name == HUGE_PAGES:
        return target.transparent_huge_pages or None
    return None if target.sysctls is None else target.sysctls.get(want.name, "")


def _remedy(target: Target, want: SettingRequirement) -> str:
    if want.name == HUGE_PAGES:
        return f"Write never to /sys/kernel/mm/transparent_hugepage/enabled on {target.name} at boot."
    return f"Set {want.name} = {want.value} on {target.name}, in a file in /etc/sysctl.d."
