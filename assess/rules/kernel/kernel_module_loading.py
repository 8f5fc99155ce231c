"""KRN026: workloads whose start script loads kernel modules."""

from __future__ import annotations

import re

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject

_LOADS = re.compile(r"(?m)^(?![ \t]*#).*?\b(?:modprobe|insmod)[ \t]+(?:-\S{1,40}[ \t]+){0,9}([A-Za-z0-9_./$-]+)")
_READ = 64 * 1024


@rule("KRN026", scope=Scope.WORKLOAD, needs=("processes", "services"), aliases=("loads-kernel-modules",))
def kernel_module_loading(subject: WorkloadSubject) -> RuleAnswer:
    """Start script or unit loads kernel modules.

    Why:
        A container cannot load modules: it lacks SYS_MODULE, and its image has none for the container host's kernel. A
        start script that checks the result fails there.
    Remedy:
        Load the module on the container host at boot (/etc/modules-load.d), and remove the command from the container.
    Source:
        Init script or unit of the service; Docker's default seccomp profile, capabilities(7).
    """
    service = subject.workload.service
    if service is None:
        return
    commands = [text for key, text in service.properties if key.startswith("Exec")]
    if "modprobe" not in service.text and "insmod" not in service.text and not any("mod" in text for text in commands):
        return
    modules = list(
        dict.fromkeys(
            match[1].rpartition("/")[2].removesuffix(".ko")
            for text in (service.text[:_READ], *commands)
            for match in _LOADS.finditer(text)
        )
    )
    if modules:
        yield Hit(
            Severity.MINOR,
            f"The service loads the kernel module {', '.join(modules[:5])} when it starts.",
            (Evidence(f"{service.path} calls modprobe or insmod", service.origin),),
        )
