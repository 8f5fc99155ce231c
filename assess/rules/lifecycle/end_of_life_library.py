"""EOL003: frameworks and libraries whose release gets no more updates."""

from __future__ import annotations

from assess.knowledge.end_of_life import libraries, release_of
from assess.model import Evidence
from assess.rule import RuleAnswer, Scope, rule
from assess.rules.lifecycle.end_of_release import end_of_release
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.model.language_packages import LanguagePackage
from inventory.observation import value_or_none


@rule("EOL003", scope=Scope.WORKLOAD, needs=("processes", "language_packages"))
def end_of_life_library(subject: WorkloadSubject) -> RuleAnswer:
    """Framework or library has reached end of life.

    Why:
        The framework faces the outside world: Log4j 1, Struts 1 and 2.3 or old Django and Rails have vulnerabilities
        that are actively exploited. The operating system does not fix them; they are part of the application.
    Remedy:
        Have the application rebuilt with a supported release before you build the image; a new image with the same
        archive changes nothing.
    Source:
        Language packages below the service's code, and archives that its processes hold open; dates collected by
        endoflife.date (data: libraries.toml, products_end_of_life.csv).
    """
    known = libraries()
    told: set[tuple[str, str]] = set()
    packages = value_or_none(subject.host.snapshot.language_packages)
    for package in packages.packages if packages else ():
        entry = known.get((package.language, package.name))
        if entry is None or not package.version or not _used(subject, package):
            continue
        product, title = entry
        release = release_of(product, package.version)
        if release is None or (product, release.cycle) in told:
            continue
        told.add((product, release.cycle))
        evidence = Evidence(f"{package.path} is {package.name} {package.version}", package.origin)
        hit = end_of_release(title, package.version, release, subject.estate.now, evidence)
        if hit is not None:
            yield hit


def _used(subject: WorkloadSubject, package: LanguagePackage) -> bool:
    roots = subject.workload.configuration_roots
    if any(package.path.startswith(root.rstrip("/") + "/") for root in roots):
        return True
    return package.open and any(
        file.target == package.path
        for process in subject.workload.processes
        for file in subject.host.files_by_pid.get(process.pid, ())
    )
