"""SEC009."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.kernel_choices import SECURITY_MODULE
from assess.subjects.rule_subjects import WorkloadOnTargetSubject

_OPTIONS = {
    "apparmor": "--security-opt apparmor={label}, with the profile loaded on {target} (apparmor_parser)",
    "selinux": "--security-opt label=type:{label}, with its policy loaded on {target} (udica makes one)",
    "smack": "no option of an engine: Smack labels are given by the init system of the container host",
}


@rule("SEC009", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes", "services"))
def security_module_missing(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """Its unit confines it by a security module that the target does not run.

    Why:
        A profile of AppArmor or a context of SELinux is for one security module, and a kernel runs one of them. On a
        container host with another the profile cannot be loaded: the engine refuses to start the container with it, and
        without it the service is less confined than before.
    Remedy:
        Choose a container host with the same security module and load the profile there, or write the confinement
        again for the one that the host has.
    Source:
        AppArmorProfile, SELinuxContext and SmackProcessLabel of units and drop-ins below /etc (systemd.exec(5));
        /sys/kernel/security/lsm of the target.
    """
    target = subject.target
    if target.system != "linux":
        return
    for claim in subject.host.kernel_claims.get(subject.workload.id, ()):
        if claim.part != SECURITY_MODULE:
            continue
        if target.security_modules is None:
            yield Undecided("", f"which security modules {target.name} runs is not known")
            continue
        there = claim.choice in target.security_modules
        option = _OPTIONS[claim.choice].format(label=_name(claim.label), target=target.name)
        yield Hit(
            Severity.INFO if there else Severity.MINOR,
            f"Its unit confines it by {claim.choice} ({claim.label}), which {target.name} "
            f"{'runs too' if there else 'does not run'}.",
            (
                claim.evidence,
                Evidence(f"{target.name} runs {', '.join(target.security_modules)} ({target.origin})"),
            ),
            f"Give the container the like: {option}." if there else "",
        )


def _name(label: str) -> str:
    """The name of a profile; of a context of SELinux (user:role:type:level) its type."""
    pieces = label.split(":")
    return pieces[2] if len(pieces) >= 3 else label
