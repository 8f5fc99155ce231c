"""NET025: services that speak FTP."""

from __future__ import annotations

from assess.model import Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.port_protocols import settings_of, spoken_in
from assess.subjects.rule_subjects import WorkloadSubject


@rule("NET025", scope=Scope.WORKLOAD, needs=("processes", "listeners"))
def ftp_data_connections(subject: WorkloadSubject) -> RuleAnswer:
    """Service speaks FTP, which opens a second connection for every file.

    Why:
        In passive mode, the server sends its client an address and a port to connect to; in a container that is the
        container's own address, which clients cannot reach. In active mode, the server connects back to the client from
        an address that the client's firewall does not expect. A firewall on the path corrects this only in plain text,
        never with TLS.
    Remedy:
        Configure a small fixed range of passive ports and the advertised address (vsftpd: pasv_min_port, pasv_max_port
        and pasv_address; ProFTPD: PassivePorts and MasqueradeAddress), and publish port 21 and that range under the
        same numbers. Have clients use passive mode, or move them to SFTP.
    Source:
        RFC 959 (PORT, PASV), RFC 2428, RFC 4217; the program and the port of the service.
    """
    for spoken in spoken_in("ftp", subject.workload):
        told = settings_of(subject.host, subject.workload, spoken.protocol)
        yield Hit(
            Severity.MINOR,
            "The service speaks FTP, whose data connections need separate ports.",
            (*spoken.evidence, *told),
        )
