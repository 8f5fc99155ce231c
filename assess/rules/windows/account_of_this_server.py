"""WIN012."""

from __future__ import annotations

from assess.model import Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.subjects.windows_host import account_of, built_in, of_domain
from inventory.observation import value_or_none
from inventory.platforms import Platform


@rule("WIN012", scope=Scope.WORKLOAD, needs=("processes", "services"), platform=Platform.WINDOWS)
def account_of_this_server(subject: WorkloadSubject) -> RuleAnswer:
    """The workload runs under an account of this server.

    Why:
        The users of a server are not in an image, and rights to files that name them mean nothing there. A container
        runs as ContainerAdministrator, or as ContainerUser where the image says so.
    Remedy:
        Run it as ContainerUser if it needs no rights; else create the account in the image (net user /add) and give it
        the rights to its folders and volumes there.
    Source:
        Microsoft, Secure Windows containers.
    """
    host, workload = subject.host, subject.workload
    known = account_of(host, workload)
    if known is None:
        yield Undecided("processes", f"the account of {workload.name} is not known")
        return
    account, evidence = known
    system = value_or_none(host.snapshot.system)
    if built_in(account):
        if account.rpartition("\\")[2].lower() in ("localsystem", "system", "local system"):
            yield Hit(
                Severity.INFO,
                "It runs as LocalSystem, with all rights on the server.",
                (evidence,),
                "Try it as ContainerUser; what needs more is often only the right to write to its own folder.",
            )
    elif not of_domain(account, system.hostname if system else host.name):
        yield Hit(Severity.MINOR, f"It runs as {account}, an account of this server.", (evidence,))
