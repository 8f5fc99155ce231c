"""PRC015: hosts with a configured destination for core dumps."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from inventory.platforms import Platform

_DISTRIBUTIONS = ("systemd-coredump", "apport", "abrt-hook-ccpp")


@rule("PRC015", scope=Scope.HOST, needs=("sysctls",), platform=Platform.POSIX)
def core_dump_handler(subject: HostSubject) -> RuleAnswer:
    """Destination of core dumps is configured.

    Why:
        The setting kernel.core_pattern applies to all containers of a host. A handler in it starts on the container
        host, outside any container; a directory in it is resolved inside the container.
    Remedy:
        Configure it on the container host, where the handler must be installed. Allow dumps with --ulimit core=-1.
    Source:
        The setting kernel.core_pattern and the file that sets it; core(5). The distributions' own defaults are ignored.
    """
    for setting in subject.host.settings:
        if setting.name != "kernel.core_pattern":
            continue
        pattern = setting.value or setting.configured_value
        if not pattern.startswith(("|", "/")) or any(name in pattern for name in _DISTRIBUTIONS):
            continue
        where = f", configured in {setting.configured_in}" if setting.configured_in else ""
        kind = "a handler" if pattern.startswith("|") else "a directory"
        yield Hit(
            Severity.MINOR,
            f"Core dumps go to {kind} of this host ({pattern.lstrip('|').split(' ')[0]}).",
            (Evidence(f"kernel.core_pattern is {pattern}{where}", setting.origin),),
            affects=(),
        )
