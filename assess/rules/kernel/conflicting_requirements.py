"""KRN037: workloads whose kernel requirements exclude each other."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.estate_index import EstateIndex
from assess.subjects.kernel_choices import KernelChoice

_NAMED = 3


@rule("KRN037", scope=Scope.ESTATE, needs=("processes",), aliases=("claims-at-odds",))
def conflicting_requirements(estate: EstateIndex) -> RuleAnswer:
    """Services have kernel requirements that exclude each other.

    Why:
        A kernel has one security module that labels processes (SELinux, AppArmor or Smack), and grants hardware
        virtualization to one of KVM, VirtualBox and VMware. Each legacy server made its own choice; containers share
        the choice of their host, and the others do not start, or run unconfined.
    Remedy:
        Place them on different container hosts (the estate plan does so), or run one of them without its requirement.
    Source:
        Unit settings (systemd.exec(5)); /proc/modules with the programs that use each module;
        Documentation/admin-guide/LSM/index.rst; VirtualBox documentation.
    """
    claimed: dict[str, dict[str, list[tuple[str, str, KernelChoice]]]] = {}
    for host in estate.hosts:
        for name, claims in host.kernel_choices:
            for claim in claims:
                claimed.setdefault(claim.part, {}).setdefault(claim.choice, []).append((host.name, name, claim))
    linux = [target for target in estate.targets if target.system == "linux"]
    endless = any(target.servers is None for target in linux)
    servers = sum(target.servers or 1 for target in linux)
    for part, choices in claimed.items():
        if len(choices) < 2:
            continue
        severity = Severity.MINOR if endless or len(choices) <= servers else Severity.MAJOR
        for choice, each in choices.items():
            other, rivals = next((name, who) for name, who in choices.items() if name != choice)
            named = ", ".join(rival for _, rival, _ in rivals[:_NAMED])
            rest = f" and {len(rivals) - _NAMED} more" if len(rivals) > _NAMED else ""
            first_host, _, first = rivals[0]
            verb = "needs" if len(rivals) == 1 else "need"
            for host_name, workload, claim in each:
                yield Hit(
                    severity,
                    f"The service needs {choice} ({part}); {named}{rest} {verb} {other}.",
                    (claim.evidence, Evidence(f"{first_host}: {first.evidence.fact}", first.evidence.origin)),
                    host=host_name,
                    workload=workload,
                )
