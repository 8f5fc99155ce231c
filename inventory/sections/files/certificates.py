"""Certificates in the places where servers have theirs, with their dates. Of keys not one byte leaves the host.

The host sends only lines between BEGIN CERTIFICATE and END CERTIFICATE, and their content is stored only if it is the
DER encoding of a certificate. Certificates are read here, not there. The authorities that a distribution trusts are
left out: they come with every image.
"""

from __future__ import annotations

import base64
import binascii
import re
import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from inventory.depth import Depth
from inventory.formats.grep_lines import FileLine
from inventory.formats.unreadable_rows import unreadable_row
from inventory.model.certificates import Certificate, Certificates, KeyStore
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.probe.local_filesystems import LOCAL_ROOTS_FRAGMENT
from inventory.recording import Part, SectionRecording
from inventory.section import Redact, Section, Variant

if TYPE_CHECKING:
    from cryptography import x509

NAME = "certificates"

MOST_LINES = 400
"""Lines that are taken of one file: a chain of ten certificates or so. A bundle of authorities has thousands."""

# A file in the folder of a certificate authority (/etc/ssl/certs) is the site's own, the authorities are links there;
# of /etc/letsencrypt the current files are links and the files are all generations.
#
# A name with a colon or a newline is left out: the name must end at the first colon of an answer. grep and not awk
# opens the files, since some awks end at the first that may not be read. find empties its buffer before it starts grep,
# so that the names it prints itself are on separate lines.
FRAGMENT = (
    LOCAL_ROOTS_FRAGMENT
    + r"""
bf_newline=`printf '\n.'`
bf_newline=${bf_newline%.}
bf_roots=`bf_local_roots /etc /opt /srv /usr/local`
bf_files() {
  set -f
  [ -n "$bf_roots" ] || return 0
  find $bf_roots -xdev '(' -path "*[:$bf_newline]*" -o -path '/*/*/*/*/*/*/*' -o -path /etc/ca-certificates \
    -o -path /etc/pki/ca-trust -o -path /etc/ssl/certs/java -o -path /etc/letsencrypt/archive \
    -o -name '.?*' -o -name node_modules -o -name site-packages -o -name dist-packages ')' -prune -o \
    '(' -type f -o -type l '(' -path '/etc/letsencrypt/live/*' -o -path '/etc/dehydrated/*' ')' ')' \
    -size -512 '(' \
    '(' -name '*.jks' -o -name '*.keystore' -o -name '*.truststore' -o -name '*.p12' -o -name '*.pfx' -o -name '*.der' \
    -o -name '*.kdb' -o -name '*.bks' ')' -print -o \
    '(' -name '*.pem' -o -name '*.crt' -o -name '*.cer' -o -name '*.cert' -o -name '*.chain' -o -name '*.ca-bundle' \
    -o -name '*.chained' -o -path '*/ssl/*' '!' -name '*.*' ')' \
    '!' -name 'ca-certificates.crt' '!' -name 'ca-bundle*' -exec grep -aH '' '{}' + ')'
}
bf_certificates() {
  bf_files | awk '
    /^\/[^:]*$/ { print; next }
    {
      at = index($0, ":"); path = substr($0, 1, at - 1); text = substr($0, at + 1)
      if (path != last) { last = path; inside = 0; sent = 0; lines = 0; named = 0 }
      lines++
      sub(/\r$/, "", text)
      if (text ~ /^-----BEGIN (X509 )?CERTIFICATE-----$/) inside = 1
      else if (text ~ /^-----/ && text !~ /^-----END (X509 )?CERTIFICATE-----$/) inside = 0
      else if (inside && text !~ /^-----END/ && text !~ /^[A-Za-z0-9+\/=]*$/) inside = 0
      if (inside && sent < @MOST@) { sent++; print path ":" text }
      if (text ~ /^-----END/) inside = 0
      if (lines == 1 && !named && text ~ /[\200-\377]/) { named = 1; print path }
    }'
}
part list bf_certificates
""".replace("@MOST@", str(MOST_LINES))
)

_BEGIN = re.compile(r"-----BEGIN (?:X509 )?CERTIFICATE-----")
_END = re.compile(r"-----END (?:X509 )?CERTIFICATE-----")
_NOT_ONE = "(not a certificate)"


class _CertificateBlock(NamedTuple):
    """A block of PEM: the file, the lines of it, and what it decodes to (None: no certificate)."""

    path: str
    lines: tuple[FileLine, ...]
    der: bytes | None


def parse(recording: SectionRecording) -> Observation[Certificates]:
    """Certificates by file, in the order of each file."""
    part = recording.part("list")
    if part is None:
        return Unknown("the search for certificates did not begin")
    certificates: list[Certificate] = []
    stores: dict[str, KeyStore] = {}
    counts: dict[str, int] = {}
    broken = 0
    for number, path in _named(part):
        stores.setdefault(path, KeyStore(path, Origin(NAME, "list", number)))
    for block in _blocks(part):
        certificate = _load(block.der) if block.der is not None else None
        if certificate is None:
            broken += 1
            continue
        index = counts.get(block.path, 0)
        counts[block.path] = index + 1
        certificates.append(_facts(certificate, block, index))
    gaps: list[Gap] = []
    denied = recording.errors.count(b"ermission denied")
    if denied:
        gaps.append(Gap(f"{denied} files or directories", "permission denied; scan with become"))
    if broken:
        gaps.append(Gap(f"{broken} blocks of certificates", "they are not certificates, or were cut off"))
    ordered = tuple(sorted(certificates, key=lambda each: (each.path, each.index)))
    return Found(Certificates(ordered, tuple(stores[path] for path in sorted(stores))), tuple(gaps))


