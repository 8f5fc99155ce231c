"""KRN022: hosts booted with kernel options set for a workload."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from inventory.observation import value_or_none

_OPTIONS = {
    "hugepages": "huge pages are reserved",
    "hugepagesz": "huge pages are reserved",
    "default_hugepagesz": "the huge page size is set",
    "transparent_hugepage": "transparent huge pages are configured",
    "isolcpus": "processors are reserved for one workload",
    "nohz_full": "processors run without timer ticks",
    "rcu_nocbs": "kernel work is moved off processors",
    "vsyscall": "the vsyscall page is configured",
    "mem": "the memory is limited",
    "numa": "NUMA nodes are configured",
    "numa_balancing": "NUMA balancing is configured",
    "processor.max_cstate": "processor sleep states are restricted",
    "intel_idle.max_cstate": "processor sleep states are restricted",
    "idle": "processor sleep states are restricted",
    "clocksource": "the clock source is set",
    "intel_iommu": "device passthrough is configured",
    "ipv6.disable": "IPv6 is off",
    "elevator": "the disk scheduler is set",
    "maxcpus": "the number of processors is limited",
    "nosmt": "hyper-threading is off",
    "systemd.unified_cgroup_hierarchy": "the cgroup version is set",
    "cgroup_enable": "cgroup controllers are enabled",
    "syscall.x32": "x32 programs are allowed",
    "ia32_emulation": "32-bit support is configured",
}
"""Options in kernel-parameters.txt that adapt a kernel to a workload, and the meaning of each."""


@rule("KRN022", scope=Scope.HOST, needs=("kernel",))
def boot_options(subject: HostSubject) -> RuleAnswer:
    """Host is booted with kernel options that were set for a service.

    Why:
        Kernel command line options apply to the whole machine. Workloads that rely on them need a container host that
        is booted with the same options, and every other container there gets them too.
    Remedy:
        Find out which workload needs each option, and boot its container host with the same options.
    Source:
        /proc/cmdline; the kernel's kernel-parameters.txt.
    """
    kernel = value_or_none(subject.host.snapshot.kernel)
    if kernel is None:
        return
    # Everything after "--" is for init.
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
            # Workloads that rely on huge pages or dedicated processors get separate findings.
            affects=(),
        )
