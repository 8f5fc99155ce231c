"""IDN001: services whose licence is bound to the machine."""

from __future__ import annotations

import re

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.rules.identity.bound import bindings
from assess.subjects.rule_subjects import WorkloadSubject

# A line of a licence file: SERVER, the host, its hostid (a MAC address, a host id of 32 bits, or KIND=value).
_SERVER = re.compile(r"^\s*SERVER\s+(\S+)\s+([0-9a-fA-F]{12}|[0-9a-fA-F]{8}|[A-Z_0-9]+=\S+)(?:\s|$)")
_FREE = ("ANY", "DEMO", "INTERNET=*")


@rule(
    "IDN001",
    scope=Scope.WORKLOAD,
    needs=("processes", "libraries", "configuration"),
    aliases=("licence-bound-to-machine",),
)
def machine_bound_licence(subject: WorkloadSubject) -> RuleAnswer:
    """Licence is bound to the host's MAC address, host id or hardware.

    Why:
        A container has its own MAC address (engines choose a new one at every start), its own host id and its own host
        name. The licence manager then rejects its licence file, and every program that requests a licence fails.
    Remedy:
        Start the container with the old MAC address and host name, or have the vendor reissue the licence for the new
        machine. Best: leave the licence server where it is and let containers reach it over the network.
    Source:
        Names of licence managers and their libraries (data: identity_bindings.toml), and SERVER lines in licence files.
        That engines choose a new address was tested with Docker.
    """
    for binding, server, evidence in bindings(subject, "licence_manager"):
        if server:
            yield Hit(Severity.MAJOR, f"The service is a licence server: {binding.what}.", (evidence,), binding.remedy)
        else:
            yield Hit(
                Severity.MINOR,
                f"The service requests licences from {binding.what}.",
                (evidence,),
                "Let the container reach the licence server, and keep the host name (--hostname). A licence file that "
                "is bound to this machine must be reissued.",
            )
    for line in subject.host.written_configuration.mentioning(subject.workload.configuration_roots, ("SERVER",)):
        match = _SERVER.match(line.text)
        if match and match[2] not in _FREE:
            yield Hit(
                Severity.MAJOR,
                f"{line.path}:{line.number} binds a licence to the machine with id {match[2]}.",
                (Evidence(f"{line.path}:{line.number} names {match[1]} and its host id", line.origin, line.text),),
            )
