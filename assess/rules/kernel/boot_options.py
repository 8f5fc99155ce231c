"""KRN022."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from inventory.observation import value_or_none

_OPTIONS = {
    "hugepages": "huge pages are reserved",
    "hugepagesz": "huge pages are reserved",
    "default_hugepagesz": "the size of huge pages is chosen",
    "transparent_hugepage": "transparent huge pages are set",
    "isolcpus": "processors are kept free for one workload",
    "nohz_full": "processors run without a timer",
    "rcu_nocbs": "processors are relieved of the kernel's work",
    "vsyscall": "the page for old system calls is set",
    "mem": "the memory is limited",
    "numa": "the memory nodes are set",
    "numa_balancing": "the moving of memory between nodes is set",
    "processor.max_cstate": "processors are kept from sleeping",
    "intel_idle.max_cstate": "processors are kept from sleeping",
    "idle": "processors are kept from sleeping",
    "clocksource": "the clock source is chosen",
    "intel_iommu": "devices are handed on",
    "ipv6.disable": "IPv6 is off",
    "elevator": "the disk scheduler is chosen",
    "maxcpus": "processors are left out",
    "nosmt": "hyper-threads are off",
    "systemd.unified_cgroup_hierarchy": "the version of control groups is chosen",
    "cgroup_enable": "control groups are switched on",
    "syscall.x32": "programs of the x32 ABI are allowed",
    "ia32_emulation": "32-bit programs are set",
}
"""Options of kernel-parameters.txt by which people make a kernel fit for a workload, and what each means."""


@rule("KRN022", scope=Scope.HOST, needs=("kernel",))
def boot_options(subject: HostSubject) -> RuleAnswer:
    """The host is booted with options that were set for a workload.

    Why:
        Options of the kernel's command line hold for the whole machine. Workloads that count on them need a container
        host that is booted the same way, and every other container there gets them too.
    Remedy:
        Find out which workload needs each, and boot its container host with the same options.
    Source:
        /proc/cmdline; kernel-parameters.txt of the kernel.
    """
    kernel = value_or_none(subject.host.snapshot.kernel)
    if kernel is None:
        return
    # What stands behind "--" is for init.
    words = kernel.command_line.partition(" -- ")[0].split()
    found = [word for word in words if word.partition("=")[0] in _OPTIONS]
    if found:
        yield Hit(
            Severity.MINOR,
            f"{subject.host.name} is booted with {' '.join(found[:6])}.",
            tuple(
                Evidence(f"{word} is on the kernel's command line: {_OPTIONS[word.partition('=')[0]]}", kernel.origin)
                for word in found[:6]
            ),
            # Who counts on huge pages or processors of its own has a finding of its own.
            affects=(),
        )
