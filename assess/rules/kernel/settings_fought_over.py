"""KRN035."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.estate_index import EstateIndex, IndexedWorkload
from assess.subjects.kernel_requirements import SettingRequirement

_NAMED = 3


@rule("KRN035", scope=Scope.ESTATE, needs=("processes", "sysctls"))
def settings_fought_over(estate: EstateIndex) -> RuleAnswer:
    """Workloads of different hosts ran with different values of a setting that a kernel has only once.

    Why:
        Each legacy server had a kernel of its own. Containers of one host share the kernel and its settings, so one of
        two workloads that want different values gets the wrong one: a database that counts on overcommitted memory is
        ended by a host that forbids it. Where there are as many targets as values the workloads can be kept apart.
    Remedy:
        Place workloads that want different values on different container hosts (the plan of the estate does), or find
        out which of them does without.
    Source:
        /proc/sys and the files of sysctl.d(5) of all hosts. That engines refuse these settings to a container was
        tested.
    """
    wanted: dict[str, dict[str, list[tuple[IndexedWorkload, SettingRequirement]]]] = {}
    for host in estate.hosts:
        by_id = {workload.id: workload for workload in host.workloads}
        for name, wants in host.wants:
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
                    f"It ran with {setting} = {value}, and {', '.join(named)}{rest} with {other}.",
                    (want.evidence, Evidence(f"{first[0].host}: {first[1].evidence.fact}", first[1].evidence.origin)),
                    host=workload.host,
                    workload=workload.id,
                )
