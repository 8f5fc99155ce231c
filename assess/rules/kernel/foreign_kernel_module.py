"""KRN025."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from inventory.observation import value_or_none

_LETTERS = {"P": "proprietary", "O": "built outside of the kernel", "E": "not signed", "F": "loaded by force"}
_TOLD = 6


@rule("KRN025", scope=Scope.HOST, needs=("kernel",))
def foreign_kernel_module(subject: HostSubject) -> RuleAnswer:
    """The host's kernel has modules that do not come with it.

    Why:
        Somebody built or bought them for this host: a driver of a card, a file system, a security agent. Containers use
        the kernel of their host, which has them only if they are built for it and loaded there.
    Remedy:
        Find out which workload needs each, and install it on the container host for that kernel, or leave that workload
        where it is.
    Source:
        Taint letters in /proc/modules and /proc/sys/kernel/tainted (tainted-kernels.rst of the kernel).
    """
    kernel = value_or_none(subject.host.snapshot.kernel)
    found = [module for module in (kernel.modules if kernel else ()) if set(module.taint) & set("PO")]
    if found:
        names = ", ".join(module.name for module in found[:3]) + (" …" if len(found) > 3 else "")
        yield Hit(
            Severity.MINOR,
            f"The kernel of {subject.host.name} has modules that do not come with it: {names}.",
            tuple(
                Evidence(
                    f"module {module.name} is "
                    + " and ".join(word for letter, word in _LETTERS.items() if letter in module.taint)
                    + f", with {module.use_count} users",
                    module.origin,
                )
                for module in found[:_TOLD]
            ),
            # Who holds a device of such a module open has a finding of its own.
            affects=(),
        )
