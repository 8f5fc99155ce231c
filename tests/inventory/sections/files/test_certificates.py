"""Certificates: found on disk, their dates and names understood, and never a byte of a key."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from inventory.depth import Depth
from inventory.model.certificates import Certificates
from inventory.model.configuration import ConfigLine
from inventory.observation import Found, Origin, Unknown
from inventory.platforms import Platform
from inventory.privacy.anonymity.anonymizer import Anonymizer, PrivateNames
from inventory.probe.script import compose
from inventory.products.detection.certificate_references import certificate_uses
from inventory.recording import Recording, SectionRecording
from inventory.section import ParseError
from inventory.sections.files.certificates import SECTION, parse
from tests.support.live import NONCE, REDACTOR, ask, found
from tests.support.recordings import answer
from tests.support.snapshots import HostBuilder

ROOTS = "`bf_local_roots /etc /opt /srv /usr/local`"
BEGIN = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
END = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def certificates(recording: SectionRecording) -> Certificates:
    value = found(SECTION, recording)
    assert isinstance(value, Certificates)
    return value


def made(key: Key, name: str = "shop.example.com", *names: str, issuer: str = "") -> bytes:
    """A certificate in PEM."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    by = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]) if issuer else subject
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by)
        .public_key(key.public_key())
        .serial_number(0xABC)
        .not_valid_before(BEGIN)
        .not_valid_after(END)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(each) for each in names]), False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def private(key: Key, form: serialization.PrivateFormat = serialization.PrivateFormat.PKCS8) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


EC = ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(65537, 2048)


def recorded(*files: tuple[str, bytes]) -> SectionRecording:
    """The answer of a host that has these files, as its awk would send them, whole."""
    lines = [path.encode() + b":" + line + b"\n" for path, text in files for line in text.splitlines()]
    return answer("certificates", list=b"".join(lines))


def test_what_a_certificate_says() -> None:
    value = certificates(
        recorded(
            (
                "/etc/nginx/shop.pem",
                made(RSA, "shop.example.com", "shop.example.com", "www.example.com", issuer="Own CA"),
            ),
            ("/etc/nginx/own.pem", made(EC, "intra") + made(RSA, "Own CA")),
        )
    )
    first, second, shop = value.certificates

    assert (shop.path, shop.index) == ("/etc/nginx/shop.pem", 0)
    assert (shop.subject, shop.issuer, shop.self_signed) == ("CN=shop.example.com", "CN=Own CA", False)
    assert shop.names == ("shop.example.com", "www.example.com")
    assert (shop.not_before, shop.not_after) == (BEGIN.timestamp(), END.timestamp())
    assert (shop.key, shop.key_bits, shop.signature, shop.serial) == ("RSA", 2048, "sha256", "abc")
    assert (first.key, first.key_bits, first.names, first.self_signed) == ("EC", 256, ("intra",), True)
    assert (second.index, second.subject) == (1, "CN=Own CA")
    assert len({first.fingerprint, second.fingerprint, shop.fingerprint}) == 3


def raw(folder: Path, shell: list[str]) -> bytes:
    """Everything that leaves the host, before our own redaction."""
    script = compose([SECTION], NONCE, depth=Depth.DEEP).replace(ROOTS, str(folder))
    done = subprocess.run(shell, input=script.encode(), capture_output=True, timeout=60, check=False)
    return done.stdout + done.stderr


SHELLS = [words for words in (["sh", "-s"], ["ksh", "-s"], ["busybox", "sh", "-s"]) if shutil.which(words[0])]


@pytest.mark.parametrize("shell", SHELLS, ids=lambda words: words[0])
def test_no_byte_of_a_key_leaves_the_host(shell: list[str], tmp_path: Path) -> None:
    """Keys before, behind and between certificates, in every usual form, cut off, and in the place of a certificate."""
    certificate = made(RSA)
    keys = [
        private(RSA),
        private(RSA, serialization.PrivateFormat.TraditionalOpenSSL),
        private(EC, serialization.PrivateFormat.TraditionalOpenSSL),
        private(EC, serialization.PrivateFormat.OpenSSH),
    ]
    for number, key in enumerate(keys):
        (tmp_path / f"before{number}.pem").write_bytes(key + certificate)
        (tmp_path / f"behind{number}.pem").write_bytes(certificate + key + made(EC))
        (tmp_path / f"open{number}.pem").write_bytes(certificate.replace(b"-----END CERTIFICATE-----\n", b"") + key)
        (tmp_path / f"crlf{number}.crt").write_bytes((certificate + key).replace(b"\n", b"\r\n"))
        (tmp_path / f"alone{number}.pem").write_bytes(key)
    secret = {line for key in keys for line in key.splitlines() if not line.startswith(b"-----")}
    said = raw(tmp_path, shell)

    assert certificate.splitlines()[3] in said
    assert not [line for line in secret if line in said]
    value = certificates(ask(SECTION, shell=shell, change={ROOTS: str(tmp_path)})["certificates"])
    assert {Path(each.path).name for each in value.certificates} == {
        f"{name}{number}{end}"
        for number in range(4)
        for name, end in (("before", ".pem"), ("behind", ".pem"), ("crlf", ".crt"))
    }


def test_a_key_that_pretends_to_be_a_certificate_is_not_kept() -> None:
    """A block of the right name with something else in it is left out before anything is written."""
    body = private(RSA).splitlines()[1:-1]
    fake = b"\n".join([b"-----BEGIN CERTIFICATE-----", *body, b"-----END CERTIFICATE-----", b""])
    kept = SECTION.redact(recorded(("/etc/a.pem", fake), ("/etc/b.pem", made(EC))), REDACTOR)
    content = kept.parts[0].content

    assert not [line for line in body if line in content]
    observation = SECTION.observe(kept, Platform.POSIX)
    assert isinstance(observation, Found)
    assert [each.path for each in observation.value.certificates] == ["/etc/b.pem"]
    assert "1 blocks" in observation.gaps[0].what
    assert SECTION.redact(kept, REDACTOR) == kept


