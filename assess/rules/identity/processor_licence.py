"""IDN005: products that are commonly licensed per processor."""

from __future__ import annotations

from assess.model import Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.rules.identity.bound import bindings
from assess.subjects.rule_subjects import WorkloadSubject


@rule("IDN005", scope=Scope.WORKLOAD, needs=("processes",), aliases=("licensed-by-processors",))
def processor_licence(subject: WorkloadSubject) -> RuleAnswer:
    """Product is commonly licensed per processor.

    Why:
        A container sees all processors of its host, and not every contract accepts a CPU limit: the whole container
        host may need licences.
    Remedy:
        Read the contract before you choose the container host. Pin the container to a small host, or to hosts that are
        already licensed (--cpuset-cpus alone is not always accepted).
    Source:
        Names of programs (data: identity_bindings.toml); the vendors' price lists and partitioning policies.
    """
    for binding, _, evidence in bindings(subject, "by_processors"):
        yield Hit(Severity.INFO, f"{binding.what} is commonly licensed per processor.", (evidence,))
