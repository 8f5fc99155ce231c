"""WIN021: workloads that run on .NET (Core)."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none
from inventory.platforms import Platform

_MOST = 10


@rule("WIN021", scope=Scope.WORKLOAD, needs=("processes",), platform=Platform.WINDOWS, aliases=("runs-on-dotnet",))
def dotnet_runtime(subject: WorkloadSubject) -> RuleAnswer:
    """Service runs on .NET (Core), which also has Linux images.

    Why:
        A program for .NET Core or later rarely needs Windows. In a Linux image it starts faster, is a tenth of the size
        and runs on every container host.
    Remedy:
        Test it first in the Linux image of its version (dotnet/aspnet); check it for the registry, drive letters,
        Windows authentication, System.Drawing and COM. Otherwise build on nanoserver.
    Source:
        The process is dotnet.exe, which runs only .NET (Core); versions by the shared framework folders.
    """
    main = subject.workload.main
    if main.name.lower() != "dotnet.exe":
        return
    versions = [each for each in value_or_none(subject.host.snapshot.dotnet) or () if each.family != "framework"]
    yield Hit(
        Severity.INFO,
        "The service runs on .NET (Core), which also runs on Linux.",
        (
            Evidence(f"process {main.pid} runs {main.command}", main.origin),
            *(Evidence(f"{each.family} {each.version} is installed", each.origin) for each in versions[:_MOST]),
        ),
    )
