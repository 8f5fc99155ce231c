"""WIN020: servers with .NET Framework versions that images lack."""

from __future__ import annotations

from collections.abc import Iterable

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from assess.subjects.windows_host import listed
from inventory.model.windows import Dotnet
from inventory.observation import value_or_none
from inventory.platforms import Platform


def _evidence(versions: Iterable[Dotnet]) -> tuple[Evidence, ...]:
    return tuple(Evidence(f".NET Framework {each.version} is installed", each.origin) for each in versions)


@rule("WIN020", scope=Scope.HOST, needs=("dotnet",), platform=Platform.WINDOWS, aliases=("net-framework-installed",))
def net_framework_versions(subject: HostSubject) -> RuleAnswer:
    r"""Server has .NET Framework versions that images lack.

    Why:
        Every image has one 4.x version (4.8 or 4.8.1, which runs programs built for any 4.x). Version 3.5 is a feature
        to be added, and 1.0 and 1.1 are no longer supported anywhere. The scan shows only that an old version is
        installed, not whether a program needs it.
    Remedy:
        Check the programs' configuration (supportedRuntime) for the versions they need; add NetFx3 to a servercore
        image for v2.0.50727, and have programs that need 1.1 rebuilt for 4.x.
    Source:
        NET Framework Setup\NDP in the registry; Microsoft, .NET Framework versions and dependencies.
    """
    found = value_or_none(subject.host.snapshot.dotnet) or ()
    framework = [each for each in found if each.family == "framework"]
    first = [each for each in framework if each.version.startswith(("1.0", "1.1"))]
    second = [each for each in framework if each.version.startswith(("2.", "3."))]
    if first:
        yield Hit(
            Severity.MAJOR,
            f"{subject.host.name} has .NET Framework {listed(each.version for each in first)}, which no image has.",
            _evidence(first),
            "Have the programs that need it rebuilt for .NET Framework 4.8, or leave them on the server.",
        )
    if second:
        yield Hit(
            Severity.INFO,
            f"{subject.host.name} has .NET Framework {listed(each.version for each in second)}; images have 4.8.",
            _evidence(second),
        )