def redact(recording: SectionRecording, redact: Redact) -> SectionRecording:
    """Keep only blocks that are certificates, byte for byte; of others the line that began them stays."""
    parts = tuple(_only_certificates(part) if part.name == "list" else part for part in recording.parts)
    return replace(recording, parts=parts, errors=redact.lines(recording.errors))


def _only_certificates(part: Part) -> Part:
    kept = [path.encode("utf-8", "surrogateescape") for _, path in _named(part)]
    for block in _blocks(part):
        whole = block.der is not None and _load(block.der) is not None
        texts = [line.text for line in block.lines] if whole else [block.lines[0].text, _NOT_ONE]
        kept += [f"{block.path}:{text}".encode("utf-8", "surrogateescape") for text in texts]
    return replace(part, content=b"".join(line + b"\n" for line in kept))


def without_certificates(recording: SectionRecording) -> SectionRecording:
    """For bundles in which no name may appear: names in a certificate are encoded and signed, so they cannot be
    replaced. The files stay, with an invalid block for each certificate.
    """
    parts: list[Part] = []
    for part in recording.parts:
        lines = [path for _, path in _named(part)]
        lines += [f"{block.path}:{text}" for block in _blocks(part) for text in (block.lines[0].text, _NOT_ONE)]
        content = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")
        parts.append(replace(part, content=content))
    return replace(recording, parts=tuple(parts))


def _named(part: Part) -> Iterator[tuple[int, str]]:
    """Files that were named only: lines without a colon."""
    for number, line in enumerate(_lines(part), 1):
        if b":" not in line:
            path = line.decode("utf-8", "surrogateescape")
            if not path.startswith("/"):
                unreadable_row(f"list:{number} names no file")
                continue
            yield number, path


def _lines(part: Part) -> list[bytes]:
    """Whole lines: the last one is left out where the watchdog or the cap cut it off."""
    lines = part.content.split(b"\n")
    return lines[:-1]


def _blocks(part: Part) -> Iterator[_CertificateBlock]:
    """Blocks from BEGIN to END, or to where they break off. Line numbers are those of the part."""
    block: list[FileLine] = []
    for number, raw in enumerate(_lines(part), 1):
        path, colon, text = raw.decode("utf-8", "surrogateescape").partition(":")
        if not path.startswith("/"):
            unreadable_row(f"list:{number} names no file")
            continue
        if not colon:
            continue
        line = FileLine(path, text, number, 0)
        begins = _BEGIN.fullmatch(text) is not None
        if block and (begins or path != block[0].path):
            yield _CertificateBlock(block[0].path, tuple(block), None)
            block = []
        if begins or block:
            block.append(line)
        if block and _END.fullmatch(text):
            yield _CertificateBlock(block[0].path, tuple(block), _decoded(block[1:-1]))
            block = []
    if block:
        yield _CertificateBlock(block[0].path, tuple(block), None)


def _decoded(lines: list[FileLine]) -> bytes | None:
    try:
        return base64.b64decode("".join(line.text for line in lines), validate=True)
    except (binascii.Error, ValueError):
        return None


def _load(der: bytes) -> x509.Certificate | None:
    """The certificate, None where it is none; slight errors of old software are not a reason to lose it."""
    from cryptography import x509

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            certificate = x509.load_der_x509_certificate(der)
            # what is read lazily fails here and not later
            _ = (certificate.subject, certificate.issuer, certificate.not_valid_after_utc, certificate.serial_number)
        except Exception:  # a certificate comes from the host and may break any assumption of the library
            return None
    return certificate


def _facts(certificate: x509.Certificate, block: _CertificateBlock, index: int) -> Certificate:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kind, bits = _key(certificate)
        subject, issuer = certificate.subject.rfc4514_string(), certificate.issuer.rfc4514_string()
        return Certificate(
            path=block.path,
            index=index,
            subject=subject,
            issuer=issuer,
            names=_names(certificate),
            serial=f"{certificate.serial_number:x}",
            not_before=certificate.not_valid_before_utc.timestamp(),
            not_after=certificate.not_valid_after_utc.timestamp(),
            key=kind,
            key_bits=bits,
            signature=_signature(certificate),
            authority=_authority(certificate),
            self_signed=certificate.subject == certificate.issuer,
            fingerprint=_fingerprint(block.der or b""),
            origin=Origin(NAME, "list", block.lines[0].number),
        )


def _fingerprint(der: bytes) -> str:
    import hashlib

    return hashlib.sha256(der).hexdigest()


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    from cryptography import x509

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        found = [str(name.value) for name in names if isinstance(name, x509.DNSName | x509.IPAddress)]
    except Exception:  # there is none, or it is malformed
        found = []
    if not found:
        found = [str(each.value) for each in certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)]
    return tuple(dict.fromkeys(found))


def _authority(certificate: x509.Certificate) -> bool:
    from cryptography import x509

    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except Exception:  # there is none, or it is malformed
        return False


def _key(certificate: x509.Certificate) -> tuple[str, int]:
    try:
        key = certificate.public_key()
    except Exception:  # a curve or an algorithm that the library does not know
        return "", 0
    name = type(key).__name__.removeprefix("_").removesuffix("PublicKey")
    return {"EllipticCurve": "EC"}.get(name, name), int(getattr(key, "key_size", 0))


def _signature(certificate: x509.Certificate) -> str:
    try:
        algorithm = certificate.signature_hash_algorithm
    except Exception:  # an algorithm that the library does not know
        return ""
    return algorithm.name if algorithm is not None else ""


SECTION: Section[Certificates] = Section(
    NAME,
    "Certificates of servers with their names and dates; never a key.",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=15, cap=2 * 1024 * 1024),),
    redact,
    # Six programs, a third of what all other questions cost together.
    Depth.DEEP,
)
