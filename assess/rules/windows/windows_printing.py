"""WIN017: servers with printers."""

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
    r"""Server has printers.

    Why:
        Only the full Windows image has the print spooler. In process isolation, only one container per host can run it
        (and the host's own must be stopped), and printer drivers cannot be installed in a container.
    Remedy:
        Create PDF files or send the print data to the printer's own address (IPP, port 9100), or leave printing to a
        print server on a virtual machine.
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
