"""Every shape of private key is hidden in scans, asked for by scans, and kept out of images: by one table."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inventory.privacy.redaction import Redactor
from inventory.privacy.secrets import private_keys
from inventory.privacy.secrets.file_examination import file_holds_secret
from inventory.sections.files.configuration import SECTION
from tests.support.recordings import answer

REDACTOR = Redactor(b"the key of the tests")
BODY = [base64.b64encode(hashlib.sha384(b"%d" % number).digest()) for number in range(4)]
HEX = [hashlib.md5(b"%d" % number, usedforsecurity=False).hexdigest().encode() for number in range(16)]
BECH32 = b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L" * 2


def block(label: str, body: list[bytes] = BODY, dashes: str = "-----") -> bytes:
    return b"\n".join([f"{dashes}BEGIN {label}{dashes}".encode(), *body, f"{dashes}END {label}{dashes}".encode(), b""])


PUTTY = b"\n".join(
    [b"PuTTY-User-Key-File-3: ssh-ed25519", b"Encryption: none", b"Comment: me", b"Public-Lines: 1", b"AAAAC3Nz",
     b"Private-Lines: 2", *BODY[:2], b"Private-MAC: " + HEX[0] + HEX[1], b""]
)  # fmt: skip
TEXTS: dict[str, tuple[bytes, list[bytes]]] = {
    **{
        label: (block(label), BODY)
        for label in (
            "PRIVATE KEY",
            "ENCRYPTED PRIVATE KEY",
            "RSA PRIVATE KEY",
            "DSA PRIVATE KEY",
            "EC PRIVATE KEY",
            "OPENSSH PRIVATE KEY",
            "TSS2 PRIVATE KEY",
            "PGP PRIVATE KEY BLOCK",
            "ENCRYPTED COSIGN PRIVATE KEY",
            "OpenVPN tls-crypt-v2 client key",
            "OpenVPN tls-crypt-v2 server key",
            "OpenVPN auth-token server key",
        )
    },
    "OpenVPN Static key V1": (block("OpenVPN Static key V1", HEX), HEX),
    "OpenVPN's key within its configuration": (
        b"remote vpn 1194\n<tls-auth>\n" + block("OpenVPN Static key V1", HEX) + b"</tls-auth>\n",
        HEX,
    ),
    "RFC 4716": (block("SSH2 ENCRYPTED PRIVATE KEY", dashes="---- ").replace(b"KEY---- ", b"KEY ----"), BODY),
    "PuTTY": (PUTTY, [*BODY[:2], HEX[0] + HEX[1]]),
    "age": (b"# public key: age1xyz\nAGE-SECRET-KEY-1" + BECH32[:58] + b"\n", [BECH32[:58]]),
    "age, hybrid": (b"AGE-SECRET-KEY-PQ-1" + BECH32[:58] + b"\n", [BECH32[:58]]),
    "signify": (b"untrusted comment: signify secret key\n" + BODY[0] + b"\n", [BODY[0]]),
    "minisign": (b"untrusted comment: minisign encrypted secret key\n" + BODY[0] + b"\n", [BODY[0]]),
    "DNSSEC, RSA": (
        b"Private-key-format: v1.3\nAlgorithm: 8 (RSASHA256)\nPrivateExponent: %s\nPrime1: %s\nCoefficient: %s\n"
        % tuple(BODY[:3]),
        BODY[:3],
    ),
    "DNSSEC, elliptic": (
        b"Private-key-format: v1.3\nAlgorithm: 13 (ECDSAP256SHA256)\nPrivateKey: " + BODY[0] + b"\n",
        [BODY[0]],
    ),
}


@pytest.mark.parametrize("shape", TEXTS)
def test_a_key_is_hidden_and_its_file_kept_out(shape: str) -> None:
    text, secrets = TEXTS[shape]
    redacted = REDACTOR.text(b"before = 1\n" + text + b"after = 2\n")

    assert [secret for secret in secrets if secret in redacted] == []
    assert redacted.startswith(b"before = 1\n")
    assert redacted.endswith(b"\nafter = 2\n")
    assert redacted.count(b"\n") == text.count(b"\n") + 2
    assert REDACTOR.text(redacted) == redacted
    assert private_keys.KIND in (file_holds_secret(text, "/srv/app/thing") or "")


@pytest.mark.parametrize("shape", TEXTS)
def test_a_scan_asks_for_the_lines_that_show_a_key(shape: str, tmp_path: Path) -> None:
    """And what `grep` finds makes the file a secret one."""
    path = tmp_path / "thing"
    path.write_bytes(TEXTS[shape][0])
    asked = subprocess.run(
        ["grep", "-aniE", "|".join(private_keys.ASKED), path], capture_output=True, check=False
    ).stdout.splitlines()
    sent = b"".join(b"/etc/thing:%s\n" % line for line in asked)
    made = SECTION.redact(answer("configuration", etc=sent), REDACTOR)

    assert asked
    assert b"/etc/thing:" in made.to_text()
    assert private_keys.KIND.encode() in made.to_text()
    assert not any(secret in made.to_text() for secret in TEXTS[shape][1])


@pytest.mark.parametrize(
    "text",
    [
        block("PUBLIC KEY"),
        block("PGP PUBLIC KEY BLOCK"),
        block("CERTIFICATE"),
        block("PGP SIGNATURE"),
        b"untrusted comment: signify public key\n" + BODY[0] + b"\n",
        b"-----BEGIN OpenVPN Static key V2\nport 1194\n",
        b"see AGE-SECRET-KEY-1 in the manual of age\n",
        b"PublicExponent: AQAB\n",
    ],
    ids=lambda text: text[:40].decode(),
)
def test_what_is_public_stays(text: bytes) -> None:
    assert REDACTOR.text(text) == text
    assert file_holds_secret(text, "/srv/app/thing") is None


def test_binary_forms_are_known_by_how_they_begin() -> None:
    for beginning in (b"SSH PRIVATE KEY FILE FORMAT 1.1\n\0\0\0", b"== ed25519v1-secret: type0 ==\0\0\0"):
        assert file_holds_secret(beginning + bytes(range(64)), "/var/lib/thing") == private_keys.KIND


def _openssl(folder: Path) -> None:
    for name, words in {
        "ec": ["ecparam", "-name", "prime256v1", "-genkey", "-noout"],
        "pkcs8": ["genpkey", "-algorithm", "ed25519"],
        "encrypted": ["genpkey", "-algorithm", "ed25519", "-aes-128-cbc", "-pass", "pass:x"],
    }.items():
        subprocess.run(["openssl", *words, "-out", folder / name], capture_output=True, check=True)


def _ssh(folder: Path) -> None:
    for form in ("RFC4716", "PKCS8", "PEM"):
        words = ["-q", "-t", "ecdsa", "-N", "", "-m", form, "-f", folder / form]
        subprocess.run(["ssh-keygen", *words], capture_output=True, check=True)
        (folder / f"{form}.pub").unlink()


def _openvpn(folder: Path) -> None:
    for kind in ("secret", "tls-crypt-v2-server", "auth-token"):
        subprocess.run(["openvpn", "--genkey", kind, folder / kind], capture_output=True, check=True)


def _gpg(folder: Path) -> None:
    home = folder / "home"
    home.mkdir(mode=0o700)
    gpg = ["gpg", "--homedir", str(home), "--batch", "--passphrase", ""]
    subprocess.run([*gpg, "--quick-generate-key", "me", "ed25519"], capture_output=True, check=True)
    made = subprocess.run([*gpg, "--armor", "--export-secret-keys"], capture_output=True, check=True)
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], capture_output=True, check=False)
    shutil.rmtree(home)
    (folder / "key").write_bytes(made.stdout)


MAKERS: dict[str, Callable[[Path], None]] = {
    "openssl": _openssl,
    "ssh-keygen": _ssh,
    "openvpn": _openvpn,
    "gpg": _gpg,
}


def keys_of(tool: str, folder: Path) -> Iterator[bytes]:
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not here")
    MAKERS[tool](folder)
    made = sorted(folder.iterdir())
    assert made
    yield from (path.read_bytes() for path in made)


@pytest.mark.parametrize("tool", MAKERS)
def test_keys_that_the_tools_themselves_make(tool: str, tmp_path: Path) -> None:
    for content in keys_of(tool, tmp_path):
        lines = [line.strip() for line in content.splitlines()]
        body = [line for line in lines if len(line) >= 24 and b" " not in line and b"-----" not in line]

        assert body
        assert private_keys.KIND in (file_holds_secret(content, "/srv/app/thing") or "")
        assert not any(line in REDACTOR.text(content) for line in body)
