"""KRN011."""

from __future__ import annotations

from assess.knowledge.kernel_features import socket_families
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.host_users import with_unlisted_sockets
from assess.subjects.rule_subjects import HostSubject
from inventory.observation import value_or_none


@rule("KRN011", scope=Scope.HOST, needs=("sockets",))
def rare_socket_family(subject: HostSubject) -> RuleAnswer:
    """Programs of the host use a family of sockets that containers or newer kernels do not offer.

    Why:
        Engines refuse some families to containers by their seccomp profile (AF_VSOCK, since 2026 AF_ALG). Others need a
        module that the container host must have, or were taken out of the kernel (DECnet, IPX, DCCP). The kernel counts
        such sockets and does not say whose they are.
    Remedy:
        Find the program that opens them, and give its container a seccomp profile or the container host the module;
        for protocols that are gone use a gateway or leave the program on a virtual machine.
    Source:
        /proc/net/protocols; default seccomp profile of Docker; sources of Linux 6.12.
    """
    sockets = value_or_none(subject.host.snapshot.sockets)
    known = socket_families()
    for each in sockets.protocols if sockets else ():
        family = known.get(each.name)
        if family is not None and each.sockets > 0:
            yield Hit(
                Severity(family.severity),
                f"Programs of {subject.host.name} use {family.what}.",
                (Evidence(f"the kernel counts {each.sockets} sockets of {each.name}", each.origin),),
                family.remedy,
                affects=with_unlisted_sockets(subject.host),
            )
