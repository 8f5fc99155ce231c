"""PRC018: hosts that already run containers or virtual machines."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.host_users import both, holding, running
from assess.subjects.rule_subjects import HostSubject
from inventory.observation import Found

_HYPERVISORS = ("libvirtd", "virtqemud", "pvedaemon", "vzctl")
_MACHINES = frozenset({"libvirt", "openvz", "proxmox", "kvm"})


@rule("PRC018", scope=Scope.HOST, needs=("containers",), aliases=("runs-containers-already",))
def existing_containers(subject: HostSubject) -> RuleAnswer:
    """Host already runs containers or virtual machines.

    Why:
        Existing containers move with their images and volumes and need no conversion. Virtual machines and system
        containers are separate servers and should be scanned as such. An engine inside a container needs privileges,
        and a hypervisor needs hardware.
    Remedy:
        Move running containers with their compose files and volumes. Add virtual machines to the inventory as hosts.
        Leave the engine or hypervisor itself behind.
    Source:
        State files of engines and hypervisors; none of their commands is run.
    """
    containers = subject.host.snapshot.containers
    if not isinstance(containers, Found):
        return
    by_engine: dict[str, list[str]] = {}
    for each in containers.value.containers:
        if each.state in ("running", "paused", ""):
            by_engine.setdefault(each.engine, []).append(each.name or each.id[:12])
    for engine, names in by_engine.items():
        machines = engine in _MACHINES
        origin = next(each.origin for each in containers.value.containers if each.engine == engine)
        shown = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
        what = "virtual machine" if machines else "container"
        yield Hit(
            Severity.MAJOR if machines else Severity.INFO,
            f"{engine} runs {len(names)} {what}{'s' if len(names) > 1 else ''}: {shown}.",
            (Evidence(f"the state files of {engine} list {shown}", origin),),
            affects=both(holding(subject.host, "/dev/kvm"), running(subject.host, _HYPERVISORS)),
        )
