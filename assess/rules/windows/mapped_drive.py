"""WIN030."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from inventory.observation import value_or_none
from inventory.platforms import Platform


@rule("WIN030", scope=Scope.HOST, needs=("shares",), platform=Platform.WINDOWS)
def mapped_drive(subject: HostSubject) -> RuleAnswer:
    r"""The account that asked has network drives.

    Why:
        A drive letter is mapped for one account, and there is none in a container. Programs that find their files
        under it find nothing. Drives of other accounts are not seen.
    Remedy:
        Map the share on the container host for all (New-SmbGlobalMapping) and bind it under the path that the program
        has in its configuration; else use a volume.
    Source:
        HKCU\Network in the registry of the account.
    """
    for each in value_or_none(subject.host.snapshot.shares) or ():
        if each.kind == "mapped":
            yield Hit(
                Severity.MINOR,
                f"Drive {each.name} of {subject.host.name} is {each.path}.",
                (Evidence(f"{each.name} is mapped to {each.path}", each.origin),),
                f"Map {each.path} on the container host with New-SmbGlobalMapping and bind it as {each.name}\\.",
            )
