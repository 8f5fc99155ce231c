"""WIN040: workloads that other hosts call through RPC or DCOM."""

from __future__ import annotations

from assess.configuration_text.ip_addresses import endpoint, is_local_address, plain_address
from assess.knowledge.kernel_release import release_number
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none
from inventory.platforms import Platform

_MAPPER = 135
# Its clients learn the port from SQL Server Browser instead.
_OTHERWISE = frozenset({"sqlservr.exe"})


@rule(
    "WIN040", scope=Scope.WORKLOAD, needs=("sockets", "kernel"), platform=Platform.WINDOWS, aliases=("called-by-rpc",)
)
def rpc_clients(subject: WorkloadSubject) -> RuleAnswer:
    r"""Other hosts call the service through RPC or DCOM and find its port through the endpoint mapper.

    Why:
        A client queries port 135 of the server for the port of an interface, and receives the server's own address and
        a port that changes at each start. The container host's own mapper uses port 135 and does not know containers,
        and the answer does not work across the address translation of a container network.
    Remedy:
        Pin the ports (HKLM\SOFTWARE\Microsoft\Rpc\Internet, or the endpoint of the COM application) and give the
        container its own address on the network (a transparent or l2bridge network); otherwise leave the server where
        it is, or switch its clients to a protocol with one fixed port.
    Source:
        Netstat output: a mapper reachable from other hosts, and remote clients on a port in RPC's dynamic range (49152
        to 65535, before Windows Server 2008 1025 to 5000), which they cannot know in advance; Microsoft, How to
        configure RPC dynamic port allocation.
    """
    sockets = value_or_none(subject.host.snapshot.sockets)
    mapper = next(
        (each for each in (sockets.listeners if sockets else ()) if each.port == _MAPPER and not each.loopback), None
    )
    if mapper is None or any(process.name.lower() in _OTHERWISE for process in subject.workload.processes):
        return
    kernel = value_or_none(subject.host.snapshot.kernel)
    number = release_number(kernel.release) if kernel else None
    first, last = (1025, 5000) if number is not None and number < (6,) else (49152, 65535)
    told: set[int] = set()
    for owned in subject.workload.connections:
        connection = owned.connection
        remote = plain_address(connection.remote_address)
        port = connection.local_port
        if not owned.inbound or port in told or not first <= port <= last:
            continue
        if is_local_address(remote) or remote in subject.host.addresses:
            continue
        told.add(port)
        yield Hit(
            Severity.MAJOR,
            f"The service is called through RPC: {remote} uses its port {port}, which changes at each start.",
            (
                Evidence(f"{remote} is connected to port {port}", connection.origin),
                Evidence(f"the endpoint mapper listens on {endpoint(mapper.address, _MAPPER)}", mapper.origin),
            ),
        )
