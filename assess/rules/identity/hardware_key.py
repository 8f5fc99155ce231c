"""IDN002."""

from __future__ import annotations

from assess.model import Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.rules.identity.bound import bindings
from assess.subjects.rule_subjects import WorkloadSubject


@rule("IDN002", scope=Scope.WORKLOAD, needs=("processes", "libraries"))
def hardware_key(subject: WorkloadSubject) -> RuleAnswer:
    """It needs a key of hardware: a dongle, a smart card, a TPM, a hardware security module.

    Why:
        The key is plugged into one machine, and a container does not see it. Keys in a TPM or a security module cannot
        be copied, which is what they are for.
    Remedy:
        Pin the container to the machine that has the key and give it the device, or reach the key over the network.
    Source:
        Names of the programs and libraries that speak to such keys (data: identity_bindings.toml). Devices that are
        held open are found by device-held-open.
    """
    for binding, _, evidence in bindings(subject, "hardware_key"):
        yield Hit(Severity.MAJOR, f"It uses {binding.what}.", (evidence,), binding.remedy)
