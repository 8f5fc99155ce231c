"""KRN011: hosts whose programs use socket families that containers or newer kernels lack."""

from __future__ import annotations

from assess.knowledge.kernel_features import socket_families
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.host_users import with_unlisted_sockets
from assess.subjects.rule_subjects import HostSubject
from inventory.observation import value_or_none


@rule("KRN011", scope=Scope.HOST, needs=("sockets",))
def rare_socket_family(subject: HostSubject) -> RuleAnswer:
    """Programs use a socket family that containers or newer kernels do not offer.

    Why:
        The engines' seccomp profiles deny some families to containers (AF_VSOCK, since 2026 AF_ALG). Others need a
        module on the container host, or were removed from the kernel (DECnet, IPX, DCCP). The kernel counts such
        sockets but does not report their owners.
    Remedy:
        Find the program that opens them, and give its container a seccomp profile or the container host the module. For
        removed protocols, use a gateway or leave the program on a virtual machine.
    Source:
        /proc/net/protocols; Docker's default seccomp profile; Linux 6.12 sources.
    """
    sockets = value_or_none(subject.host.snapshot.sockets)
    known = socket_families()
    for each in sockets.protocols if sockets else ():
        family = known.get(each.name)
        if family is not None and each.sockets > 0:
            yield Hit(
                Severity(family.severity),
                f"Programs on {subject.host.name} use {family.what}.",
                (Evidence(f"the kernel counts {each.sockets} {each.name} sockets", each.origin),),
                family.remedy,
                affects=with_unlisted_sockets(subject.host),
            )
