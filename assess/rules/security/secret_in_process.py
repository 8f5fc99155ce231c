"""SEC003: services with a secret on the command line or in the environment."""

from __future__ import annotations

import re

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.privacy.secrets.values import TOKEN

_TOKEN = re.compile(TOKEN.pattern.decode("ascii"))


@rule("SEC003", scope=Scope.WORKLOAD, needs=("processes",))
def secret_in_process(subject: WorkloadSubject) -> RuleAnswer:
    """Command line or environment contains a secret.

    Why:
        Every user on a host can read command lines, and `docker inspect` shows a container's command line and
        environment to everyone with access to the engine. A compose file or unit that contains the secret ends up in
        version control.
    Remedy:
        Pass the secret to the program in a file that is mounted when the container runs. Many images also accept
        NAME_FILE instead of NAME.
    Source:
        Arguments and environment of the service's processes, in which the secret was replaced before it was stored.
    """
    unseen = False
    told: set[str] = set()
    for process in subject.workload.processes:
        unseen = unseen or process.environment is None
        for argument in process.arguments:
            option = argument.partition("=")[0].lstrip("-")
            if _TOKEN.search(argument) and f"argument {option}" not in told:
                told.add(f"argument {option}")
                yield Hit(
                    Severity.MINOR,
                    f"The command line of {process.name} contains a secret.",
                    (Evidence(f"argument {option} of pid {process.pid}", process.origin, process.command),),
                )
        for name, value in process.environment or ():
            if _TOKEN.search(value) and f"variable {name}" not in told:
                told.add(f"variable {name}")
                yield Hit(
                    Severity.MINOR,
                    f"The environment variable {name} contains a secret.",
                    (Evidence(f"{process.name} (pid {process.pid}) has {name} in its environment", process.origin),),
                )
    if unseen:
        yield Undecided("processes", "the environment of some processes could not be read")
