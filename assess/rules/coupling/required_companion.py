"""CPL001: services that depend on another service on the same host."""

from __future__ import annotations

from assess.model import Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject


@rule("CPL001", scope=Scope.WORKLOAD, needs=("processes", "sockets"), aliases=("needs-companion",))
def required_companion(subject: WorkloadSubject) -> RuleAnswer:
    """Service depends on another service on the same host.

    Why:
        Unix sockets, pipes and shared memory do not cross container boundaries on their own. Once separated, the two
        services stop working.
    Remedy:
        Build and run them together: in one container, or in a pod with a shared volume for the socket. Or switch the
        connection to TCP first and then separate them.
    Source:
        Listening unix sockets and the lines that name their paths; sockets in another service's directory; PHP's
        localhost for MySQL; pipes and shared memory observed at both ends.
    """
    for companion, evidence in subject.workload.companion_evidence:
        yield Hit(
            Severity.MINOR,
            f"{companion} must run next to this service.",
            (evidence,),
            settings=(f"volume or pod shared with {companion}",),
        )
    # The owner of the other end of a socket, a pipe or a segment is known from that process's open files.
    services = [each for each in subject.host.workloads if each.kind == "service"]
    if len(services) > 1:
        unseen = subject.host.unseen_files(process for each in services for process in each.processes)
        if unseen:
            yield Undecided("open_files", unseen)
