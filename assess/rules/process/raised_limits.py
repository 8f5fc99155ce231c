"""PRC009: services with configured resource limits that a container does not inherit."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject

_OPTIONS = {
    "LimitNOFILE": "nofile",
    "LimitNPROC": "nproc",
    "LimitSTACK": "stack",
    "LimitCORE": "core",
    "LimitAS": "as",
    "LimitDATA": "data",
    "LimitFSIZE": "fsize",
}
"""Unit limits and their names for --ulimit. Locked memory and priorities have separate rules."""


@rule("PRC009", scope=Scope.WORKLOAD, needs=("processes", "services"), aliases=("limits-raised",))
def raised_limits(subject: WorkloadSubject) -> RuleAnswer:
    """Resource limits are configured that a container does not inherit.

    Why:
        A container gets the limits of its engine. PAM reads limits.conf at login, and systemd applies a unit's Limit
        settings; neither happens in a container. A too low limit on open files shows late, under load.
    Remedy:
        Give the container the same limits (--ulimit NAME=SOFT:HARD).
    Source:
        Settings in drop-ins and in unit files below /etc, `ulimit` in the init script; systemd.exec(5), limits.conf(5).
    """
    service = subject.workload.service
    if service is None:
        return
    last = {setting.name: setting for setting in service.settings if setting.name in _OPTIONS and setting.value}
    if last:
        options = " ".join(f"--ulimit {_OPTIONS[name]}={_number(each.value)}" for name, each in sorted(last.items()))
        yield Hit(
            Severity.MINOR,
            f"The unit sets {', '.join(sorted(last))}.",
            tuple(
                Evidence(f"{each.path} sets {each.name}", each.origin, f"{each.name}={each.value}")
                for each in last.values()
            ),
            f"Start the container with {options}.",
            settings=tuple(f"ulimit {_OPTIONS[name]}={_number(each.value)}" for name, each in sorted(last.items())),
        )
        return
    for number, text in enumerate(service.text.splitlines() if "ulimit -" in service.text else (), 1):
        words = text.strip()
        if words.startswith("ulimit -"):
            yield Hit(
                Severity.MINOR,
                f"{service.path}:{number} sets limits.",
                (Evidence(f"{service.path}:{number} has {words}", service.origin, words),),
            )
            return


def _number(value: str) -> str:
    return value.replace("infinity", "-1")
