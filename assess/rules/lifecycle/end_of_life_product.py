"""EOL002: runtimes, databases and servers whose release gets no more updates, or soon none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assess.knowledge.end_of_life import LifecycleProduct, product_of_program, products_in_path, release_of
from assess.model import Evidence
from assess.rule import RuleAnswer, Scope, Undecided, rule
from assess.rules.lifecycle.end_of_release import end_of_release
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.model.packages import Package

# Marks that vendors and third parties put into their package versions.
_THIRD_PARTY = re.compile(r"(?i)pgdg|remi|sury|nodesource|\.ius|\bius\b|maria~|\+0~20\d\d|dotdeb")
_VENDORS = re.compile(
    r"(?i)remi|nodesource|oracle|mysql|mariadb|postgresql|elastic|mongodb|redis|nginx|azul|adoptium|bellsoft"
)


@rule("EOL002", scope=Scope.WORKLOAD, needs=("processes", "packages"))
def end_of_life_product(subject: WorkloadSubject) -> RuleAnswer:
    """Runtime, database or server has reached end of life, or will soon.

    Why:
        New vulnerabilities stay unpatched. Official images of such releases are no longer built, so there is no base
        image; and the application may not run on a newer release.
    Remedy:
        Before or during the move, upgrade to the newest release that the application supports, and test it there. Until
        then, isolate the service from untrusted networks and set a date.
    Source:
        Version of the package that owns the program, or the release in its path; vendor dates collected by
        endoflife.date (data: product files, products_end_of_life.csv). A distribution maintains the products it ships
        for as long as its own support lasts: see end-of-life-distribution. Programs in the host's containers are
        ignored.
    """
    told: set[tuple[str, str]] = set()
    for product, version, evidence in _products(subject):
        if not version:
            yield Undecided("packages", f"the release of {product.title} could not be determined: {evidence.fact}")
            continue
        release = release_of(product.product, version)
        if release is None or (product.product, release.cycle) in told:
            continue
        told.add((product.product, release.cycle))
        hit = end_of_release(product.title, version, release, subject.estate.now, evidence)
        if hit is not None:
            yield hit
    hidden = next((each for each in subject.workload.processes if not each.kernel and each.executable is None), None)
    if hidden is not None:
        yield Undecided("processes", f"the program of {hidden.name} (pid {hidden.pid}) could not be read")


def _products(subject: WorkloadSubject) -> Iterator[tuple[LifecycleProduct, str, Evidence]]:
    owners = subject.host.package_owners
    seen: set[str] = set()
    for process in subject.workload.processes:
        # Its paths are inside a container, which the host's package database does not cover.
        if {"mnt", "pid"} <= set(process.other_namespaces or ()):
            continue
        path = process.executable
        if path and path not in seen:
            seen.add(path)
            product = product_of_program(path.rpartition("/")[2])
            package = owners.installed(owners.owner_of(path) or "")
            if product is not None and package is None:
                match = product.version.search(path)
                yield product, match[1] if match else "", Evidence(f"pid {process.pid} runs {path}", process.origin)
            elif product is not None and package is not None and _from_its_makers(package):
                version = package.version.partition(":")[2] or package.version
                fact = f"{path} belongs to the package {package.name} {package.version}"
                yield product, re.split(r"[-+~]", version)[0], Evidence(fact, package.origin)
        for argument in process.arguments[1:]:
            if argument.startswith(("/", "-D")) and argument not in seen:
                seen.add(argument)
                for product, version in products_in_path(argument):
                    yield (
                        product,
                        version,
                        Evidence(f"pid {process.pid} has the argument {argument[:120]}", process.origin),
                    )


def _from_its_makers(package: Package) -> bool:
    """Whether a package comes from the vendor or a third party, not from the distribution."""
    if _THIRD_PARTY.search(package.version) or package.repositories == ():
        return True
    return bool(package.vendor and _VENDORS.search(package.vendor))
