"""WIN029: servers that provide SMB shares."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from assess.subjects.windows_host import listed, unseen
from inventory.observation import Found
from inventory.platforms import Platform

# Shares of every domain controller.
_SYSTEM = frozenset({"sysvol", "netlogon"})
_MOST = 20


@rule("WIN029", scope=Scope.HOST, needs=("shares",), platform=Platform.WINDOWS, aliases=("serves-shares",))
def file_shares(subject: HostSubject) -> RuleAnswer:
    r"""Server provides file shares to other hosts (SMB).

    Why:
        Base images have no SMB server. The server's configuration does not show which clients open the shares, or
        whether its services write files that others read there.
    Remedy:
        Leave the shares on a file server or appliance, and mount them on the container hosts (New-SmbGlobalMapping)
        where a container needs the files.
    Source:
        Win32_Share and LanmanServer\Shares, without administrative shares; Microsoft, roles that images lack.
    """
    shares = subject.host.snapshot.shares
    yield from unseen("shares", shares, "served")
    served = [
        each
        for each in (shares.value if isinstance(shares, Found) else ())
        if each.kind == "directory" and not each.name.endswith("$") and each.name.lower() not in _SYSTEM
    ]
    if served:
        yield Hit(
            Severity.MAJOR,
            f"{subject.host.name} provides shares: {listed(each.name for each in served)}.",
            tuple(Evidence(f"share {each.name} is {each.path}", each.origin) for each in served[:_MOST]),
        )
