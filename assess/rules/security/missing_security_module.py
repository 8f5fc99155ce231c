"""SEC009: services confined by a security module that the target does not run."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.kernel_choices import SECURITY_MODULE
from assess.subjects.rule_subjects import WorkloadOnTargetSubject

_OPTIONS = {
    "apparmor": "--security-opt apparmor={label}, with the profile loaded on {target} (apparmor_parser)",
    "selinux": "--security-opt label=type:{label}, with its policy loaded on {target} (udica creates one)",
    "smack": "engines have no option for it: the container host's init system assigns Smack labels",
}


@rule("SEC009", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes", "services"), aliases=("security-module-missing",))
def missing_security_module(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """Unit confines the service with a security module that the target does not run.

    Why:
        An AppArmor profile or an SELinux context is specific to one security module, and a kernel runs one of them. On
        a container host with a different module the profile cannot be loaded: the engine does not start the container
        with it, and without it the service is less confined than before.
    Remedy:
        Choose a container host with the same security module and load the profile there, or rewrite the confinement for
        the module that the host runs.
    Source:
        AppArmorProfile, SELinuxContext and SmackProcessLabel in units and drop-ins below /etc (systemd.exec(5)); the
        target's /sys/kernel/security/lsm.
    """
    target = subject.target
    if target.system != "linux":
        return
    for claim in subject.host.kernel_choices.get(subject.workload.id, ()):
        if claim.part != SECURITY_MODULE:
            continue
        if target.security_modules is None:
            yield Undecided("", f"the security modules of {target.name} are unknown")
            continue
        there = claim.choice in target.security_modules
        option = _OPTIONS[claim.choice].format(label=_name(claim.label), target=target.name)
        yield Hit(
            Severity.INFO if there else Severity.MINOR,
            f"The unit confines the service with {claim.choice} ({claim.label}), which {target.name} "
            f"{'also runs' if there else 'does not run'}.",
            (
                claim.evidence,
                Evidence(f"{target.name} runs {', '.join(target.security_modules)} ({target.origin})"),
            ),
            f"Give the container the equivalent: {option}." if there else "",
        )


def _name(label: str) -> str:
    """Return the name of a profile, or the type of an SELinux context (user:role:type:level)."""
    pieces = label.split(":")
    return pieces[2] if len(pieces) >= 3 else label
