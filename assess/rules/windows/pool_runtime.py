"""WIN019: application pools by their .NET Framework version."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.subjects.windows_host import pool_name, pool_of
from inventory.platforms import Platform


@rule("WIN019", scope=Scope.WORKLOAD, needs=("iis",), platform=Platform.WINDOWS)
def pool_runtime(subject: WorkloadSubject) -> RuleAnswer:
    """Application pool runs on the .NET Framework.

    Why:
        Images have .NET Framework 4.8 or 4.8.1. Version 3.5, which runs programs built for 2.0 and 3.0, is a feature
        that must be added to servercore; 1.0 and 1.1 are not supported on any release that has images.
    Remedy:
        Build on the ASP.NET image (dotnet/framework/aspnet). For a v2.0 pool, add the feature NetFx3 from the
        installation medium, or move the application to a 4.x pool and test it.
    Source:
        The file applicationHost.config, managedRuntimeVersion; the tags of the .NET Framework images.
    """
    pool = pool_of(subject.host, subject.workload)
    if pool is None:
        if pool_name(subject.workload):
            yield Undecided("iis", "the IIS configuration could not be read")
        return
    runtime = pool.runtime.lower()
    evidence = (Evidence(f"application pool {pool.name} has the runtime {pool.runtime or 'none'}", pool.origin),)
    if runtime.startswith(("v1.0", "v1.1")):
        yield Hit(
            Severity.BLOCKER,
            f"The application pool runs on .NET Framework {pool.runtime}, which no image has.",
            evidence,
            "Move the application to a 4.x pool: most run there after a rebuild.",
        )
    elif runtime.startswith("v2"):
        yield Hit(
            Severity.MINOR,
            "The application pool runs on .NET Framework 2.0 to 3.5, which images lack.",
            evidence,
            "Add the feature NetFx3 to a servercore image, or move the application to a v4.0 pool and test it.",
        )
    elif runtime.startswith("v4"):
        yield Hit(
            Severity.INFO,
            "The application pool runs on .NET Framework 4, which the ASP.NET image has.",
            evidence,
            "Build on dotnet/framework/aspnet, with a tag that the target runs.",
        )
