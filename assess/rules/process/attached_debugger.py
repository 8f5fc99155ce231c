"""PRC016: services with a debugger or tracer attached."""

from __future__ import annotations

from itertools import pairwise

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import Found

_TRACERS = frozenset({"gdb", "gdbserver", "strace", "ltrace", "rr", "valgrind", "perf", "bpftrace", "dtrace"})
_BY_PID = ("-p", "--pid", "--attach")


@rule("PRC016", scope=Scope.WORKLOAD, needs=("processes",), aliases=("debugger-attached",))
def attached_debugger(subject: WorkloadSubject) -> RuleAnswer:
    """Debugger or tracer is attached to the service.

    Why:
        A tracer sees only its own container's processes, and its system calls may be denied there. A tracer that
        is still running after a debugging session also slows the service down and distorts measurements.
    Remedy:
        Stop it if it is no longer needed. Otherwise run it in the container's PID namespace (--pid container:NAME) with
        --cap-add SYS_PTRACE.
    Source:
        Processes in state t (stopped by a tracer), and tracers whose arguments name a process of the workload;
        ptrace(2).
    """
    processes = subject.host.snapshot.processes
    if not isinstance(processes, Found):
        yield Undecided("processes", processes.reason)
        return
    own = {str(process.pid): process for process in subject.workload.processes}
    for process in subject.host.processes:
        program = (process.executable or process.name).rpartition("/")[2]
        if program not in _TRACERS:
            continue
        words = process.arguments[1:]
        for option, value in pairwise(words):
            if option in _BY_PID and value in own:
                fact = f"{program} runs as pid {process.pid}"
                yield Hit(
                    Severity.MINOR,
                    f"{program} is attached to {own[value].name} (pid {value}).",
                    (Evidence(fact, process.origin, process.command[:200]),),
                )
                return
    for process in subject.workload.processes:
        if process.state == "t":
            fact = f"{process.name} (pid {process.pid}) is in state t"
            yield Hit(Severity.MINOR, f"{process.name} is stopped by a tracer.", (Evidence(fact, process.origin),))
            return
