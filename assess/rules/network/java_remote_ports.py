"""NET028: Java programs with JMX or RMI ports that change at each start."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.workloads.published_ports import wanted_ports
from inventory.model.processes import Process

_JMX = "-Dcom.sun.management.jmxremote"
_PORT = f"{_JMX}.port="
_DATA_PORT = f"{_JMX}.rmi.port="
_HOST_NAME = "-Djava.rmi.server.hostname="
_REGISTRY = 1099


@rule("NET028", scope=Scope.WORKLOAD, needs=("processes", "listeners"))
def java_remote_ports(subject: WorkloadSubject) -> RuleAnswer:
    """Java program exposes JMX or RMI on a port that changes at each start.

    Why:
        A client queries the registry on the known port and receives a host name and a second port for the actual calls.
        The name is that of the container and the port is any free one, so the registry answers and the call fails.
    Remedy:
        Set -Dcom.sun.management.jmxremote.rmi.port to the same number as jmxremote.port, and -Djava.rmi.server.hostname
        to the name that clients use, and publish that port under the same number. Programs that export RMI objects
        themselves must set their port in the code (UnicastRemoteObject).
    Source:
        Java documentation, Monitoring and Management Using JMX Technology, and java.rmi.server.hostname; the arguments
        and the listening ports of the process.
    """
    listening = {port for transport, port in wanted_ports(subject.workload) if transport == "tcp"}
    for process in subject.workload.processes:
        port, data_port, named = (_value(process, option) for option in (_PORT, _DATA_PORT, _HOST_NAME))
        if not port and not (_is_java(process) and _REGISTRY in listening):
            continue
        missing = [
            option
            for option, is_set in ((f"{_DATA_PORT}{port or _REGISTRY}", data_port), (f"{_HOST_NAME}NAME", named))
            if not is_set
        ]
        if missing:
            what = f"JMX on port {port}" if port else f"an RMI registry on port {_REGISTRY}"
            yield Hit(
                Severity.MINOR,
                f"The program exposes {what}, which redirects clients to another address or port.",
                (Evidence(f"{process.name} (pid {process.pid}) is started this way", process.origin, process.command),),
                f"Start it with {' and '.join(missing)}, where NAME is the name that clients use, and publish the"
                " port under the same number."
                if port
                else "",
            )


def _value(process: Process, option: str) -> str:
    return next((word[len(option) :] for word in process.arguments if word.startswith(option)), "")


def _is_java(process: Process) -> bool:
    return (process.executable or process.name).rpartition("/")[2] in ("java", "jsvc", "rmiregistry")
