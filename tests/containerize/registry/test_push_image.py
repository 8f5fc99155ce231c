"""Pushing to a real registry: the distribution project's server, with Docker, Podman and skopeo as witnesses."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from containerize.registry.client import RegistryClient
from containerize.registry.credentials import NONE
from containerize.registry.image_reference import parse_reference
from containerize.registry.push_image import push
from containerize.runtimes.image_layout import ImageLayout
from tests.containerize.registry.images import SIZE, workspace_with_image
from tests.containerize.registry.pushing import document_of, run_push
from tests.containerize.runtimes.small_image import write_layout
from tests.e2e.command import ASSESS
from tests.support.registry import PROGRAM, Registry

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(shutil.which(PROGRAM) is None, reason="no docker-registry"),
]


def test_the_digest_stays_and_a_second_push_sends_nothing(server: Registry, tmp_path: Path) -> None:
    built = workspace_with_image(tmp_path / "w")
    first = run_push(tmp_path / "w", "web01/apache2", f"{server.name}/team/web:v1")
    assert first.stdout == f"{server.name}/team/web@{built.digest}\n"
    uploads = len(server.requests("PUT"))
    assert uploads == 4 + 1 + 2 + 2  # blobs, manifest, SBOM with its empty configuration, its manifest and index
    again = document_of(run_push(tmp_path / "w", "web01/apache2", "--json"))
    assert again["name"] == f"{server.name}/team/web:v1"
    assert (again["sent"], again["mounted"], again["tagged"], len(again["present"])) == ([], [], False, 4)
    assert len(server.requests("PUT")) == uploads
    assert server.requests("POST").count("/v2/team/web/blobs/uploads/") == 4 + 2


def test_a_dry_run_sends_nothing(server: Registry, tmp_path: Path) -> None:
    workspace_with_image(tmp_path / "w")
    told = document_of(run_push(tmp_path / "w", "web01/apache2", server.name, "--dry-run", "--json"))
    assert told["name"] == f"{server.name}/brownfield/web01/apache2:lift"
    assert len(told["missing"]) == 4 and sum(row["size"] for row in told["missing"]) > 3 * SIZE
    assert server.blobs() == set() and server.requests("POST") == []
    assert not (tmp_path / "w/builds/web01/apache2/pushed.json").exists()


def test_images_share_their_base_in_the_registry(server: Registry, tmp_path: Path) -> None:
    workspace_with_image(tmp_path / "w")
    workspace_with_image(tmp_path / "w", "two", "web02/apache2")
    document_of(run_push(tmp_path / "w", "web01/apache2", server.name, "--json"))
    told = document_of(run_push(tmp_path / "w", "web02/apache2", server.name, "--json"))
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
    told = document_of(run_push(tmp_path / "w", "web01/apache2", f"{server.name}/team/web", "--json"))
    assert {row["digest"] for row in told["present"]} == server.blobs() & {row["digest"] for row in told["present"]}
    assert (len(told["present"]), len(told["sent"]), told["digest"]) == (1, 3, built.digest)


def test_a_connection_that_is_cut_is_made_again(server: Registry, tmp_path: Path) -> None:
    built = workspace_with_image(tmp_path / "w")
    with _stalling(server.port, SIZE // 2, cut=True) as port:
        result = run_push(tmp_path / "w", "web01/apache2", f"127.0.0.1:{port}/team/web", "--no-sbom")
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
    assert errors == "assess: stopped; the registry stores complete blobs; run the same command to resume\n"


def test_a_build_that_takes_the_place_of_the_image_is_one_sentence(
    server: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace_with_image(tmp_path / "w")
    hello = RegistryClient.hello

    def meanwhile(client: RegistryClient) -> None:
        hello(client)
        shutil.rmtree(tmp_path / "w/builds/web01/apache2/image/blobs")

    monkeypatch.setattr(RegistryClient, "hello", meanwhile)
    result = run_push(tmp_path / "w", "web01/apache2", f"{server.name}/team/web")
    assert str(result.exception) == "web01/apache2 was built anew while it was pushed; push it again"
    assert "/v2/team/web/manifests/lift" not in server.requests("PUT")


def test_the_bill_of_materials_refers_to_the_image(server: Registry, tmp_path: Path) -> None:
    built = workspace_with_image(tmp_path / "w")
    told = document_of(run_push(tmp_path / "w", "web01/apache2", f"{server.name}/a/b", "--json"))
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
    document_of(run_push(tmp_path / "w", "web01/apache2", f"{server.name}/a/b", "--json"))
    assert len(json.loads(_raw(f"{base}:{built.digest.replace(':', '-')}"))["manifests"]) == 2


def test_nobody_there_is_one_sentence(tmp_path: Path) -> None:
    workspace_with_image(tmp_path / "w")
    refused = run_push(tmp_path / "w", "web01/apache2", "127.0.0.1:9/a/b")
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
