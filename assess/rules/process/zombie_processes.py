"""PRC006: programs that leave zombie processes."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.workloads.permanent_processes import YOUNG, Clock
from inventory.observation import Found


@rule("PRC006", scope=Scope.WORKLOAD, needs=("processes",), aliases=("leaves-dead-children",))
def zombie_processes(subject: WorkloadSubject) -> RuleAnswer:
    """Program leaves zombie processes: it does not wait for ended children.

    Why:
        On a server, init adopts and reaps such children when their parent ends. In a container, the program itself is
        the first process: zombies accumulate until the process limit is reached and nothing can start.
    Remedy:
        Start the container with --init (tini as its first process), or use shareProcessNamespace in a pod; fix the
        program if it never waits.
    Source:
        Processes in state Z whose parent belongs to the workload, at the time of the scan, that started at least some
        seconds earlier: any program has ended children for a moment. wait(2).
    """
    processes = subject.host.snapshot.processes
    if not isinstance(processes, Found):
        yield Undecided("processes", processes.reason)
        return
    own = {process.pid for process in subject.workload.processes}
    dead = [process for process in subject.host.processes if process.state == "Z" and process.ppid in own]
    if dead:
        clock = Clock.of(subject.host.snapshot)
        dead = [process for process in dead if clock.age(process) > YOUNG]
    if dead:
        parent = next(each for each in subject.workload.processes if each.pid == dead[0].ppid)
        yield Hit(
            Severity.MINOR,
            f"{parent.name} does not reap its ended child processes.",
            tuple(
                Evidence(f"{each.name} (pid {each.pid}), child of {each.ppid}, is a zombie", each.origin)
                for each in dead[:3]
            ),
            settings=("init: true",),
        )
