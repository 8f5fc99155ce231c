"""IDN001."""

from __future__ import annotations

import re

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.rules.identity.bound import bindings
from assess.subjects.rule_subjects import WorkloadSubject

# A line of a licence file: SERVER, the host, its hostid (a MAC address, a host id of 32 bits, or KIND=value).
_SERVER = re.compile(r"^\s*SERVER\s+(\S+)\s+([0-9a-fA-F]{12}|[0-9a-fA-F]{8}|[A-Z_0-9]+=\S+)(?:\s|$)")
_FREE = ("ANY", "DEMO", "INTERNET=*")


@rule("IDN001", scope=Scope.WORKLOAD, needs=("processes", "libraries", "configuration"))
def licence_bound_to_machine(subject: WorkloadSubject) -> RuleAnswer:
    """Its licence is bound to the MAC address, host id or hardware of this server.

    Why:
        A container has a MAC address of its own, which engines choose anew at every start, another host id and another
        host name. The licence manager then refuses its licence file, and with it every program that asks for one.
    Remedy:
        Start the container with the old MAC address and host name, or have the vendor issue the licence for the new
        machine. Best: leave the licence server where it is and let the containers reach it over the network.
    Source:
        Names of licence managers and of their libraries (data: identity_bindings.toml), and SERVER lines of licence
        files. That engines choose the address: tested with Docker.
    """
    for binding, server, evidence in bindings(subject, "licence_manager"):
        if server:
            yield Hit(Severity.MAJOR, f"It is a licence server: {binding.what}.", (evidence,), binding.remedy)
        else:
            yield Hit(
                Severity.MINOR,
                f"It asks for a licence of {binding.what}.",
                (evidence,),
                "Let the container reach the licence server and keep its host name (--hostname); a licence file that "
                "is bound to this machine has to be issued anew.",
            )
    for line in subject.host.written_configuration.mentioning(subject.workload.configuration_roots, ("SERVER",)):
        match = _SERVER.match(line.text)
        if match and match[2] not in _FREE:
            yield Hit(
                Severity.MAJOR,
                f"{line.path}:{line.number} binds a licence to the machine with the id {match[2]}.",
                (Evidence(f"{line.path}:{line.number} names {match[1]} and its id", line.origin, line.text),),
            )
