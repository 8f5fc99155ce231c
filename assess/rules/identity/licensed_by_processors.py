"""IDN005."""

from __future__ import annotations

from assess.model import Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.rules.identity.bound import bindings
from assess.subjects.rule_subjects import WorkloadSubject


@rule("IDN005", scope=Scope.WORKLOAD, needs=("processes",))
def licensed_by_processors(subject: WorkloadSubject) -> RuleAnswer:
    """The product is commonly licensed by the number of processors.

    Why:
        A container sees all processors of its host, and a limit of processors does not count as one in every contract:
        the whole container host may have to be licensed.
    Remedy:
        Read the contract before choosing the container host. Pin the container to a small host, or to hosts that are
        licensed already (--cpuset-cpus alone is not always accepted).
    Source:
        Names of the programs (data: identity_bindings.toml); price lists and partitioning policies of their makers.
    """
    for binding, _, evidence in bindings(subject, "by_processors"):
        yield Hit(Severity.INFO, f"{binding.what} is commonly licensed by processors.", (evidence,))
