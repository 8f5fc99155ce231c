"""KRN025: hosts with third-party kernel modules."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from inventory.observation import value_or_none

_LETTERS = {"P": "proprietary", "O": "built out of tree", "E": "not signed", "F": "force-loaded"}
_TOLD = 6


@rule("KRN025", scope=Scope.HOST, needs=("kernel",), aliases=("foreign-kernel-module",))
def third_party_kernel_module(subject: HostSubject) -> RuleAnswer:
    """Host has third-party kernel modules.

    Why:
        They were built or bought for this host: a device driver, a file system, a security agent. Containers use the
        kernel of their host, which has these modules only if they are built for it and loaded there.
    Remedy:
        Find out which workload needs each module, and install it on the container host for its kernel, or leave that
        workload where it is.
    Source:
        Taint letters in /proc/modules and /proc/sys/kernel/tainted (the kernel's tainted-kernels.rst).
    """
    kernel = value_or_none(subject.host.snapshot.kernel)
    found = [module for module in (kernel.modules if kernel else ()) if set(module.taint) & set("PO")]
    if found:
        names = ", ".join(module.name for module in found[:3]) + (" …" if len(found) > 3 else "")
        yield Hit(
            Severity.MINOR,
            f"The kernel of {subject.host.name} has third-party modules: {names}.",
            tuple(
                Evidence(
                    f"module {module.name} is "
                    + " and ".join(word for letter, word in _LETTERS.items() if letter in module.taint)
                    + f", with {module.use_count} users",
                    module.origin,
                )
                for module in found[:_TOLD]
            ),
            # Workloads that hold a device of such a module open get separate findings.
            affects=(),
        )
