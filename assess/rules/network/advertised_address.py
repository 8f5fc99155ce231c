"""NET029: servers that advertise an address and port to clients or cluster members."""

from __future__ import annotations

from assess.model import Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.port_protocols import settings_of, spoken_in
from assess.subjects.rule_subjects import WorkloadSubject


@rule("NET029", scope=Scope.WORKLOAD, needs=("processes", "listeners"), aliases=("tells-where-to-go-on",))
def advertised_address(subject: WorkloadSubject) -> RuleAnswer:
    """Server advertises an address and port to its clients or cluster members.

    Why:
        The advertised address is the server's own view: in a container, an address that only neighbouring containers
        can reach, and a port that may be published under another number. The first connection works and the next one
        fails.
    Remedy:
        Set the advertised address to the name that clients use, and publish the ports under the same numbers.
    Source:
        Each server's documentation of the setting named in the finding; the program, its arguments and its
        configuration.
    """
    for spoken in spoken_in("redirect", subject.workload):
        told = settings_of(subject.host, subject.workload, spoken.protocol)
        yield Hit(
            Severity.MINOR,
            f"The service is {spoken.protocol.name}, which advertises an address to clients or members.",
            (*spoken.evidence, *told),
            spoken.protocol.remedy,
        )
