"""NET004: services whose configuration or code contains IP addresses."""

from __future__ import annotations

import re

from assess.configuration_text.ip_addresses import parse_address
from assess.configuration_text.name_records import is_name_record
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.estate_index import IndexedHost
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.model.configuration import ConfigLine

_PORT_AFTER = re.compile(r"^:(\d{1,5})\b")


@rule("NET004", scope=Scope.WORKLOAD, needs=("processes", "configuration"))
def address_in_configuration(subject: WorkloadSubject) -> RuleAnswer:
    """Configuration or code contains an IP address of another host or of the old host itself.

    Why:
        A container has a different address than its old host, and so do the services it connects to once they move. A
        hard-coded address keeps pointing to the old machine (which may even still answer), and an address of the old
        host cannot be bound in the container.
    Remedy:
        Replace the address with a name and let the network resolve it (compose and Kubernetes give each service a
        name); for listening addresses use 0.0.0.0. Until then, keep the old address reachable, as an alias on the
        container host or by forwarding.
    Source:
        Lines in the workload's configuration and code; addresses of the scanned hosts.
    """
    seen: dict[str, list[ConfigLine]] = {}
    for line, addresses in subject.host.written_configuration.naming_addresses(subject.workload.configuration_roots):
        # A DNS record is data that the service publishes; it changes when the host that it names has moved.
        for address in () if is_name_record(line.text) else addresses:
            lines = seen.setdefault(address, [])
            if len(lines) < 3:
                lines.append(line)
    owners = subject.estate.host_by_address
    for address, lines in seen.items():
        first = lines[0]
        where = f"{first.path}:{first.number}"
        evidence = tuple(
            Evidence(f"{line.path}:{line.number} names {address}", line.origin, line.text) for line in lines
        )
        owner = owners.get(address)
        if (owner is not None and owner.name == subject.host.name) or address in subject.host.addresses:
            yield Hit(
                Severity.MINOR,
                f"{where} names {address}, an address of the old host itself.",
                evidence,
                "A container has a different address: listen on 0.0.0.0, and have clients use a name.",
            )
        elif owner is not None:
            yield Hit(
                Severity.MINOR,
                f"{where} names {address}, which is host {owner.name}{_behind(owner, first, address)}.",
                evidence,
                f"Replace {address} with a name that follows the service when {owner.name} moves.",
            )
        else:
            parsed = parse_address(address)
            kind = "a public address" if parsed is not None and parsed.is_global else "a host that was not scanned"
            if claimants := subject.estate.address_claimants.get(address):
                kind = f"an address of {claimants[0]} and {len(claimants) - 1} more"
            yield Hit(
                Severity.MINOR,
                f"{where} names {address}, {kind}.",
                evidence,
                f"Replace {address} with a name, and make sure that the container's network can reach it.",
            )


def _behind(owner: IndexedHost, line: ConfigLine, address: str) -> str:
    """Name the workload that listens there, if the line also contains its port."""
    match = _PORT_AFTER.match(line.text.partition(address)[2])
    if match is None:
        return ""
    workloads = owner.listening(int(match[1]))
    return f" (port {match[1]} is {workloads[0].id})" if workloads else ""
