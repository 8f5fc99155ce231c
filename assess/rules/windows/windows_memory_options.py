"""WIN037: servers booted with 32-bit memory options."""

from __future__ import annotations

import re

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from inventory.observation import Found
from inventory.platforms import Platform

_OPTIONS = re.compile(r"(?:^|\s)/?(?:3GB|USERVA=\d+|INCREASEUSERVA=\d+|PAE|AWE)(?=\s|$)", re.ASCII | re.IGNORECASE)


@rule("WIN037", scope=Scope.HOST, needs=("kernel", "windows_settings"), platform=Platform.WINDOWS)
def windows_memory_options(subject: HostSubject) -> RuleAnswer:
    """Server is booted with options that give programs more memory.

    Why:
        /3GB, /PAE and increaseuserva are options of a 32-bit kernel, and kernels that run containers are 64-bit. A
        32-bit program built for large addresses has 4 GB there without them, others 2 GB.
    Remedy:
        Remove the option. If the program needs more than 2 GB, check that it is linked with /LARGEADDRESSAWARE, and set
        the container's memory limit accordingly.
    Source:
        SystemStartOptions in the registry; Microsoft, Memory limits for Windows releases.
    """
    kernel = subject.host.snapshot.kernel
    if isinstance(kernel, Found):
        for match in _OPTIONS.finditer(kernel.value.command_line):
            yield Hit(
                Severity.MINOR,
                f"{subject.host.name} is booted with {match[0].strip()}.",
                (Evidence(f"the boot options are {kernel.value.command_line.strip()}", kernel.value.origin),),
            )
