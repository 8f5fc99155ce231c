"""Pushing to a real registry: the distribution project's server, with Docker, Podman and skopeo as witnesses."""

from __future__ import annotations

import base64
import datetime
import hashlib
import ipaddress
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import bcrypt
import pytest
from click.testing import CliRunner, Result

from assess.cli import assess
from containerize.registry.client import RegistryClient
from containerize.registry.credentials import NONE
from containerize.registry.push import push
from containerize.registry.reference import parse_reference
from containerize.runtimes.layout import ImageLayout
from tests.containerize.registry.images import SIZE, workspace_with_image
from tests.containerize.runtimes.small_image import write_layout
from tests.e2e.command import ASSESS
from tests.support.registry import PROGRAM, Registry, registry

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(shutil.which(PROGRAM) is None, reason="no docker-registry"),
]

NAME, PASSWORD = "ops", "correct-horse-battery"


@pytest.fixture
def server() -> Iterator[Registry]:
    with registry() as running:
        yield running


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Registry]:
    """A registry that wants a name and a password."""
    file = tmp_path / "htpasswd"
    file.write_text(f"{NAME}:{bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4, b'2a')).decode()}\n")
    with registry(["auth:", "  htpasswd:", "    realm: tests", f"    path: {file}"]) as running:
        yield running


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without credentials."""
    place = tmp_path / "home"
    place.mkdir()
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)
    return place


def _push(workspace: Path, *arguments: str, given: str | None = None) -> Result:
    command = ["push", *arguments, "--workspace", str(workspace)]
    return CliRunner().invoke(assess, command, input=given, catch_exceptions=True)


def _document(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, (result.output, result.exception)
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def test_the_digest_stays_and_a_second_push_sends_nothing(server: Registry, tmp_path: Path) -> None:
    built = workspace_with_image(tmp_path / "w")
    first = _push(tmp_path / "w", "web01/apache2", f"{server.name}/team/web:v1")
    assert first.stdout == f"{server.name}/team/web@{built.digest}\n"
    uploads = len(server.requests("PUT"))
    assert uploads == 4 + 1 + 2 + 2  # blobs, manifest, SBOM with its empty configuration, its manifest and index
    again = _document(_push(tmp_path / "w", "web01/apache2", "--json"))
    assert again["name"] == f"{server.name}/team/web:v1"
    assert (again["sent"], again["mounted"], again["tagged"], len(again["present"])) == ([], [], False, 4)
    assert len(server.requests("PUT")) == uploads
    assert server.requests("POST").count("/v2/team/web/blobs/uploads/") == 4 + 2


def test_a_dry_run_sends_nothing(server: Registry, tmp_path: Path) -> None:
    workspace_with_image(tmp_path / "w")
    told = _document(_push(tmp_path / "w", "web01/apache2", server.name, "--dry-run", "--json"))
    assert told["name"] == f"{server.name}/brownfield/web01/apache2:lift"
    assert len(told["missing"]) == 4 and sum(row["size"] for row in told["missing"]) > 3 * SIZE
    assert server.blobs() == set() and server.requests("POST") == []
    assert not (tmp_path / "w/builds/web01/apache2/pushed.json").exists()


def test_images_share_their_base_in_the_registry(server: Registry, tmp_path: Path) -> None:
    workspace_with_image(tmp_path / "w")
    workspace_with_image(tmp_path / "w", "two", "web02/apache2")
    _document(_push(tmp_path / "w", "web01/apache2", server.name, "--json"))
    told = _document(_push(tmp_path / "w", "web02/apache2", server.name, "--json"))
    assert (len(told["mounted"]), len(told["sent"])) == (1, 3)
    assert told["mounted"][0]["size"] > SIZE


@pytest.mark.engine
@pytest.mark.parametrize("engine", ["docker", "podman"])
def test_an_engine_pulls_what_was_built(engine: str, server: Registry, tmp_path: Path) -> None:
    if shutil.which(engine) is None or subprocess.run([engine, "info"], capture_output=True).returncode:
        pytest.skip(f"no {engine}")
    layout = ImageLayout.open(write_layout(tmp_path / "layout", {"etc/greeting": b"hello\n"}))
    reference = parse_reference(f"{server.name}/brownfield-test/small:one", "localhost/x:y")
    client = RegistryClient(reference, NONE)
    push(layout, client, reference)
    client.close()
    plain = ["--tls-verify=false"] if engine == "podman" else []
    name = reference.at(layout.manifest.digest)
    pulled = subprocess.run([engine, "pull", "-q", *plain, name], capture_output=True, text=True)
    assert pulled.returncode == 0, pulled.stderr
    try:
        seen = subprocess.run(
            [engine, "image", "inspect", "-f", "{{json .RepoDigests}} {{json .RootFS.Layers}}", name],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert name in seen
        assert all(digest in seen for digest in layout.diff_ids())
    finally:
        subprocess.run([engine, "image", "rm", "-f", name], capture_output=True)


def test_a_killed_push_goes_on_where_it_was(server: Registry, tmp_path: Path) -> None:
    built = workspace_with_image(tmp_path / "w")
    with _stalling(server.port, SIZE + SIZE // 2) as port:
        command = [
            str(ASSESS),
            "push",
            "web01/apache2",
            f"127.0.0.1:{port}/team/web",
            "--workspace",
            str(tmp_path / "w"),
        ]
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 30
        while len(server.blobs()) < 1 and time.monotonic() < deadline:
            time.sleep(0.05)
        running.send_signal(signal.SIGKILL)
        running.communicate()
    assert len(server.blobs()) == 1 and "/v2/team/web/manifests/lift" not in server.requests("PUT")
    told = _document(_push(tmp_path / "w", "web01/apache2", f"{server.name}/team/web", "--json"))
    assert {row["digest"] for row in told["present"]} == server.blobs() & {row["digest"] for row in told["present"]}
    assert (len(told["present"]), len(told["sent"]), told["digest"]) == (1, 3, built.digest)


def test_a_connection_that_is_cut_is_made_again(server: Registry, tmp_path: Path) -> None:
    built = workspace_with_image(tmp_path / "w")
    with _stalling(server.port, SIZE // 2, cut=True) as port:
        result = _push(tmp_path / "w", "web01/apache2", f"127.0.0.1:{port}/team/web", "--no-sbom")
    assert (result.exit_code, result.stdout) == (0, f"127.0.0.1:{port}/team/web@{built.digest}\n")


def test_a_push_that_is_interrupted_says_how_it_goes_on(server: Registry, tmp_path: Path) -> None:
    workspace_with_image(tmp_path / "w")
    with _stalling(server.port, SIZE + SIZE // 2) as port:
        target = f"127.0.0.1:{port}/team/web"
        command = [str(ASSESS), "push", "web01/apache2", target, "--workspace", str(tmp_path / "w")]
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 30
        while len(server.blobs()) < 1 and time.monotonic() < deadline:
            time.sleep(0.05)
        running.send_signal(signal.SIGTERM)
        output, errors = running.communicate(timeout=30)
    assert output == ""
    assert errors == "assess: stopped; the registry keeps what was sent whole, and the same command goes on\n"


def test_a_build_that_takes_the_place_of_the_image_is_one_sentence(
    server: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace_with_image(tmp_path / "w")
    hello = RegistryClient.hello

    def meanwhile(client: RegistryClient) -> None:
        hello(client)
        shutil.rmtree(tmp_path / "w/builds/web01/apache2/image/blobs")

    monkeypatch.setattr(RegistryClient, "hello", meanwhile)
    result = _push(tmp_path / "w", "web01/apache2", f"{server.name}/team/web")
    assert str(result.exception) == "web01/apache2 was built anew while it was pushed; push it again"
    assert "/v2/team/web/manifests/lift" not in server.requests("PUT")


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
    assert len(_document(_push(tmp_path / "w", "web01/apache2", guarded.name, "--json"))["sent"]) == 4
    kept_here = "".join(path.read_text(errors="replace") for path in (tmp_path / "w").rglob("*.json"))
    assert PASSWORD not in kept_here and secret_free(guarded)


def secret_free(server: Registry) -> bool:
    return PASSWORD not in server.log.read_text(errors="replace")


def test_a_password_is_read_from_standard_input(guarded: Registry, tmp_path: Path) -> None:
    built = workspace_with_image(tmp_path / "w")
    arguments = ("web01/apache2", f"{guarded.name}/a/b", "--username", NAME, "--password-stdin")
    result = _push(tmp_path / "w", *arguments, given=f"{PASSWORD}\n")
    assert result.stdout == f"{guarded.name}/a/b@{built.digest}\n", result.output


def test_a_wrong_password_is_one_sentence_at_once(guarded: Registry, tmp_path: Path) -> None:
    workspace_with_image(tmp_path / "w")
    command = [str(ASSESS), "push", "web01/apache2", guarded.name, "--workspace", str(tmp_path / "w")]
    begun = time.monotonic()
    for more, secret in (["--username", NAME, "--password-stdin"], "wrong-battery"), ([], ""):
        done = subprocess.run([*command, *more], input=secret, capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (3, "")
        words = "took neither the name nor the password" if more else "wants a name and a password"
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
        result = _push(tmp_path / "w", "web01/apache2", guarded.name)
        assert str(result.exception).startswith("the credentials that docker login keeps"), result.exception


def test_tls_is_wanted_and_its_authority_checked(tmp_path: Path) -> None:
    built = workspace_with_image(tmp_path / "w")
    certificate, key = _certificate(tmp_path)
    with registry(http=["  tls:", f"    certificate: {certificate}", f"    key: {key}"]) as server:
        target = f"{server.name}/a/b"
        refused = _push(tmp_path / "w", "web01/apache2", target)
        assert "certificate" in str(refused.exception) and "--ca-file" in str(refused.exception)
        result = _push(tmp_path / "w", "web01/apache2", target, "--ca-file", str(certificate))
        assert result.stdout == f"{target}@{built.digest}\n", result.exception


def test_another_machine_is_not_spoken_to_in_the_clear(server: Registry, tmp_path: Path) -> None:
    workspace_with_image(tmp_path / "w")
    name = f"registry.test:{server.port}"
    original = socket.getaddrinfo

    def resolve(host: Any, *more: Any, **rest: Any) -> Any:
        return original("127.0.0.1" if host == "registry.test" else host, *more, **rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", resolve)
        refused = _push(tmp_path / "w", "web01/apache2", name)
        assert str(refused.exception) == (
            f"{name} does not speak TLS; if it may be spoken to in the clear, add --insecure"
        )
        assert server.requests("GET") == []
        assert _push(tmp_path / "w", "web01/apache2", name, "--insecure").exit_code == 0


def test_the_bill_of_materials_refers_to_the_image(server: Registry, tmp_path: Path) -> None:
    built = workspace_with_image(tmp_path / "w")
    told = _document(_push(tmp_path / "w", "web01/apache2", f"{server.name}/a/b", "--json"))
    base = f"docker://{server.name}/a/b"
    index = _raw(f"{base}:{built.digest.replace(':', '-')}")
    (row,) = json.loads(index)["manifests"]
    assert (row["digest"], row["artifactType"]) == (told["sbom"], "application/vnd.cyclonedx+json")
    manifest = json.loads(_raw(f"{base}@{told['sbom']}"))
    assert manifest["subject"]["digest"] == built.digest
    bill = (tmp_path / "w/builds/web01/apache2/sbom.cdx.json").read_bytes()
    assert manifest["layers"][0]["digest"] == f"sha256:{hashlib.sha256(bill).hexdigest()}"
    # Another one is added, and the first stays.
    (tmp_path / "w/builds/web01/apache2/sbom.cdx.json").write_text("{}")
    _document(_push(tmp_path / "w", "web01/apache2", f"{server.name}/a/b", "--json"))
    assert len(json.loads(_raw(f"{base}:{built.digest.replace(':', '-')}"))["manifests"]) == 2


def test_nobody_there_is_one_sentence(tmp_path: Path) -> None:
    workspace_with_image(tmp_path / "w")
    refused = _push(tmp_path / "w", "web01/apache2", "127.0.0.1:9/a/b")
    assert str(refused.exception) == (
        "127.0.0.1:9 cannot be reached (the connection was refused); is its name right, and does it run?"
    )


def _raw(name: str) -> str:
    if shutil.which("skopeo") is None:
        pytest.skip("no skopeo")
    command = ["skopeo", "inspect", "--raw", "--tls-verify=false", name]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@contextmanager
def _stalling(port: int, after: int, *, cut: bool = False) -> Iterator[int]:
    """A way to the registry that stands still after so many bytes; or is cut there, once."""
    listener = socket.create_server(("127.0.0.1", 0))
    passed, was_cut, over = [0], [False], threading.Event()

    def up(client: socket.socket, there: socket.socket) -> None:
        while data := _received(client):
            passed[0] += len(data)
            if passed[0] > after and not was_cut[0]:
                if cut:
                    was_cut[0] = True
                    break
                over.wait()
                break
            there.sendall(data)
        for each in (client, there):
            _shut(each)

    def down(client: socket.socket, there: socket.socket) -> None:
        while data := _received(there):
            try:
                client.sendall(data)
            except OSError:
                break
        _shut(client)

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            there = socket.create_connection(("127.0.0.1", port))
            for way in (up, down):
                threading.Thread(target=way, args=(client, there), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        listener.close()


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(1 << 16)
    except OSError:
        return b""


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


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
