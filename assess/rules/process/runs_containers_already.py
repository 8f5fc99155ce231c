"""PRC018."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.host_users import both, holding, running
from assess.subjects.rule_subjects import HostSubject
from inventory.observation import Found

_HYPERVISORS = ("libvirtd", "virtqemud", "pvedaemon", "vzctl")
_MACHINES = frozenset({"libvirt", "openvz", "proxmox", "kvm"})


@rule("PRC018", scope=Scope.HOST, needs=("containers",))
def runs_containers_already(subject: HostSubject) -> RuleAnswer:
    """The host runs containers or virtual machines itself.

    Why:
        Containers move by their images and volumes, without being taken apart. Virtual machines and system containers
        are servers of their own, which should be scanned as such. An engine within a container needs privilege, and
        a hypervisor hardware.
    Remedy:
        Move running containers with their compose files and volumes. Put virtual machines into the inventory as hosts.
        Leave the engine or hypervisor itself behind.
    Source:
        State files of engines and hypervisors; no command of theirs is run.
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
            f"{engine} has {len(names)} {what}{'s' if len(names) > 1 else ''} here: {shown}.",
            (Evidence(f"the files of {engine} name {shown}", origin),),
            affects=both(holding(subject.host, "/dev/kvm"), running(subject.host, _HYPERVISORS)),
        )
