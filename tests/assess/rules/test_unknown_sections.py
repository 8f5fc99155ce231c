"""What could not be looked at is never a pass: for every rule, and every section that it needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from assess.assessor import assess_estate
from assess.engine import JOINED
from assess.model import Target
from assess.rule import Rule, Scope
from assess.rules import RULES
from inventory.observation import Unknown
from inventory.platforms import Platform
from inventory.snapshot import Snapshot
from tests.support.estate_recordings import recorded_host
from tests.support.judging import target
from tests.support.snapshots import TAKEN
from tests.support.windows_snapshots import WindowsHost

REASON = "nobody was allowed to look"
LINUX = target()
WINDOWS = target(name="win", system="windows", kernel_release="", os_build="10.0.20348")


def host_and_target(platform: Platform) -> tuple[Snapshot, Target]:
    """A host about which every rule of a platform is asked."""
    if platform is Platform.POSIX:
        return recorded_host("app01-odd"), LINUX
    windows = WindowsHost()
    windows.port(windows.shop(), 8080)
    return windows.build(), WINDOWS


def sections_of(rule: Rule, platform: Platform) -> frozenset[str]:
    """What a rule needs, with what joined facts are made of. Who holds a socket of Windows is listed with it."""
    joined = JOINED if platform is Platform.POSIX else dict.fromkeys(JOINED, ("sockets",))
    return frozenset(section for need in rule.needs for section in joined.get(need, (need,)))


def cases() -> Iterator[tuple[Platform, str]]:
    for platform in Platform:
        rules = [rule for rule in RULES if rule.platform in (None, platform)]
        yield from (
            (platform, section) for section in sorted({s for rule in rules for s in sections_of(rule, platform)})
        )


@pytest.mark.parametrize(("platform", "section"), list(cases()))
def test_who_needs_a_section_that_is_unknown_is_undetermined_for_each_whom_it_is_asked_about(
    platform: Platform, section: str
) -> None:
    host, on = host_and_target(platform)
    blind = replace(host, observations={**host.observations, section: Unknown(REASON)})
    rules = [rule for rule in RULES if rule.platform in (None, platform) and section in sections_of(rule, platform)]
    said = assess_estate((blind,), (on,), TAKEN, "hosts.ini", rules=rules)

    services = {each.workload.id for each in said.workloads if each.workload.kind == "service"}
    # Without processes a host has no workloads but those whose files are there.
    assert services or section == "processes"
    groups = (
        said.undetermined,
        *(each.undetermined for each in said.hosts),
        *(each.undetermined for each in said.workloads),
    )
    undetermined = [each for group in groups for each in group]
    about = {rule.id: {each.workload for each in undetermined if each.rule == rule.id} for rule in rules}
    of_hosts = (Scope.HOST, Scope.HOST_ON_TARGET)
    assert said.findings == ()
    assert about == {rule.id: {None} if rule.scope in of_hosts else services for rule in rules}
