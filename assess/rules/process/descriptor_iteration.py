"""PRC008: programs that iterate over every possible file descriptor."""

from __future__ import annotations

from assess.knowledge.program_quirks import program_quirk
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.model.processes import Process


@rule("PRC008", scope=Scope.WORKLOAD, needs=("processes", "packages"), aliases=("closes-all-descriptors",))
def descriptor_iteration(subject: WorkloadSubject) -> RuleAnswer:
    """Program iterates over every possible file descriptor.

    Why:
        Engines whose unit sets LimitNOFILE=infinity give containers a limit of about one billion open files. A program
        that closes each of them, or allocates a table for them, then occupies a whole processor or is killed for its
        memory use.
    Remedy:
        Give the container the limit that the program has now (--ulimit nofile=SOFT:HARD).
    Source:
        Names and versions of programs (data: product files); limits in /proc/PID/limits.
    """
    seen: set[str] = set()
    for process in subject.workload.processes:
        program = process.executable or process.name
        known = program_quirk("closes_all_descriptors", program)
        if known is None or program in seen:
            continue
        seen.add(program)
        if known.versions:
            version = _version(subject, program)
            if not version:
                yield Undecided("packages", f"the version of {program} is unknown")
                continue
            if not version.startswith(known.versions):
                continue
        soft, hard = _limit(process)
        if not soft:
            yield Undecided("processes", f"the limits of {process.name} could not be read")
            continue
        fact = f"{process.name} (pid {process.pid}) has a limit of {soft} open files (hard limit {hard})"
        numbers = f"{soft}:{hard}" if hard.isdigit() else soft
        yield Hit(
            Severity.MINOR,
            f"{process.name} iterates over every possible file descriptor.",
            (Evidence(fact, process.origin),),
            f"Start the container with --ulimit nofile={numbers}.",
            settings=(f"ulimit nofile={numbers}",),
        )


def _version(subject: WorkloadSubject, program: str) -> str:
    owners = subject.host.package_owners
    package = owners.installed(owners.owner_of(program) or "")
    found = package.version if package else ""
    # An epoch (1:5.7.40) is not part of the version.
    return found.partition(":")[2] or found


def _limit(process: Process) -> tuple[str, str]:
    return next(((soft, hard) for name, soft, hard in process.limits if name == "Max open files"), ("", ""))
