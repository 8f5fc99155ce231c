"""KRN008: workloads that read or send frames below IP."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.rules.kernel.socket_owners import held_by
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none

_FRAMES = {0x0003: "all frames", 0x0800: "IPv4 frames", 0x0806: "ARP frames", 0x86DD: "IPv6 frames",
           0x88CC: "LLDP frames", 0x888E: "802.1X frames", 0x8863: "PPPoE frames"}  # fmt: skip


@rule("KRN008", scope=Scope.WORKLOAD, needs=("processes", "open_files", "sockets"))
def packet_socket(subject: WorkloadSubject) -> RuleAnswer:
    """Service reads or sends frames below IP.

    Why:
        A packet socket opens in a container with NET_RAW but sees only the container's own virtual cable: a sniffer, a
        DHCP or LLDP daemon or an ARP sender does not reach the intended network.
    Remedy:
        Run the container in the host's network (--network host) with --cap-add NET_RAW, or give it its own interface in
        the physical network (macvlan).
    Source:
        /proc/net/packet; packet(7). Tested.
    """
    sockets = value_or_none(subject.host.snapshot.sockets)
    for each in sockets.packet if sockets else ():
        process = held_by(subject, each.inode)
        if process is None:
            continue
        frames = _FRAMES.get(each.ethernet_protocol, f"frames of type 0x{each.ethernet_protocol:04x}")
        yield Hit(
            Severity.MAJOR,
            f"The service reads {frames} from the network with a packet socket.",
            (Evidence(f"{process.name} (pid {process.pid}) holds a packet socket for {frames}", each.origin),),
        )
