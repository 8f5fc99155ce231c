"""WIN017."""

from __future__ import annotations

from assess.model import Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from assess.subjects.windows_host import listed
from assess.subjects.windows_images import queues_of
from inventory.platforms import Platform

_MOST = 20


@rule("WIN017", scope=Scope.HOST, needs=("windows_settings",), platform=Platform.WINDOWS)
def windows_printing(subject: HostSubject) -> RuleAnswer:
    r"""The server has printers of its own.

    Why:
        Only the base image with the whole API has the print spooler, in process isolation only one container of a host
        can run it (and the host's own must be stopped), and drivers of printers cannot be installed in a container.
    Remedy:
        Make PDF or send the print data to the printer's own address (IPP, port 9100), or leave printing to a print
        server on a virtual machine.
    Source:
        Microsoft, Print spooler in Windows containers; Control\Print\Printers in the registry, without those that come
        with Windows.
    """
    queues = queues_of(subject.host)
    if queues:
        yield Hit(
            Severity.MAJOR,
            f"{subject.host.name} has printers: {listed(name for name, _ in queues)}.",
            tuple(evidence for _, evidence in queues[:_MOST]),
        )