@pytest.mark.parametrize("shell", SHELLS, ids=lambda words: words[0])
def test_places_and_names(shell: list[str], shallow: Path) -> None:
    """Stores are only named, bundles of authorities and other files are left alone, odd names do no harm."""
    (shallow / "ssl").mkdir()
    for name in ("ssl/server", "a b.crt", "-x.pem", "colon:name.pem", "other.txt", "ca-bundle.crt"):
        (shallow / name).write_bytes(made(EC))
    (shallow / "large.pem").write_bytes(made(EC) * 600)
    (shallow / "keystore.jks").write_bytes(b"\xfe\xed\xfe\xed")
    (shallow / "store.p12").write_bytes(b"0\x82")
    (shallow / "binary.cer").write_bytes(b"0\x82\x01\x02\n")
    value = certificates(ask(SECTION, shell=shell, change={ROOTS: str(shallow)})["certificates"])

    assert [each.path.removeprefix(f"{shallow}/") for each in value.certificates] == [
        "-x.pem",
        "a b.crt",
        "ssl/server",
    ]
    assert [Path(store.path).name for store in value.stores] == ["binary.cer", "keystore.jks", "store.p12"]


def test_what_may_not_be_read_is_a_gap() -> None:
    recording = SectionRecording("certificates", recorded().parts, b"grep: /etc/ssl/private: Permission denied\n")
    observation = SECTION.observe(recording, Platform.POSIX)

    assert isinstance(observation, Found)
    assert observation.gaps[0].reason == "permission denied; scan with become"


def test_a_certificate_that_was_cut_off_is_a_gap_and_its_neighbour_stays() -> None:
    whole = made(RSA)
    value = SECTION.observe(recorded(("/etc/a.pem", whole[:400] + b"\n"), ("/etc/b.pem", whole)), Platform.POSIX)

    assert isinstance(value, Found)
    assert [each.path for each in value.value.certificates] == ["/etc/b.pem"]
    assert len(value.gaps) == 1


def test_origins_name_the_line_that_begins_it() -> None:
    recording = recorded(("/etc/a.pem", made(RSA)), ("/etc/b.pem", made(EC)))
    lines = recording.parts[0].lines()

    assert len(certificates(recording).certificates) == 2
    for each in certificates(recording).certificates:
        assert lines[each.origin.line - 1] == f"{each.path}:-----BEGIN CERTIFICATE-----"


def test_without_an_answer_nothing_is_known() -> None:
    assert isinstance(SECTION.observe(answer("certificates"), Platform.POSIX), Unknown)


def test_an_anonymised_bundle_holds_no_certificate() -> None:
    """Its names are encoded, where no replacement would find them."""
    recording = recorded(("/etc/a.pem", made(RSA, "shop.example.com")))
    sent = Recording("web01", "posix", 0.0, (recording,))
    (section,) = Anonymizer(PrivateNames(), b"key").recording(sent).sections
    observation = SECTION.observe(section, Platform.POSIX)

    assert not [line for line in made(RSA, "shop.example.com").splitlines()[1:-1] if line in section.parts[0].content]
    assert isinstance(observation, Found)
    assert (observation.value.certificates, len(observation.gaps)) == ((), 1)


def test_who_uses_a_certificate() -> None:
    value = certificates(
        recorded(
            ("/etc/haproxy/certs/shop.pem", made(EC)), ("/etc/nginx/shop.crt", made(RSA)), ("/etc/ssl/x.pem", made(EC))
        )
    )
    texts = [
        "ssl_certificate /etc/nginx/shop.crt;",
        "bind *:443 ssl crt /etc/haproxy/certs/",
        "capath /etc/ssl",
        "root /srv",
    ]
    lines = [ConfigLine("/etc/x", at, text, False, Origin("t", "t", at)) for at, text in enumerate(texts, 1)]

    assert [(use.certificate.path, use.number) for use in certificate_uses(value.certificates, lines)] == [
        ("/etc/nginx/shop.crt", 1),
        ("/etc/haproxy/certs/shop.pem", 2),
    ]


def test_a_relative_path_begins_beside_the_main_file() -> None:
    value = certificates(recorded(("/etc/nginx/tls/shop.crt", made(EC)), ("/etc/tls/shop.crt", made(EC))))
    host = HostBuilder()
    host.whole_config("/etc/nginx/nginx.conf", "http {\ninclude conf.d/*.conf;\n}")
    host.whole_config("/etc/nginx/conf.d/shop.conf", "server {\nssl_certificate tls/shop.crt;\n}")
    servers = host.build().web_servers
    assert isinstance(servers, Found)

    assert [
        (use.certificate.path, use.path, use.number)
        for use in certificate_uses(value.certificates, host.lines, servers.value)
    ] == [("/etc/nginx/tls/shop.crt", "/etc/nginx/conf.d/shop.conf", 2)]


WHOLE = recorded(("/etc/a.pem", made(EC) + made(RSA)), ("/etc/b.pem", made(EC))).parts[0].content


@given(st.integers(0, len(WHOLE)), st.binary(max_size=12), st.booleans())
def test_nothing_but_a_parse_error_comes_of_damage(at: int, noise: bytes, cut: bool) -> None:
    content = WHOLE[:at] + noise + (b"" if cut else WHOLE[at + len(noise) :])
    for read in (parse, lambda recording: SECTION.redact(recording, REDACTOR)):
        try:
            read(answer("certificates", list=content))
        except ParseError as error:
            assert str(error)
