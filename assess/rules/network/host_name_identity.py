"""NET031: services identified by the host's name (Kerberos, ident)."""

from __future__ import annotations

from collections.abc import Iterator

from assess.configuration_text.configuration_lines import is_comment
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.port_protocols import spoken_in
from assess.subjects.rule_subjects import WorkloadSubject

_KEYTAB_VARIABLES = ("KRB5_KTNAME", "KRB5_CLIENT_KTNAME")


@rule(
    "NET031", scope=Scope.WORKLOAD, needs=("processes", "listeners", "configuration"), aliases=("known-by-host-name",)
)
def host_name_identity(subject: WorkloadSubject) -> RuleAnswer:
    """Service is identified by the name of its host (Kerberos principal, ident).

    Why:
        A Kerberos key is issued for service/host.name, and clients request a ticket for the name that they connect to.
        A container has a different host name unless it is set, and its address resolves to yet another name, so
        authentication fails. An ident server answers only for its own host's connections; one in a container is never
        queried.
    Remedy:
        Give the container the old host name (--hostname with the full name), keep forward and reverse DNS for the name,
        and mount the keytab as a secret. Replace ident authentication with a password or certificates.
    Source:
        RFC 4120, RFC 1413; krb5.conf(5) (rdns, dns_canonicalize_hostname); configuration, environment and arguments of
        the service.
    """
    keytab = next(_keytabs(subject), None)
    if keytab is not None:
        yield Hit(
            Severity.MINOR, "The service has a Kerberos key, which is issued for the name of its host.", (keytab,)
        )
    ident = [evidence for spoken in spoken_in("ident", subject.workload) for evidence in spoken.evidence]
    ident += _ident_lines(subject)
    if ident:
        yield Hit(
            Severity.MINOR,
            "The service uses ident, which identifies the user of a connection by its ports.",
            tuple(ident[:3]),
        )


def _keytabs(subject: WorkloadSubject) -> Iterator[Evidence]:
    for process in subject.workload.processes:
        for name, value in process.environment or ():
            if name in _KEYTAB_VARIABLES:
                yield Evidence(f"the environment of {process.name} has {name}={value}", process.origin)
        for word in process.arguments[1:]:
            if "keytab" in word:
                yield Evidence(f"{process.name} (pid {process.pid}) has {word}", process.origin, process.command)
    roots = subject.workload.configuration_roots
    for line in subject.host.written_configuration.mentioning(roots, ("keytab",), any_case=True):
        if not line.code and not is_comment(line):
            yield Evidence(f"{line.path}:{line.number} names a keytab", line.origin, line.text)


def _ident_lines(subject: WorkloadSubject) -> list[Evidence]:
    """Lines in PostgreSQL's pg_hba.conf that query the client's host for the user; local lines query the kernel."""
    return [
        Evidence(f"{line.path}:{line.number} requires ident", line.origin, line.text)
        for line in subject.host.written_configuration.mentioning(subject.workload.configuration_roots, ("ident",))
        if line.path.endswith("/pg_hba.conf")
        and line.text.lstrip().startswith("host")
        and "ident" in line.text.split()
        and "127.0.0.1" not in line.text
        and "::1/128" not in line.text
    ]
