"""IDN002: services that need a dongle, smart card, TPM or hardware security module."""

from __future__ import annotations

from assess.model import Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.rules.identity.bound import bindings
from assess.subjects.rule_subjects import WorkloadSubject


@rule("IDN002", scope=Scope.WORKLOAD, needs=("processes", "libraries"))
def hardware_key(subject: WorkloadSubject) -> RuleAnswer:
    """Service uses a hardware key: a dongle, smart card, TPM or hardware security module.

    Why:
        The key is attached to one machine, and containers do not see it. Keys in a TPM or a security module cannot be
        copied, by design.
    Remedy:
        Pin the container to the machine that holds the key and pass the device through, or access the key over the
        network.
    Source:
        Names of programs and libraries that access such keys (data: identity_bindings.toml). Devices that are held open
        are reported by open-device.
    """
    for binding, _, evidence in bindings(subject, "hardware_key"):
        yield Hit(Severity.MAJOR, f"The service uses {binding.what}.", (evidence,), binding.remedy)
