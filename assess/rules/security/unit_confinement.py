"""SEC007: services whose unit confines them."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject

_OPTIONS = {
    "ProtectSystem": "--read-only",
    "PrivateTmp": "--tmpfs /tmp",
    "NoNewPrivileges": "--security-opt no-new-privileges",
    "CapabilityBoundingSet": "--cap-drop ALL and --cap-add for what the unit allows",
    "RestrictAddressFamilies": "a seccomp profile",
    "MemoryDenyWriteExecute": "a seccomp profile",
    "PrivateNetwork": "--network none",
    "PrivateUsers": "user namespaces (rootless, userns-remap)",
    "MemoryMax": "--memory",
    "MemoryLimit": "--memory",
    "CPUQuotaPerSecUSec": "--cpus",
    "TasksMax": "--pids-limit",
}
_OFF = frozenset({"", "no", "false", "0", "infinity", "[not set]"})


@rule("SEC007", scope=Scope.WORKLOAD, needs=("processes", "services"), aliases=("confined-by-its-unit",))
def unit_confinement(subject: WorkloadSubject) -> RuleAnswer:
    """Unit confines the service, and a container does not inherit that.

    Why:
        Settings in the unit protect the host from the service or limit its resource use, and systemd applies them. A
        container without equivalent options is less confined than the service was.
    Remedy:
        Give the container the equivalent options; the finding lists them.
    Source:
        Settings in drop-ins and in unit files below /etc; systemd.exec(5), systemd.resource-control(5). Settings in
        packaged units are ignored, because they were not decided on this host.
    """
    service = subject.workload.service
    if service is None:
        return
    last = {setting.name: setting for setting in service.settings if setting.name in _OPTIONS}
    found = [setting for setting in last.values() if setting.value.strip().lower() not in _OFF]
    if found:
        options = dict.fromkeys(_OPTIONS[setting.name] for setting in found)
        yield Hit(
            Severity.INFO,
            f"The unit confines the service with {', '.join(sorted(setting.name for setting in found))}.",
            tuple(
                Evidence(f"{each.path} sets {each.name}", each.origin, f"{each.name}={each.value}")
                for each in found[:5]
            ),
            f"Give the container the equivalent: {'; '.join(options)}.",
        )
