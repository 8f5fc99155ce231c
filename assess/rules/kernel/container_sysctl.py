"""KRN033: workloads that need kernel settings which a container must be given."""

from __future__ import annotations

from collections.abc import Iterator

from assess.knowledge.kernel_features import kernel_settings
from assess.model import Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.kernel_requirements import evidence_of
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.model.sysctl_defaults import default_of
from inventory.model.sysctls import Sysctl
from inventory.observation import value_or_none

_NEWEST = "6.12.0"
"""The kernel whose defaults a new container is assumed to have."""
_TOLD = 12


@rule(
    "KRN033", scope=Scope.WORKLOAD, needs=("processes", "sysctls", "listeners"), aliases=("container-setting-wanted",)
)
def container_sysctl(subject: WorkloadSubject) -> RuleAnswer:
    """Service ran with kernel settings that its container must be given.

    Why:
        Network and System V IPC settings belong to a namespace. A new container starts with the kernel's defaults, not
        with the settings of its host or of the old server.
    Remedy:
        Start the container with --sysctl NAME=VALUE for each setting (Compose: sysctls; Kubernetes:
        securityContext.sysctls, where most of them must be allowed on the node). In the host's network, set them on the
        container host.
    Source:
        /proc/sys and the files of sysctl.d(5). Namespaced settings were identified by writing each one in new
        namespaces.
    """
    wanted = [setting for setting in _settings(subject) if _lost(setting)]
    if wanted:
        names = ", ".join(setting.name for setting in wanted[:3]) + (" …" if len(wanted) > 3 else "")
        options = " ".join(_option(setting) for setting in wanted)
        yield Hit(
            Severity.MINOR,
            f"The service ran with non-default kernel settings: {names}.",
            tuple(evidence_of(setting) for setting in wanted[:_TOLD]),
            f"Start the container with {options}.",
            settings=tuple(f"sysctl {setting.name}={setting.value}" for setting in wanted),
        )


def _settings(subject: WorkloadSubject) -> Iterator[Sysctl]:
    table = kernel_settings()
    reached = bool(subject.workload.listeners or subject.workload.connections)
    shares = _shares(subject)
    for setting in subject.host.tuned_settings:
        if (setting.name in table.network and reached) or (setting.name in table.ipc and shares):
            yield setting


def _shares(subject: WorkloadSubject) -> bool:
    """Whether the workload's users own System V or POSIX objects, or the objects could not be read."""
    ipc = value_or_none(subject.host.snapshot.ipc)
    if ipc is None:
        return True
    users = {process.uid for process in subject.workload.processes}
    owners = (each.uid for kind in (ipc.segments, ipc.semaphores, ipc.message_queues, ipc.posix) for each in kind)
    return any(uid in users for uid in owners)


def _lost(setting: Sysctl) -> bool:
    """Whether a new container would not have the setting by default."""
    table = kernel_settings()
    own = default_of(setting.name, _NEWEST)
    if setting.name in table.copied:  # from the container host
        return False
    if own is None or setting.name not in table.grown:
        return setting.value != own
    mine, others = setting.value.split(), own.split()
    if len(mine) == len(others) and all(word.isdigit() for word in (*mine, *others)):
        return any(int(wants) > int(has) for wants, has in zip(mine, others, strict=True))
    return setting.value != own


def _option(setting: Sysctl) -> str:
    quote = '"' if " " in setting.value else ""
    return f"--sysctl {quote}{setting.name}={setting.value}{quote}"
