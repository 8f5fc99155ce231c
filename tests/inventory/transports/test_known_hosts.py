"""known_hosts files are read as OpenSSH reads them."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.errors import HostKeyChanged, HostKeyUnknown, WorkspaceError
from inventory.transports.known_hosts import HostKeyPolicy, fingerprint, known_keys, lookup_name, remember
from tests.inventory.sshd import fingerprint_of, make_key, public

KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIGqkOUE6UK6MFNlTYSy7Gvz5VoWRpSxjEHTCxNlHpZTb"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "known_hosts"


def _found(file: Path, text: str, hostname: str, port: int = 22) -> bool:
    file.write_text(text)
    return bool(known_keys([file], hostname, port))


@pytest.mark.parametrize(
    ("patterns", "hostname", "port", "found"),
    [
        ("web01", "web01", 22, True),
        ("web01", "WEB01", 22, True),
        ("web01", "web01", 2222, False),
        ("[web01]:2222", "web01", 2222, True),
        ("web01,192.0.2.1", "192.0.2.1", 22, True),
        ("*.example.com", "web01.example.com", 22, True),
        ("*.example.com", "example.com", 22, False),
        ("web0?", "web01", 22, True),
        ("!web02,web*", "web02", 22, False),
        ("!web02,web*", "web01", 22, True),
        ("[web*]:2222", "web01", 2222, True),
        ("2001:db8::1", "2001:db8::1", 22, True),
    ],
)
def test_patterns(file: Path, patterns: str, hostname: str, port: int, found: bool) -> None:
    assert _found(file, f"{patterns} ssh-ed25519 {KEY} a comment\n", hostname, port) is found


@pytest.mark.live
def test_hashed_names_made_by_ssh_keygen(file: Path) -> None:
    file.write_text(f"[web01]:2222 ssh-ed25519 {KEY}\ndb01 ssh-ed25519 {KEY}\n")
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(file)], check=True, capture_output=True)
    assert "web01" not in file.read_text()
    assert known_keys([file], "web01", 2222)
    assert known_keys([file], "db01", 22)
    assert not known_keys([file], "web01", 22)


def test_lines_that_are_no_keys_are_passed_over(file: Path) -> None:
    assert _found(
        file, f"# web01 ssh-ed25519 {KEY}\n\nweb01\nweb01 x !!!\n|1|bad web01\nweb01 ssh-ed25519 {KEY}\n", "web01"
    )
    assert known_keys([file], "web01", 22)[0].line == 6


def test_a_missing_file_knows_nobody(file: Path) -> None:
    assert known_keys([file], "web01", 22) == ()


def test_a_file_that_changed_is_read_anew(file: Path) -> None:
    assert not _found(file, "", "web01")
    assert _found(file, f"web01 ssh-ed25519 {KEY}\n", "web01")


@pytest.mark.live
def test_fingerprints_are_those_of_ssh_keygen(tmp_path: Path) -> None:
    import base64

    key = make_key(tmp_path / "key")
    assert fingerprint(base64.b64decode(public(key)[1])) == fingerprint_of(key)


def test_a_revoked_key_is_refused_although_it_is_known(file: Path) -> None:
    import base64

    file.write_text(f"web01 ssh-ed25519 {KEY}\n@revoked * ssh-ed25519 {KEY}\n")
    with pytest.raises(HostKeyChanged, match="revokes"):
        HostKeyPolicy((file,)).check("web01", "web01", 22, "ssh-ed25519", base64.b64decode(KEY))


def test_the_key_of_an_authority_is_no_host_key(file: Path) -> None:
    import base64

    file.write_text(f"@cert-authority web01 ssh-ed25519 {KEY}\n")
    with pytest.raises(HostKeyUnknown):
        HostKeyPolicy((file,)).check("web01", "web01", 22, "ssh-ed25519", base64.b64decode(KEY))


def test_many_writers_at_once_lose_no_key(file: Path) -> None:
    names = [lookup_name(f"web{number:02}", 2222) for number in range(24)]
    threads = [threading.Thread(target=remember, args=(file, name, "ssh-ed25519", b"key")) for name in names * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(line.split()[0] for line in file.read_text().splitlines()) == sorted(names)


def test_a_key_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="cannot be written"):
        remember(tmp_path / "no" / "such", "web01", "ssh-ed25519", b"key")


@given(st.binary(max_size=300))
def test_no_file_can_raise(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.mktemp("known") / "known_hosts"
    file.write_bytes(content)
    known_keys([file], "web01", 22)
