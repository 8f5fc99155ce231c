"""Who may push, and over what: credentials, TLS and its authority."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import json
import os
import shutil
import socket
import stat
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.containerize.registry.images import workspace_with_image
from tests.containerize.registry.pushing import NAME, PASSWORD, document_of, run_push
from tests.e2e.command import ASSESS
from tests.support.registry import PROGRAM, Registry, registry

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(shutil.which(PROGRAM) is None, reason="no docker-registry"),
]


@pytest.mark.parametrize("kept", ["auths", "credsStore", "credHelpers"])
def test_what_docker_login_keeps_is_used(
    kept: str, guarded: Registry, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace_with_image(tmp_path / "w")
    (home / ".docker").mkdir()
    if kept == "auths":
        secret = base64.b64encode(f"{NAME}:{PASSWORD}".encode()).decode()
        document: dict[str, Any] = {"auths": {guarded.name: {"auth": secret}}}
    else:
        helper = tmp_path / "bin" / "docker-credential-tests"
        helper.parent.mkdir()
        answer = json.dumps({"ServerURL": guarded.name, "Username": NAME, "Secret": PASSWORD})
        helper.write_text(f"#!/bin/sh\n[ \"$(cat)\" = '{guarded.name}' ] && printf '%s' '{answer}'\n")
        helper.chmod(0o755)
        monkeypatch.setenv("PATH", f"{helper.parent}:{os.environ['PATH']}")
        document = {"auths": {}, kept: "tests" if kept == "credsStore" else {guarded.name: "tests"}}
    (home / ".docker/config.json").write_text(json.dumps(document))
    assert len(document_of(run_push(tmp_path / "w", "web01/apache2", guarded.name, "--json"))["sent"]) == 4
    kept_here = "".join(path.read_text(errors="replace") for path in (tmp_path / "w").rglob("*.json"))
    assert PASSWORD not in kept_here and secret_free(guarded)


def secret_free(server: Registry) -> bool:
    return PASSWORD not in server.log.read_text(errors="replace")


def test_a_password_is_read_from_standard_input(guarded: Registry, tmp_path: Path) -> None:
    built = workspace_with_image(tmp_path / "w")
    arguments = ("web01/apache2", f"{guarded.name}/a/b", "--username", NAME, "--password-stdin")
    result = run_push(tmp_path / "w", *arguments, given=f"{PASSWORD}\n")
    assert result.stdout == f"{guarded.name}/a/b@{built.digest}\n", result.output


def test_a_wrong_password_is_one_sentence_at_once(guarded: Registry, tmp_path: Path) -> None:
    workspace_with_image(tmp_path / "w")
    command = [str(ASSESS), "push", "web01/apache2", guarded.name, "--workspace", str(tmp_path / "w")]
    begun = time.monotonic()
    for more, secret in (["--username", NAME, "--password-stdin"], "wrong-battery"), ([], ""):
        done = subprocess.run([*command, *more], input=secret, capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (3, "")
        words = "took neither the name nor the password" if more else "requires a name and a password"
        assert done.stderr == (
            f"assess: {guarded.name} {words}; run: docker login {guarded.name}"
            " (or give --username and --password-stdin)\n"
        )
    assert time.monotonic() - begun < 10
    assert guarded.requests("POST") == []


def test_credentials_that_cannot_be_read_are_one_sentence(guarded: Registry, tmp_path: Path, home: Path) -> None:
    workspace_with_image(tmp_path / "w")
    (home / ".docker").mkdir()
    for content in ('{"auths": {"%s": {"auth": "!!"}}}', '{"credsStore": "is-not-there"}'):
        (home / ".docker/config.json").write_text(content.replace("%s", guarded.name))
        result = run_push(tmp_path / "w", "web01/apache2", guarded.name)
        assert str(result.exception).startswith("the credentials that docker login keeps"), result.exception


def test_tls_is_wanted_and_its_authority_checked(tmp_path: Path) -> None:
    built = workspace_with_image(tmp_path / "w")
    certificate, key = _certificate(tmp_path)
    with registry(http=["  tls:", f"    certificate: {certificate}", f"    key: {key}"]) as server:
        target = f"{server.name}/a/b"
        refused = run_push(tmp_path / "w", "web01/apache2", target)
        assert "certificate" in str(refused.exception) and "--ca-file" in str(refused.exception)
        result = run_push(tmp_path / "w", "web01/apache2", target, "--ca-file", str(certificate))
        assert result.stdout == f"{target}@{built.digest}\n", result.exception


def test_another_machine_is_not_spoken_to_in_the_clear(server: Registry, tmp_path: Path) -> None:
    workspace_with_image(tmp_path / "w")
    name = f"registry.test:{server.port}"
    original = socket.getaddrinfo

    def resolve(host: Any, *more: Any, **rest: Any) -> Any:
        return original("127.0.0.1" if host == "registry.test" else host, *more, **rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", resolve)
        refused = run_push(tmp_path / "w", "web01/apache2", name)
        assert str(refused.exception) == (
            f"{name} does not speak TLS; if it may be spoken to in the clear, add --insecure"
        )
        assert server.requests("GET") == []
        assert run_push(tmp_path / "w", "web01/apache2", name, "--insecure").exit_code == 0


def _certificate(folder: Path) -> tuple[Path, Path]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "registry of the tests")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "registry.pem", folder / "registry.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    private.chmod(stat.S_IRUSR | stat.S_IWUSR)
    return certificate, private
