"""NET025."""

from __future__ import annotations

from assess.model import Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.port_protocols import settings_of, spoken_in
from assess.subjects.rule_subjects import WorkloadSubject


@rule("NET025", scope=Scope.WORKLOAD, needs=("processes", "listeners"))
def ftp_data_connections(subject: WorkloadSubject) -> RuleAnswer:
    """The service speaks FTP, which opens a second connection for every file.

    Why:
        In passive mode the server tells its client an address and a port to connect to, and in a container that is the
        container's own address, which no client reaches. In active mode the server connects back to the client, from
        an address that the client's firewall does not expect. A firewall on the way mends this in plain text only,
        and with TLS not at all.
    Remedy:
        Set a small fixed range of passive ports and the address that is told (vsftpd: pasv_min_port, pasv_max_port and
        pasv_address; ProFTPD: PassivePorts and MasqueradeAddress), and publish port 21 and that range under the same
        numbers. Let clients use passive mode, or move them to SFTP.
    Source:
        RFC 959 (PORT, PASV), RFC 2428, RFC 4217; the program and the port of the service.
    """
    for spoken in spoken_in("ftp", subject.workload):
        told = settings_of(subject.host, subject.workload, spoken.protocol)
        yield Hit(
            Severity.MINOR, "It speaks FTP, whose data connections need ports of their own.", (*spoken.evidence, *told)
        )
