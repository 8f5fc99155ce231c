"""PRC015."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from inventory.platforms import Platform

_DISTRIBUTIONS = ("systemd-coredump", "apport", "abrt-hook-ccpp")


@rule("PRC015", scope=Scope.HOST, needs=("sysctls",), platform=Platform.POSIX)
def core_dump_handler(subject: HostSubject) -> RuleAnswer:
    """Somebody set where core dumps of crashed programs go.

    Why:
        The setting kernel.core_pattern is one for all containers of a host. A handler that it names is started on the
        container host, outside of any container, and a directory that it names is looked for inside of the container.
    Remedy:
        Set it on the container host, where a handler must be installed; allow dumps with --ulimit core=-1.
    Source:
        Setting kernel.core_pattern with the file that sets it; core(5). What distributions set themselves is left out.
    """
    for setting in subject.host.settings:
        if setting.name != "kernel.core_pattern":
            continue
        pattern = setting.value or setting.configured_value
        if not pattern.startswith(("|", "/")) or any(name in pattern for name in _DISTRIBUTIONS):
            continue
        where = f", as {setting.configured_in} sets it" if setting.configured_in else ""
        kind = "a handler" if pattern.startswith("|") else "a directory"
        yield Hit(
            Severity.MINOR,
            f"Core dumps go to {kind} of this host ({pattern.lstrip('|').split(' ')[0]}).",
            (Evidence(f"kernel.core_pattern is {pattern}{where}", setting.origin),),
            affects=(),
        )
