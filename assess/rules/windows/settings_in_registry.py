"""WIN033."""

from __future__ import annotations

from assess.knowledge.windows_catalogue import windows_components
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.subjects.windows_host import folders, settings
from inventory.platforms import Platform


@rule("WIN033", scope=Scope.WORKLOAD, needs=("windows_settings", "processes"), platform=Platform.WINDOWS)
def settings_in_registry(subject: WorkloadSubject) -> RuleAnswer:
    r"""The maker of the program keeps settings in the registry.

    Why:
        The registry of a container is part of it: what was set on the old server is not in the image, and what the
        program writes at run time is lost with the container.
    Remedy:
        Export the key (reg export) and import it in the image, with what differs between environments set at the
        start. A program that keeps state there needs another place for it.
    Source:
        Keys under HKLM\SOFTWARE of the maker or product whose name is also in the path of the program.
    """
    known = windows_components().vendors
    own = {piece for path in folders(subject.workload) for piece in path.split("/")}
    for each in settings(subject.host, "vendors", "vendors-wow64"):
        name = each.key.rpartition("\\")[2]
        if name.lower() not in known and name.lower() in own:
            yield Hit(
                Severity.MINOR,
                f"There are settings in the registry under {each.key}.",
                (Evidence(f"the key {each.key} exists, and the program lies in a folder {name}", each.origin),),
                f'Run reg export "{each.key}" and import what the program needs in the image.',
            )
