"""WIN034: servers with certificates and private keys in the machine store."""

from __future__ import annotations

from datetime import UTC, datetime

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import HostSubject
from assess.subjects.windows_host import listed
from inventory.observation import value_or_none
from inventory.platforms import Platform

_STORES = frozenset({"my", "webhosting"})
# The last second of 9999, the end of representable dates.
_LAST = 253402300800.0


@rule("WIN034", scope=Scope.HOST, needs=("certificate_stores",), platform=Platform.WINDOWS)
def certificate_with_key(subject: HostSubject) -> RuleAnswer:
    """Server has certificates with private keys in the machine store.

    Why:
        Private keys are bound to the machine and often marked as not exportable, so they cannot be copied. In an image,
        everyone with the image would have them.
    Remedy:
        Issue new certificates for the containers and import them at start from a secret (Import-PfxCertificate), or
        terminate TLS at the reverse proxy. Certificates that no binding and no program uses need not move.
    Source:
        SystemCertificates in the registry (only whether there is a key); hashes in netsh http show sslcert.
    """
    host = subject.host
    served: dict[str, list[str]] = {}
    for url in value_or_none(host.snapshot.http_sys) or ():
        if url.kind == "certificate":
            served.setdefault(url.certificate.lower(), []).append(url.url)
    for each in value_or_none(host.snapshot.certificate_stores) or ():
        if not each.has_key or each.store.lower() not in _STORES:
            continue
        addresses = served.get(each.thumbprint.lower(), [])
        until = datetime.fromtimestamp(each.not_after, UTC).date() if 0 < each.not_after < _LAST else None
        ends = f", valid until {until}" if until else ""
        yield Hit(
            Severity.MINOR,
            f"{host.name} holds the key of {each.subject}" + (f", for {listed(addresses)}." if addresses else "."),
            (Evidence(f"certificate {each.thumbprint} from {each.issuer} in {each.store}{ends}", each.origin),),
        )
