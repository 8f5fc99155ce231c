"""Certificates on a host, without their keys."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate in a PEM file; ``index`` counts those of one file from 0, the server's own usually first.

    ``subject`` and ``issuer`` are in the form of RFC 4514; ``names`` its DNS names and addresses (subjectAltName), or
    the common name where it has none. ``not_before`` and ``not_after`` are seconds since the epoch (UTC). ``key`` is
    RSA, EC, Ed25519 …, ``key_bits`` its size, 0 where the kind has but one. ``signature`` is the hash of the signature
    (``sha256``), "" where the algorithm includes it. ``authority``: it may sign others. ``self_signed``: subject and
    issuer are one. ``fingerprint`` is the SHA-256 of it in hexadecimal digits.
    """

    path: str
    index: int
    subject: str
    issuer: str
    names: tuple[str, ...]
    serial: str
    not_before: float
    not_after: float
    key: str
    key_bits: int
    signature: str
    authority: bool
    self_signed: bool
    fingerprint: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class KeyStore:
    """A file that may hold certificates but was not opened: a JKS or PKCS#12 store, or one in binary form."""

    path: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Certificates:
    """``certificates`` in the order of their files; ``stores`` are files that were named only."""

    certificates: tuple[Certificate, ...]
    stores: tuple[KeyStore, ...]


@dataclass(frozen=True, slots=True)
class CertificateUse:
    """A line of configuration that names the file of a certificate, or the directory it lies in."""

    certificate: Certificate
    path: str
    number: int
    origin: Origin
