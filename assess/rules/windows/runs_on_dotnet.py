"""WIN021."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none
from inventory.platforms import Platform

_MOST = 10


@rule("WIN021", scope=Scope.WORKLOAD, needs=("processes",), platform=Platform.WINDOWS)
def runs_on_dotnet(subject: WorkloadSubject) -> RuleAnswer:
    """The workload runs on .NET (Core), which has images for Linux too.

    Why:
        A program of .NET Core or later seldom needs Windows. In a Linux image it starts faster, is a tenth of the size
        and runs on every container host.
    Remedy:
        Try it in the Linux image of its version first (dotnet/aspnet); look for the registry, drive letters, Windows
        authentication, System.Drawing and COM in it. Else build on nanoserver.
    Source:
        The process is dotnet.exe, which runs .NET (Core) only; versions by the folders of shared frameworks.
    """
    main = subject.workload.main
    if main.name.lower() != "dotnet.exe":
        return
    versions = [each for each in value_or_none(subject.host.snapshot.dotnet) or () if each.family != "framework"]
    yield Hit(
        Severity.INFO,
        "It runs on .NET (Core), which runs on Linux too.",
        (
            Evidence(f"process {main.pid} runs {main.command}", main.origin),
            *(Evidence(f"{each.family} {each.version} is installed", each.origin) for each in versions[:_MOST]),
        ),
    )
