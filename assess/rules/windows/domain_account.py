"""WIN010: workloads that run under a domain account."""

from __future__ import annotations

from assess.model import Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.subjects.windows_host import account_of, of_domain
from inventory.observation import value_or_none
from inventory.platforms import Platform


@rule("WIN010", scope=Scope.WORKLOAD, needs=("processes", "services"), platform=Platform.WINDOWS)
def domain_account(subject: WorkloadSubject) -> RuleAnswer:
    """Service runs under a domain account.

    Why:
        A container is not a member of a domain and cannot log on as a domain user. Only group managed service accounts
        work in a container, through a credential specification that the container host passes on; the program then runs
        as LocalSystem or Network Service, and appears to others as the managed account.
    Remedy:
        Give the service a group managed service account (domain controllers from 2012), allow the container host to
        retrieve its password, and start the container with --security-opt credentialspec. If the account is only used
        to open a database or a share, use a login of that server instead.
    Source:
        Microsoft, Create gMSAs for Windows containers.
    """
    host, workload = subject.host, subject.workload
    known = account_of(host, workload)
    if known is None:
        yield Undecided("processes", f"the account of {workload.name} is unknown")
        return
    account, evidence = known
    system = value_or_none(host.snapshot.system)
    if not of_domain(account, system.hostname if system else host.name):
        return
    # The name of a managed service account ends with $.
    if account.endswith("$"):
        yield Hit(
            Severity.MINOR,
            f"The service runs as the managed service account {account}.",
            (evidence,),
            "Use a group managed service account, and start the container with --security-opt credentialspec and"
            f" (2016 images) the host name {account.rpartition(chr(92))[2].rstrip('$')}.",
        )
    else:
        yield Hit(Severity.MAJOR, f"The service runs as {account}, a domain account.", (evidence,))
