"""NET023: services that make decisions based on the client's address."""

from __future__ import annotations

from collections.abc import Iterator

from assess.configuration_text.configuration_lines import is_comment
from assess.knowledge.client_address_settings import client_setting, names_network
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject

_MOST = 3
_WRAPPERS = ("/etc/hosts.allow", "/etc/hosts.deny")


@rule("NET023", scope=Scope.WORKLOAD, needs=("processes", "configuration"), aliases=("client-address-used",))
def client_address_check(subject: WorkloadSubject) -> RuleAnswer:
    """Service makes access decisions based on client addresses.

    Why:
        Some paths into a container replace the client's address with that of a gateway: Docker Swarm's ingress network,
        the userland proxy, rootless engines, IPv6 to a container that has only IPv4. The service then admits everyone
        or no one, and its logs show the gateway.
    Remedy:
        Preserve the address: host network or host-mode publishing (Swarm), externalTrafficPolicy: Local (Kubernetes),
        the PROXY protocol or X-Forwarded-For behind a reverse proxy. Other containers connect from addresses of the
        container network: the lists must include them.
    Source:
        Moby issue 25526; Kubernetes documentation on source IP; lines in the workload's configuration, and hosts.allow
        and hosts.deny for programs that use libwrap.
    """
    found = list(_lines(subject))
    if found:
        what = found[0][0]
        yield Hit(
            Severity.MINOR,
            f"Access depends on client addresses ({what})."
            if len(found) == 1
            else f"Access depends on client addresses ({what}, {len(found)} lines).",
            tuple(evidence for _, evidence in found[:_MOST]),
        )


def _lines(subject: WorkloadSubject) -> Iterator[tuple[str, Evidence]]:
    configuration = subject.host.written_configuration
    for line in configuration.in_force(subject.workload.configuration_roots):
        if not line.code and (what := client_setting(line.text)):
            yield what, Evidence(f"{line.path}:{line.number} lists addresses", line.origin, line.text)
    if _uses_wrappers(subject):
        for line in configuration.under(_WRAPPERS):
            if names_network(line.text) and not is_comment(line):
                yield "TCP wrappers", Evidence(f"{line.path}:{line.number} lists addresses", line.origin, line.text)


def _uses_wrappers(subject: WorkloadSubject) -> bool:
    mapped = subject.host.mapped_by(subject.workload)
    return any(file.path.rpartition("/")[2].startswith("libwrap.so") for _, file in mapped)
