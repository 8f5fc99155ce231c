"""WIN014."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from assess.subjects.windows_host import value
from inventory.platforms import Platform


@rule("WIN014", scope=Scope.HOST, needs=("windows_settings",), platform=Platform.WINDOWS)
def distributed_transactions(subject: HostSubject) -> RuleAnswer:
    """The server takes part in distributed transactions over the network (MSDTC).

    Why:
        The two coordinators find each other by NetBIOS name in both directions, and each needs a number (CID) that no
        other has, which containers of one image share. Azure Kubernetes Service does not support it.
    Remedy:
        Do without distributed transactions where one database is enough. Else give the container a fixed name and
        --hostname that the other side can resolve, a CID of its own (msdtc -uninstall and -install at the start), and
        fixed ports for RPC.
    Source:
        Microsoft, Lift and shift to Windows containers: MSDTC; Security of MSDTC in the registry (NetworkDtcAccess).
    """
    for name in ("NetworkDtcAccess", "NetworkDtcAccessTransactions", "XaTransactions"):
        setting = value(subject.host, "msdtc", name)
        if setting is not None and setting.value == "1":
            yield Hit(
                Severity.MAJOR,
                f"{subject.host.name} allows distributed transactions over the network.",
                (Evidence(f"{name} of MSDTC is 1", setting.origin),),
            )
            return
