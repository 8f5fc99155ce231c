"""KRN035: workloads that need different values of one host-wide kernel setting."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.estate_index import EstateIndex, IndexedWorkload
from assess.subjects.kernel_requirements import SettingRequirement

_NAMED = 3


@rule("KRN035", scope=Scope.ESTATE, needs=("processes", "sysctls"), aliases=("settings-fought-over",))
def conflicting_sysctl(estate: EstateIndex) -> RuleAnswer:
    """Services ran with different values of a host-wide kernel setting.

    Why:
        Each legacy server had its own kernel. Containers on one host share the kernel and its settings, so one of two
        workloads that need different values gets the wrong one: a database that relies on overcommitted memory is
        killed on a host that forbids it. If there are as many targets as values, the workloads can be separated.
    Remedy:
        Place workloads that need different values on different container hosts (the estate plan does so), or find out
        which of them does not need its value.
    Source:
        /proc/sys and the files of sysctl.d(5) on all hosts. That engines deny these settings to containers was tested.
    """
    wanted: dict[str, dict[str, list[tuple[IndexedWorkload, SettingRequirement]]]] = {}
    for host in estate.hosts:
        by_id = {workload.id: workload for workload in host.workloads}
        for name, wants in host.kernel_requirements:
            for want in wants:
                if want.how != "most":
                    wanted.setdefault(want.name, {}).setdefault(want.value, []).append((by_id[name], want))
    servers = sum(target.servers or 1 for target in estate.targets if target.system == "linux")
    endless = any(target.servers is None for target in estate.targets if target.system == "linux")
    for setting, values in wanted.items():
        if len(values) < 2:
            continue
        apart = endless or len(values) <= servers
        for value, each in values.items():
            other, (first, *more) = next((text, who) for text, who in values.items() if text != value)
            named = [workload.id for workload, _ in (first, *more)[:_NAMED]]
            rest = f" and {len(more) + 1 - len(named)} more" if len(more) + 1 > len(named) else ""
            for workload, want in each:
                mild = Severity.INFO if want.how == "taste" else Severity.MINOR
                yield Hit(
                    mild if apart or want.how == "taste" else Severity.MAJOR,
                    f"The service ran with {setting} = {value}; {', '.join(named)}{rest} ran with {other}.",
                    (want.evidence, Evidence(f"{first[0].host}: {first[1].evidence.fact}", first[1].evidence.origin)),
                    host=workload.host,
                    workload=workload.id,
                )
