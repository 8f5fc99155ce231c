"""WIN012: workloads that run under a local account."""

from __future__ import annotations

from assess.model import Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.subjects.windows_host import account_of, built_in, of_domain
from inventory.observation import value_or_none
from inventory.platforms import Platform


@rule(
    "WIN012",
    scope=Scope.WORKLOAD,
    needs=("processes", "services"),
    platform=Platform.WINDOWS,
    aliases=("account-of-this-server",),
)
def local_account(subject: WorkloadSubject) -> RuleAnswer:
    """Service runs under a local account of the server.

    Why:
        An image does not contain the server's users, and file permissions that name them have no meaning there. A
        container runs as ContainerAdministrator, or as ContainerUser if the image sets it.
    Remedy:
        Run it as ContainerUser if it needs no special rights; otherwise create the account in the image (net user /add)
        and grant it access to its folders and volumes there.
    Source:
        Microsoft, Secure Windows containers.
    """
    host, workload = subject.host, subject.workload
    known = account_of(host, workload)
    if known is None:
        yield Undecided("processes", f"the account of {workload.name} is unknown")
        return
    account, evidence = known
    system = value_or_none(host.snapshot.system)
    if built_in(account):
        if account.rpartition("\\")[2].lower() in ("localsystem", "system", "local system"):
            yield Hit(
                Severity.INFO,
                "The service runs as LocalSystem, with full rights on the server.",
                (evidence,),
                "Test it as ContainerUser; often it only needs write access to its own folder.",
            )
    elif not of_domain(account, system.hostname if system else host.name):
        yield Hit(Severity.MINOR, f"The service runs as {account}, a local account.", (evidence,))
