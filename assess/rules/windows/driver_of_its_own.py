"""WIN038."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.subjects.windows_host import folders, slashed
from inventory.observation import value_or_none
from inventory.platforms import Platform


@rule("WIN038", scope=Scope.WORKLOAD, needs=("drivers", "processes"), platform=Platform.WINDOWS)
def driver_of_its_own(subject: WorkloadSubject) -> RuleAnswer:
    """The workload comes with a kernel driver.

    Why:
        Containers load no drivers. A program that has one of its own talks to it, and does not work without.
    Remedy:
        Ask the maker whether the program runs without the driver; else leave it on a virtual machine, or install the
        driver on the container host if it may be there for all.
    Source:
        Drivers whose file lies in the folder of the program; Microsoft, Lift and shift to Windows containers.
    """
    own = folders(subject.workload)
    found = value_or_none(subject.host.snapshot.drivers)
    for driver in found.drivers if found else ():
        path = slashed(driver.path)
        if any(path.startswith(f"{each}/") for each in own):
            yield Hit(
                Severity.BLOCKER,
                f"It comes with the kernel driver {driver.name}.",
                (Evidence(f"driver {driver.name} ({driver.description}) is {driver.path}", driver.origin),),
            )
