r"""Certificates of the machine's own stores, with expiry, never a key.

The registry keeps each as a list of properties (``Blob``): number, reserved, length, bytes, in 32-bit little-endian
words ([MS-GPEF] 2.2.1.2.1). Property 32 is the certificate itself, 2 names the place of its private key.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator

from inventory.formats.windows_registry import RegistryValue, keys
from inventory.model.windows import StoredCertificate
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.recording import SectionRecording
from inventory.section import Section, Variant, redact_errors

NAME = "certificate_stores"

FRAGMENT = r"""
reg my HKLM\SOFTWARE\Microsoft\SystemCertificates\MY\Certificates /s
reg webhosting HKLM\SOFTWARE\Microsoft\SystemCertificates\WebHosting\Certificates /s
reg present HKLM\SOFTWARE\Microsoft\SystemCertificates
"""

_KEY_PLACE, _CERTIFICATE = 2, 32


def parse(recording: SectionRecording) -> Observation[tuple[StoredCertificate, ...]]:
    """Certificates of ``MY`` and ``WebHosting``; one that cannot be read is a gap."""
    found: list[StoredCertificate] = []
    odd = 0
    for store in ("my", "webhosting"):
        for key in keys(recording.part(store)):
            blob = key.value("Blob")
            if blob is None:
                continue
            certificate = _certificate(store, blob)
            odd += certificate is None
            if certificate is not None:
                found.append(certificate)
    if not found and not odd and not keys(recording.part("present")):
        return Unknown("the registry of the host could not be read")
    gaps = (Gap(f"{odd} certificates", "they could not be read"),) if odd else ()
    return Found(tuple(found), gaps)


def _certificate(store: str, blob: RegistryValue) -> StoredCertificate | None:
    from cryptography import x509

    try:
        properties = dict(_properties(bytes.fromhex(blob.data.strip())))
        der = properties[_CERTIFICATE]
        certificate = x509.load_der_x509_certificate(der)
        subject, issuer = certificate.subject.rfc4514_string(), certificate.issuer.rfc4514_string()
        begin, end = certificate.not_valid_before_utc.timestamp(), certificate.not_valid_after_utc.timestamp()
    except (ValueError, KeyError, OverflowError, struct.error, TypeError):
        return None
    try:
        alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = tuple(alternative.get_values_for_type(x509.DNSName))
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        names = ()
    return StoredCertificate(
        store=store,
        subject=subject,
        issuer=issuer,
        thumbprint=hashlib.sha1(der, usedforsecurity=False).hexdigest(),
        not_before=begin,
        not_after=end,
        names=names,
        has_key=_KEY_PLACE in properties,
        origin=Origin(NAME, blob.part, blob.line),
    )


def _properties(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 12 <= len(data):
        number, _, length = struct.unpack_from("<III", data, at)
        at += 12
        if at + length > len(data):
            raise ValueError("a property is cut off")
        yield number, data[at : at + length]
        at += length


SECTION: Section[tuple[StoredCertificate, ...]] = Section(
    NAME,
    "Certificates of the machine's stores with their expiry, never a key",
    (Variant(Platform.WINDOWS, FRAGMENT, parse, seconds=30, cap=4 * 1024 * 1024, redact=redact_errors),),
)
