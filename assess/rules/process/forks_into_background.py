"""PRC005."""

from __future__ import annotations

from assess.facts import OfWorkload
from assess.model import Evidence, Severity
from assess.rule import Answer, Hit, Scope, rule


@rule("PRC005", scope=Scope.WORKLOAD, needs=("processes", "services"))
def forks_into_background(subject: OfWorkload) -> Answer:
    """The program puts itself into the background when it is started.

    Why:
        A container ends when its first process ends. A program that forks and lets its parent exit ends the container
        at once, with everything in it.
    Remedy:
        Start it with the option that keeps it in the foreground (nginx -g "daemon off;", httpd -DFOREGROUND,
        sshd -D). Where there is none, a small init that waits for the forked process has to be the first one.
    Source:
        Type=forking in the unit, systemd.service(5). Services of init scripts are left out: there everything forks.
    """
    service = subject.workload.service
    if service is not None and service.manager == "systemd" and service.property("Type") == "forking":
        # A unit that systemd made for an init script says so of every script.
        if service.path.startswith("/run/systemd/generator") or "/init.d/" in service.path or service.text:
            return
        where = service.source_of("Type") or service.name
        yield Hit(
            Severity.MINOR,
            "It forks into the background when it starts.",
            (Evidence(f"{where} says Type=forking", service.origin, "Type=forking"),),
        )
