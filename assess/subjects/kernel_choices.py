"""Requirements that a kernel can meet in one way only, for all workloads on it.

Settings are in :mod:`assess.subjects.kernel_requirements`. These are decided once per kernel: the security module that
labels processes (SELinux, AppArmor and Smack exclude each other: Documentation/admin-guide/LSM/index.rst), and the
owner of a device that modules cannot share.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from assess.knowledge.kernel_features import exclusive_modules
from assess.model import Evidence, Workload
from assess.subjects.kernel_requirements import runs
from inventory.observation import value_or_none
from inventory.snapshot import Snapshot

SECURITY_MODULE = "security module"
_LABELS = {"AppArmorProfile": "apparmor", "SELinuxContext": "selinux", "SmackProcessLabel": "smack"}
"""Settings of systemd.exec(5); a minus before the value says that the service does without."""


@dataclass(frozen=True, slots=True)
class KernelChoice:
    """``part`` is what a kernel has once, ``choice`` what the workload needs it to be, ``label`` the profile or context
    that its unit names ("" where it names none).
    """

    part: str
    choice: str
    evidence: Evidence
    label: str = ""


def choices_of(snapshot: Snapshot, workloads: Iterable[Workload]) -> Mapping[str, tuple[KernelChoice, ...]]:
    """The claims of each service of a host, by id; services without any are left out."""
    found = {each.id: (*_labelled(each), *_modules(snapshot, each)) for each in workloads if each.kind == "service"}
    return {name: claims for name, claims in found.items() if claims}


def _labelled(workload: Workload) -> Iterator[KernelChoice]:
    """Return the label that an administrator wrote into the unit; the last line of a name counts."""
    settings = workload.service.settings if workload.service else ()
    for setting in {each.name: each for each in settings if each.name in _LABELS}.values():
        label = setting.value.strip()
        if label and not label.startswith("-") and label != "unconfined":
            evidence = Evidence(f"{setting.path} sets {setting.name}", setting.origin, f"{setting.name}={label}")
            yield KernelChoice(SECURITY_MODULE, _LABELS[setting.name], evidence, label)


def _modules(snapshot: Snapshot, workload: Workload) -> Iterator[KernelChoice]:
    kernel = value_or_none(snapshot.kernel)
    loaded = {module.name: module for module in kernel.modules} if kernel else {}
    for each in exclusive_modules():
        module = next((loaded[name] for name in sorted(each.names) if name in loaded), None)
        if module is not None and runs(workload, each.programs):
            yield KernelChoice(each.part, each.choice, Evidence(f"module {module.name} is loaded", module.origin))
