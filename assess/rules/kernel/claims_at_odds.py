"""KRN037."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.estate_index import EstateIndex
from assess.subjects.kernel_choices import KernelChoice

_NAMED = 3


@rule("KRN037", scope=Scope.ESTATE, needs=("processes",))
def claims_at_odds(estate: EstateIndex) -> RuleAnswer:
    """Workloads of the estate need a part of the kernel in ways that exclude each other.

    Why:
        A kernel has one security module that labels processes (SELinux, AppArmor or Smack), and gives the processor's
        virtualization to one of KVM, VirtualBox and VMware. Each legacy server chose for itself; containers of one host
        have what that host chose, and the others do not start, or run without their confinement.
    Remedy:
        Place them on different container hosts (the plan of the estate does), or let one of them do without.
    Source:
        Settings of units (systemd.exec(5)); /proc/modules with the programs that work with each module;
        Documentation/admin-guide/LSM/index.rst; documentation of VirtualBox.
    """
    claimed: dict[str, dict[str, list[tuple[str, str, KernelChoice]]]] = {}
    for host in estate.hosts:
        for name, claims in host.claims:
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
            for host_name, workload, claim in each:
                yield Hit(
                    severity,
                    f"It needs {part} to be {choice}, and {named}{rest} to be {other}.",
                    (claim.evidence, Evidence(f"{first_host}: {first.evidence.fact}", first.evidence.origin)),
                    host=host_name,
                    workload=workload,
                )
