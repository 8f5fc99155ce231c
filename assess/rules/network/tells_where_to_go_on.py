"""NET029."""

from __future__ import annotations

from assess.model import Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.port_protocols import settings_of, spoken_in
from assess.subjects.rule_subjects import WorkloadSubject


@rule("NET029", scope=Scope.WORKLOAD, needs=("processes", "listeners"))
def tells_where_to_go_on(subject: WorkloadSubject) -> RuleAnswer:
    """The server tells its clients, or the other members of its cluster, an address and port to connect to.

    Why:
        What it tells is its own idea of itself: in a container an address that only the containers beside it reach,
        and a port that may be published under another number. The first connection works and the next one fails.
    Remedy:
        Set the address that it announces to the name which clients use, and publish its ports under the same numbers.
    Source:
        The documentation of each server, in the table of the setting that it is named by; the program, its arguments
        and its configuration.
    """
    for spoken in spoken_in("redirect", subject.workload):
        told = settings_of(subject.host, subject.workload, spoken.protocol)
        yield Hit(
            Severity.MINOR,
            f"It is {spoken.protocol.name}, which tells clients or members where to connect to.",
            (*spoken.evidence, *told),
            spoken.protocol.remedy,
        )
