"""SEC006."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from inventory.observation import value_or_none


@rule("SEC006", scope=Scope.HOST, needs=("kernel",))
def confined_by_the_host(subject: HostSubject) -> RuleAnswer:
    """SELinux of the host enforces a policy on its services.

    Why:
        Types, booleans and modules of that policy stay behind: in a container all of it runs as one type
        (container_t), which is another confinement. Files of the host that are mounted keep their labels, and a
        container on a host that enforces is refused them.
    Remedy:
        Note which booleans and own modules the host has (`semanage export`). Mount volumes with :Z or :z on container
        hosts that enforce SELinux; write a policy with udica where container_t is too narrow.
    Source:
        /sys/fs/selinux/enforce of the host. container_selinux(8); documentation of the engines on volume labels.
    """
    kernel = value_or_none(subject.host.snapshot.kernel)
    if kernel is not None and kernel.selinux == "enforcing":
        yield Hit(
            Severity.INFO,
            "SELinux enforces a policy on this host, which does not come along.",
            (Evidence("SELinux is enforcing", kernel.origin),),
        )
