"""SEC003."""

from __future__ import annotations

import re

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.privacy.secrets.values import TOKEN

_TOKEN = re.compile(TOKEN.pattern.decode("ascii"))


@rule("SEC003", scope=Scope.WORKLOAD, needs=("processes",))
def secret_in_process(subject: WorkloadSubject) -> RuleAnswer:
    """A secret stands on a command line or in the environment.

    Why:
        Everybody on the host can read command lines, and `docker inspect` shows both of a container to whoever may
        ask the engine. A compose file or a unit with the secret in it ends up in version control.
    Remedy:
        Give the program the secret in a file that is mounted when the container runs. Many images also take
        NAME_FILE instead of NAME.
    Source:
        Arguments and environment of its processes, in which the secret was replaced before it was stored.
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
                    f"The command line of {process.name} holds a secret.",
                    (Evidence(f"argument {option} of pid {process.pid}", process.origin, process.command),),
                )
        for name, value in process.environment or ():
            if _TOKEN.search(value) and f"variable {name}" not in told:
                told.add(f"variable {name}")
                yield Hit(
                    Severity.MINOR,
                    f"The environment variable {name} holds a secret.",
                    (Evidence(f"{process.name} (pid {process.pid}) has {name} in its environment", process.origin),),
                )
    if unseen:
        yield Undecided("processes", "the environment of some of its processes could not be read")
