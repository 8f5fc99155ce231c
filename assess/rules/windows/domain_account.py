"""WIN010."""

from __future__ import annotations

from assess.model import Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.subjects.windows_host import account_of, of_domain
from inventory.observation import value_or_none
from inventory.platforms import Platform


@rule("WIN010", scope=Scope.WORKLOAD, needs=("processes", "services"), platform=Platform.WINDOWS)
def domain_account(subject: WorkloadSubject) -> RuleAnswer:
    """The workload runs under an account of a domain.

    Why:
        A container is no member of a domain and cannot log on as a user of one. Only group managed service accounts
        reach into a container, through a credential specification that the container host passes on; the program then
        runs as LocalSystem or Network Service, and shows the managed account to others.
    Remedy:
        Give the service a group managed service account (domain controllers of 2012 or later), allow the container
        host to retrieve its password, and start the container with --security-opt credentialspec. Where the account
        only opens a database or a share, use a login of that server instead.
    Source:
        Microsoft, Create gMSAs for Windows containers.
    """
    host, workload = subject.host, subject.workload
    known = account_of(host, workload)
    if known is None:
        yield Undecided("processes", f"the account of {workload.name} is not known")
        return
    account, evidence = known
    system = value_or_none(host.snapshot.system)
    if not of_domain(account, system.hostname if system else host.name):
        return
    # The name of a managed service account ends so.
    if account.endswith("$"):
        yield Hit(
            Severity.MINOR,
            f"It runs as the managed service account {account}.",
            (evidence,),
            "Let it be a group managed service account, and start the container with --security-opt credentialspec and"
            f" (images of 2016) the host name {account.rpartition(chr(92))[2].rstrip('$')}.",
        )
    else:
        yield Hit(Severity.MAJOR, f"It runs as {account}, an account of a domain.", (evidence,))
