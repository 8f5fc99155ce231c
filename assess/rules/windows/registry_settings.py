"""WIN033: programs with settings in the registry."""

from __future__ import annotations

from assess.knowledge.windows_catalogue import windows_components
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.subjects.windows_host import folders, settings
from inventory.platforms import Platform


@rule(
    "WIN033",
    scope=Scope.WORKLOAD,
    needs=("windows_settings", "processes"),
    platform=Platform.WINDOWS,
    aliases=("settings-in-registry",),
)
def registry_settings(subject: WorkloadSubject) -> RuleAnswer:
    r"""Program has settings in the registry.

    Why:
        A container has its own registry: settings from the old server are not in the image, and what the program writes
        at run time is lost with the container.
    Remedy:
        Export the key (reg export) and import it in the image; set values that differ between environments at start. A
        program that stores state in the registry needs a different place for it.
    Source:
        Keys under HKLM\SOFTWARE named after a vendor or product whose name is also in the program's path.
    """
    known = windows_components().vendors
    own = {piece for path in folders(subject.workload) for piece in path.split("/")}
    for each in settings(subject.host, "vendors", "vendors-wow64"):
        name = each.key.rpartition("\\")[2]
        if name.lower() not in known and name.lower() in own:
            yield Hit(
                Severity.MINOR,
                f"There are settings in the registry under {each.key}.",
                (Evidence(f"the key {each.key} exists, and the program is in a folder named {name}", each.origin),),
                f'Run reg export "{each.key}" and import what the program needs in the image.',
            )
