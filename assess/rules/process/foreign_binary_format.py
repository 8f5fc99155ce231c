"""PRC020: services whose programs the kernel starts through an interpreter (binfmt_misc)."""

from __future__ import annotations

from assess.knowledge.program_quirks import program_quirk
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none


@rule("PRC020", scope=Scope.WORKLOAD, needs=("processes", "kernel"))
def foreign_binary_format(subject: WorkloadSubject) -> RuleAnswer:
    """Kernel starts the programs through an interpreter (another architecture, Windows or Java).

    Why:
        The mapping from file types to interpreters (binfmt_misc) is registered in the container host's kernel. Without
        it, the program fails with "exec format error".
    Remedy:
        Start the program through its interpreter (qemu-arm PROGRAM, wine PROGRAM, java -jar), or register the format on
        the container host with the flag F.
    Source:
        Entries in /proc/sys/fs/binfmt_misc whose interpreter the workload runs.
    """
    interpreting = [
        process
        for process in subject.workload.processes
        if program_quirk("foreign_interpreters", process.executable or process.name)
    ]
    if not interpreting:
        return
    kernel = value_or_none(subject.host.snapshot.kernel)
    formats = kernel.binary_formats if kernel else None
    if formats is None:
        yield Undecided("kernel", "the kernel's registered binary formats could not be read")
        return
    for process in interpreting:
        name = (process.executable or process.name).rpartition("/")[2]
        for each in formats:
            if each.enabled and each.interpreter.rpartition("/")[2] == name:
                yield Hit(
                    Severity.MINOR,
                    f"{process.name} runs through {each.interpreter}, which the kernel starts for it.",
                    (Evidence(f"binfmt_misc maps {each.name} to {each.interpreter}", each.origin),),
                )
                return
