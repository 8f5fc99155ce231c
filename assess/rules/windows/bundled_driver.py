"""WIN038: workloads that come with a kernel driver."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.subjects.windows_host import folders, slashed
from inventory.observation import value_or_none
from inventory.platforms import Platform


@rule(
    "WIN038",
    scope=Scope.WORKLOAD,
    needs=("drivers", "processes"),
    platform=Platform.WINDOWS,
    aliases=("driver-of-its-own",),
)
def bundled_driver(subject: WorkloadSubject) -> RuleAnswer:
    """Service comes with a kernel driver.

    Why:
        Containers cannot load drivers. A program with its own driver depends on it and does not work without it.
    Remedy:
        Ask the vendor whether the program runs without the driver; otherwise leave it on a virtual machine, or install
        the driver on the container host if it may be there for all containers.
    Source:
        Drivers whose file is in the program's folder; Microsoft, Lift and shift to Windows containers.
    """
    own = folders(subject.workload)
    found = value_or_none(subject.host.snapshot.drivers)
    for driver in found.drivers if found else ():
        path = slashed(driver.path)
        if any(path.startswith(f"{each}/") for each in own):
            yield Hit(
                Severity.BLOCKER,
                f"The service comes with the kernel driver {driver.name}.",
                (Evidence(f"driver {driver.name} ({driver.description}) is {driver.path}", driver.origin),),
            )
