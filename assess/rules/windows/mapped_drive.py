"""WIN030: network drives of the account that scans."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from inventory.observation import value_or_none
from inventory.platforms import Platform


@rule("WIN030", scope=Scope.HOST, needs=("shares",), platform=Platform.WINDOWS)
def mapped_drive(subject: HostSubject) -> RuleAnswer:
    r"""Scan account has mapped network drives.

    Why:
        A drive letter is mapped for one account and does not exist in a container. Programs that expect their files
        there find nothing. Drives of other accounts are not visible to the scan.
    Remedy:
        Map the share on the container host for all accounts (New-SmbGlobalMapping) and bind it to the path in the
        program's configuration; otherwise use a volume.
    Source:
        HKCU\Network in the account's registry.
    """
    for each in value_or_none(subject.host.snapshot.shares) or ():
        if each.kind == "mapped":
            yield Hit(
                Severity.MINOR,
                f"Drive {each.name} of {subject.host.name} is {each.path}.",
                (Evidence(f"{each.name} is mapped to {each.path}", each.origin),),
                f"Map {each.path} on the container host with New-SmbGlobalMapping and bind it as {each.name}\\.",
            )
