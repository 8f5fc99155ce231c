"""KRN024: workloads that need a kernel module on the target."""

from __future__ import annotations

from fnmatch import fnmatchcase

from assess.knowledge.kernel_features import needed_modules
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.kernel_requirements import runs
from assess.subjects.rule_subjects import WorkloadOnTargetSubject
from inventory.observation import value_or_none


@rule("KRN024", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes", "kernel"), aliases=("kernel-module-needed",))
def required_kernel_module(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """Service needs a kernel module on the target.

    Why:
        A container has no kernel modules and cannot load any: the container host must have the module, for its own
        kernel. Vendor modules must be rebuilt for that kernel, and device drivers need the device.
    Remedy:
        Load the module on the container host at boot (/etc/modules-load.d), or replace the feature that needs it.
    Source:
        /proc/modules, with the programs known to use each module; capabilities(7), SYS_MODULE.
    """
    kernel = value_or_none(subject.host.snapshot.kernel)
    if subject.target.system != "linux" or kernel is None:
        return
    for needed in needed_modules():
        if not runs(subject.workload, needed.programs):
            continue
        loaded = [
            module for module in kernel.modules if any(fnmatchcase(module.name, pattern) for pattern in needed.names)
        ]
        if not loaded:
            continue
        names = ", ".join(module.name for module in loaded[:4])
        there = subject.target.modules is not None and all(each.name in subject.target.modules for each in loaded)
        severity = Severity(needed.severity)
        yield Hit(
            Severity.MINOR if there and severity is Severity.MAJOR else severity,
            f"The service uses the kernel module {names} ({needed.what})."
            if len(loaded) == 1
            else f"The service uses the kernel modules {names} ({needed.what}).",
            tuple(
                Evidence(f"module {module.name} is loaded with {module.use_count} users", module.origin)
                for module in loaded[:4]
            ),
            needed.remedy,
        )
