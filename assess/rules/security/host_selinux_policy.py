"""SEC006: hosts on which SELinux enforces a policy."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from inventory.observation import value_or_none


@rule("SEC006", scope=Scope.HOST, needs=("kernel",), aliases=("confined-by-the-host",))
def host_selinux_policy(subject: HostSubject) -> RuleAnswer:
    """SELinux enforces a policy on the host, and containers do not inherit it.

    Why:
        Types, booleans and modules of that policy stay behind: in a container, everything runs as one type
        (container_t), which is a different confinement. Host files that are mounted keep their labels, and on an
        enforcing container host the container is denied access to them.
    Remedy:
        Record the booleans and custom modules of the host (`semanage export`). Mount volumes with :Z or :z on container
        hosts that enforce SELinux; write a policy with udica where container_t is too restrictive.
    Source:
        The host's /sys/fs/selinux/enforce; container_selinux(8); engine documentation on volume labels.
    """
    kernel = value_or_none(subject.host.snapshot.kernel)
    if kernel is not None and kernel.selinux == "enforcing":
        yield Hit(
            Severity.INFO,
            "SELinux enforces a policy on this host, which containers do not inherit.",
            (Evidence("SELinux is enforcing", kernel.origin),),
        )
