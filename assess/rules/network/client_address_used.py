"""NET023."""

from __future__ import annotations

from collections.abc import Iterator

from assess.configuration_text.configuration_lines import is_comment
from assess.knowledge.client_address_settings import client_setting, names_network
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject

_MOST = 3
_WRAPPERS = ("/etc/hosts.allow", "/etc/hosts.deny")


@rule("NET023", scope=Scope.WORKLOAD, needs=("processes", "configuration"))
def client_address_used(subject: WorkloadSubject) -> RuleAnswer:
    """The service decides by the address that a client comes from.

    Why:
        On some ways into a container the client's address is replaced by that of a gateway: Docker Swarm's ingress
        network, the userland proxy, rootless engines, IPv6 to a container that has IPv4 only. The service then lets in
        everybody, or nobody, and its logs name the gateway.
    Remedy:
        Keep the address: host network or publishing in host mode (Swarm), externalTrafficPolicy: Local (Kubernetes),
        the PROXY protocol or X-Forwarded-For behind a reverse proxy. Other containers come from addresses of the
        container network: the lists must name these.
    Source:
        Issue 25526 of moby; Kubernetes documentation on source IP; lines of the workload's configuration, and
        hosts.allow and hosts.deny for programs that use libwrap.
    """
    found = list(_lines(subject))
    if found:
        what = found[0][0]
        yield Hit(
            Severity.MINOR,
            f"It looks at the addresses of its clients ({what})."
            if len(found) == 1
            else f"It looks at the addresses of its clients ({what}), in {len(found)} lines.",
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
