"""KRN003: programs that rely on kernel features which the target no longer has."""

from __future__ import annotations

import re

from assess.knowledge.kernel_release import release_number, written
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.rules.kernel.executables import elves_of, evidence_of
from assess.subjects.host_facts import HostFacts
from assess.subjects.rule_subjects import WorkloadOnTargetSubject
from assess.workloads.package_owners import LIBC_PACKAGES
from inventory.model.libraries import Elf
from inventory.observation import value_or_none

# glibc 2.5 (EL5) and 2.12 (EL6) crashed without the page in tests; 2.14 is the last that may call it from shared code.
_LAST_VSYSCALL_GLIBC = (2, 14)
# Without a C library's version the kernel of the old host dates it: EL6 came with 2.6.32.
_OLD_KERNEL = (2, 6, 39)
_LIBC_FILE = re.compile(r"/libc-(\d+)\.(\d+)(?:\.\d+)?\.so$")
_LIBC_PACKAGE = re.compile(r"(?:\d+:)?(\d+)\.(\d+)")
_CHECKS_RELEASE = re.compile(r"uname\s{1,9}-r[^\n]{0,300}(?:\n[^\n]{0,300}){0,6}?\b2\.[46]\b")


@rule("KRN003", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes", "executables", "libraries"))
def kernel_too_new(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """Program relies on a kernel feature that the target's newer kernel no longer has.

    Why:
        C libraries from 2005 to 2011 read the time through the x86-64 vsyscall page. Kernels since about 4.11 are
        configured without it (`vsyscall=none`): such programs, even their shell, end with SIGSEGV (exit status 139) and
        no message. Programs for libc 5 (loader `/lib/ld-linux.so.1`) need calls that the engines' default seccomp
        profile denies. Start scripts that expect `uname -r` to begin with 2.4 or 2.6 exit with an error.
    Remedy:
        For vsyscall, boot the target with `vsyscall=xonly` (safe; `emulate` also works), or move the service to a newer
        base. For libc 5, leave it on a virtual machine. For `uname`, start the program under `setarch --uname-2.6`.
    Source:
        Linux Documentation/admin-guide/kernel-parameters (vsyscall=); moby issue 34301. vsyscall and setarch tested.
    """
    target = subject.target
    if target.system != "linux":
        return
    seen, unseen = elves_of(subject)
    for elf in seen:
        if elf.interpreter in ("/lib/ld-linux.so.1", "/lib/ld.so"):
            yield Hit(
                Severity.MAJOR,
                f"{elf.path} is a program for libc 5, whose system calls engines deny by default.",
                evidence_of(elf, f"has the loader {elf.interpreter}"),
                "Leave it on a virtual machine, or run it with seccomp=unconfined on a kernel with CONFIG_USELIB.",
            )
    if target.architecture == "x86_64":
        yield from _vsyscall(subject, seen)
    yield from _release_check(subject)
    yield from unseen


def _vsyscall(subject: WorkloadOnTargetSubject, seen: tuple[Elf, ...]) -> RuleAnswer:
    if not any(elf.machine == "X86_64" and elf.bits == 64 for elf in seen):
        return
    target = subject.target
    old = _old_library(subject)
    if old is None:
        return
    if target.vsyscall in ("xonly", "emulate"):
        return
    if target.vsyscall == "":
        yield Undecided("", f"it is unknown whether {target.name} has the vsyscall page that {old.fact} needs")
        return
    yield Hit(
        Severity.BLOCKER,
        f"Programs with this C library crash with SIGSEGV on {target.name}, which has no vsyscall page.",
        (old, Evidence(f"{target.name} runs with vsyscall={target.vsyscall} ({target.origin})")),
        f"Boot {target.name} with vsyscall=xonly, or rebuild the service on a newer base.",
    )


def _old_library(subject: WorkloadOnTargetSubject) -> Evidence | None:
    for process in subject.workload.processes:
        for mapped in subject.host.mapped_by_pid.get(process.pid, ()):
            if match := _LIBC_FILE.search(mapped.path):
                version = int(match[1]), int(match[2])
                if version <= _LAST_VSYSCALL_GLIBC:
                    return Evidence(f"glibc {written(version)} ({mapped.path})", mapped.origin)
                return None
    return _old_package(subject.host) or _old_kernel(subject.host)


def _old_package(host: HostFacts) -> Evidence | None:
    for package in host.package_owners.called(LIBC_PACKAGES):
        if match := _LIBC_PACKAGE.match(package.version):
            version = int(match[1]), int(match[2])
            if version <= _LAST_VSYSCALL_GLIBC:
                return Evidence(f"glibc {package.version}", package.origin)
    return None


def _old_kernel(host: HostFacts) -> Evidence | None:
    if host.package_owners.called(LIBC_PACKAGES):
        return None
    kernel = value_or_none(host.snapshot.kernel)
    number = release_number(kernel.release) if kernel else None
    if kernel and number and number <= _OLD_KERNEL:
        return Evidence(f"a system from the time of kernel {kernel.release}", kernel.origin)
    return None


def _release_check(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    service = subject.workload.service
    number = release_number(subject.target.kernel_release)
    if service is None or number is None or number[0] < 3:
        return
    if _CHECKS_RELEASE.search(service.text[: 64 * 1024]):
        yield Hit(
            Severity.MINOR,
            f"The init script {service.name} compares `uname -r` with 2.4 or 2.6.",
            (Evidence(f"{service.path} checks the kernel release", service.origin),),
            "Start the program under `setarch --uname-2.6`.",
        )
