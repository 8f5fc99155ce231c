"""CPL001."""

from __future__ import annotations

from assess.model import Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject


@rule("CPL001", scope=Scope.WORKLOAD, needs=("processes", "sockets"))
def needs_companion(subject: WorkloadSubject) -> RuleAnswer:
    """The service cannot live without another one of the same server.

    Why:
        Unix sockets, pipes and shared memory do not cross the border of a container by themselves. Apart from each
        other the two do not work.
    Remedy:
        Build and run them together: one container, or a pod with a shared volume for the socket. Or let them talk over
        TCP, and separate them then.
    Source:
        Listening unix sockets and the lines that name their paths, sockets in the directory of another service, PHP's
        localhost for MySQL; pipes and shared memory seen at both ends.
    """
    for companion, evidence in subject.workload.companion_evidence:
        yield Hit(
            Severity.MINOR,
            f"It needs {companion} beside it.",
            (evidence,),
            settings=(f"volume or pod shared with {companion}",),
        )
    # Whose the other end of a socket, a pipe or a segment is, is known from the files of that one.
    services = [each for each in subject.host.workloads if each.kind == "service"]
    if len(services) > 1:
        unseen = subject.host.unseen_files(process for each in services for process in each.processes)
        if unseen:
            yield Undecided("open_files", unseen)
