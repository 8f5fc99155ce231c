"""WIN014: servers with network access to MSDTC enabled."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from assess.subjects.windows_host import value
from inventory.platforms import Platform


@rule("WIN014", scope=Scope.HOST, needs=("windows_settings",), platform=Platform.WINDOWS)
def distributed_transactions(subject: HostSubject) -> RuleAnswer:
    r"""Server takes part in distributed transactions over the network (MSDTC).

    Why:
        The two coordinators must resolve each other's NetBIOS names, and each needs a unique id (CID), which containers
        of one image share. Azure Kubernetes Service does not support it.
    Remedy:
        Avoid distributed transactions if one database is enough. Otherwise give the container a fixed name and a
        --hostname that the other side can resolve, its own CID (msdtc -uninstall and -install at start), and fixed RPC
        ports.
    Source:
        Microsoft, Lift and shift to Windows containers: MSDTC; MSDTC\Security in the registry (NetworkDtcAccess).
    """
    for name in ("NetworkDtcAccess", "NetworkDtcAccessTransactions", "XaTransactions"):
        setting = value(subject.host, "msdtc", name)
        if setting is not None and setting.value == "1":
            yield Hit(
                Severity.MAJOR,
                f"{subject.host.name} allows distributed transactions over the network.",
                (Evidence(f"the MSDTC setting {name} is 1", setting.origin),),
            )
            return
