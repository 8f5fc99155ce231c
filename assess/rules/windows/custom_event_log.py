"""WIN032: programs that write to a custom event log."""

from __future__ import annotations

from assess.knowledge.windows_catalogue import windows_components
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from assess.subjects.windows_host import settings
from inventory.platforms import Platform


@rule(
    "WIN032",
    scope=Scope.HOST,
    needs=("windows_settings",),
    platform=Platform.WINDOWS,
    aliases=("event-log-of-its-own",),
)
def custom_event_log(subject: HostSubject) -> RuleAnswer:
    """Program writes to a custom event log.

    Why:
        Engines collect the output of the first process. Event log entries stay in the container and are lost with it.
    Remedy:
        Configure the program to write to the console, or make LogMonitor.exe the entry point, which prints event logs,
        and list the log in its configuration.
    Source:
        EventLog in the registry, without the logs that come with Windows; Microsoft, Log Monitor for Windows
        containers.
    """
    known = windows_components().event_logs
    for each in settings(subject.host, "event-logs"):
        name = each.key.rpartition("\\")[2]
        if name.lower() not in known and not name.lower().startswith("microsoft-windows"):
            yield Hit(
                Severity.MINOR,
                f"{subject.host.name} has the event log {name}.",
                (Evidence(f"the event log {name} is registered", each.origin),),
                f'Add the log "{name}" as a source of type EventLog in the Log Monitor configuration.',
            )
