"""hosts.ini means what it means to Ansible, and its faults are one sentence each."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from contextlib import suppress
from pathlib import Path

import pytest

from inventory.ansible.host_variables import make_host
from inventory.ansible.inventory_file import read_hosts
from inventory.errors import InventoryError
from inventory.host import Host
from tests.support.private_directories import MARK, private_directories

FULL = """
[web]
web[01:03] ansible_host=192.0.2.11 ansible_port=2222
odd ansible_host="{{ network }}.5" ansible_ssh_common_args='-o ProxyJump=gate -o "UserKnownHostsFile=/tmp/a b"'

[db]
db01 ansible_become=yes ansible_become_password=hunter2 ansible_password="{{ secret }}"

[here]
localhost ansible_connection=local
win01 ansible_connection=winrm

[legacy:children]
web
db

[container_hosts]
docker01

[all:vars]
network=192.0.2
ansible_user=ops
"""


@pytest.fixture(autouse=True)
def _no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own ansible.cfg must not decide these tests."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("ANSIBLE_CONFIG", "ANSIBLE_VAULT_PASSWORD_FILE", "ANSIBLE_REMOTE_USER"):
        monkeypatch.delenv(name, raising=False)


def _write(folder: Path, text: str, name: str = "hosts.ini") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Host]:
    folder = tmp_path_factory.mktemp("full")
    _write(folder, "ansible_ssh_private_key_file: ~/.ssh/web\n", "group_vars/web.yml")
    _write(folder, "secret: s3cret\n", "host_vars/db01.yml")
    return {host.name: host for host in read_hosts(_write(folder, FULL))}


def test_ranges_groups_and_variables(full: dict[str, Host]) -> None:
    assert set(full) == {"web01", "web02", "web03", "odd", "db01", "localhost", "win01", "docker01"}
    web02 = full["web02"]
    assert (web02.address, web02.port, web02.user) == ("192.0.2.11", 2222, "ops")
    assert set(web02.groups) == {"legacy", "web"}
    assert "container_hosts" in full["docker01"].groups
    assert full["docker01"].address == "docker01"


def test_variables_beside_the_file_and_templates(full: dict[str, Host]) -> None:
    assert str(full["web01"].private_key_file).endswith("/.ssh/web")
    assert full["odd"].address == "192.0.2.5"
    assert full["db01"].password == "s3cret"


def test_arguments_are_split_like_ansible_splits_them(full: dict[str, Host]) -> None:
    assert full["odd"].ssh_arguments == ("-o", "ProxyJump=gate", "-o", "UserKnownHostsFile=/tmp/a b")


def test_become_and_connections(full: dict[str, Host]) -> None:
    assert (full["db01"].become, full["db01"].become_method, full["db01"].become_password) == (True, "sudo", "hunter2")
    assert full["localhost"].connection == "local"
    assert full["win01"].connection == "winrm"
    assert full["web01"].connection == "ssh"


def test_passwords_are_not_in_the_repr(full: dict[str, Host]) -> None:
    assert "hunter2" not in repr(full["db01"])
    assert "s3cret" not in repr(full["db01"])


@pytest.mark.live
@pytest.mark.parametrize(
    ("limit", "names"),
    [("legacy:!web02:&web", ["web01", "web03", "odd"]), ("~w.*[13]$,web[1:1]", ["web01", "web02", "web03", "win01"])],
)
def test_limits_mean_what_they_mean_to_ansible(tmp_path: Path, limit: str, names: list[str]) -> None:
    text = FULL.replace("{{ network }}", "192.0.2").replace('ansible_password="{{ secret }}"', "")
    path = _write(tmp_path, text)
    found = [host.name for host in read_hosts(path, limit=limit)]
    assert sorted(found) == sorted(names)
    program = str(Path(sys.executable).parent / "ansible")
    command = [program, "all", "-i", str(path), "--list-hosts", "-l", limit]
    listed = subprocess.run(command, capture_output=True, text=True, check=True)
    assert sorted(listed.stdout.split()[2:]) == sorted(names), "and Ansible agrees"


@pytest.mark.live
def test_a_part_of_a_limit_that_matches_nothing_is_a_warning(tmp_path: Path) -> None:
    warnings: list[str] = []
    hosts = read_hosts(_write(tmp_path, "web01\nweb02\n"), limit="web01,wbe02", warn=warnings.append)
    assert [host.name for host in hosts] == ["web01"]
    assert warnings == ["--limit: nothing is called wbe02, so that part of the pattern is ignored"]


@pytest.mark.live
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", r"names no hosts; add a line such as"),
        ("[web]\n", r"names no hosts"),
        ("# c\n[web]\nweb01 ansible_host\n", r"hosts\.ini:3: Expected key=value host variable assignment"),
        ("web01\n[web:frob]\nx\n", r"hosts\.ini:2: Section \[web:frob\] has unknown type"),
        ("web01\n[web\n", r"hosts\.ini:2: a section header has no closing bracket"),
        ('web01 ansible_host="x\n', r"hosts\.ini:1: Error parsing host definition"),
        ("web01\n[all:children]\nnope\n", r"hosts\.ini:\d: Section \[all:children\] includes undefined group"),
        ('web01 ansible_host="{{ nowhere }}"\n', r"ansible_host of web01 cannot be filled in: 'nowhere' is undefined"),
        (
            "web01 ansible_ssh_private_key_file=/nowhere/key\n",
            r"the key file /nowhere/key of host web01 does not exist",
        ),
    ],
)
def test_faults_are_one_sentence(tmp_path: Path, text: str, sentence: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InventoryError, match=sentence) as caught:
        read_hosts(_write(tmp_path, text))
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", ""), "nothing of Ansible's leaks into our output"


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"ansible_port": "ssh"}, r"ansible_port of host web01 is 'ssh'; write a number from 1 to 65535"),
        ({"ansible_port": 70000}, r"ansible_port of host web01 is '70000'"),
        ({"ansible_become": "perhaps"}, r"ansible_become of host web01 is 'perhaps'; write yes or no"),
        ({"ansible_host": "-oProxyCommand=x"}, r"the address of host 'web01' is '-oProxyCommand=x'"),
        ({"ansible_host": "a b"}, r"which is neither a host name nor an IP address"),
        ({"ansible_ssh_common_args": "-o 'x"}, r"ansible_ssh_common_args of host web01 cannot be split"),
    ],
)
def test_a_value_that_cannot_be_is_named(variables: dict[str, object], sentence: str) -> None:
    with pytest.raises(InventoryError, match=sentence):
        make_host("web01", (), variables)


def test_the_last_name_of_a_variable_wins_like_in_ansibles_plugins() -> None:
    host = make_host(
        "web01", (), {"ansible_ssh_host": "192.0.2.1", "ansible_host": "192.0.2.2", "ansible_ssh_user": "ops"}
    )
    assert (host.address, host.user) == ("192.0.2.1", "ops")


def test_a_missing_file_and_an_unknown_limit(tmp_path: Path) -> None:
    with pytest.raises(InventoryError, match="there is no inventory at"):
        read_hosts(tmp_path / "nope.ini")
    with pytest.raises(InventoryError, match=r"no host of .* matches --limit 'nope'"):
        read_hosts(_write(tmp_path, "web01\n"), limit="nope")


@pytest.mark.live
def test_a_fault_in_yaml_has_its_line(tmp_path: Path) -> None:
    with pytest.raises(InventoryError, match=r"hosts\.yml:\d: YAML parsing failed"):
        read_hosts(_write(tmp_path, "all:\n  hosts:\n    web01: [\n", "hosts.yml"))


@pytest.mark.live
def test_a_key_file_that_only_some_lack_stops_nobody_else(tmp_path: Path) -> None:
    (tmp_path / "key").touch()
    text = f"web01 ansible_ssh_private_key_file={tmp_path}/key\nweb02 ansible_ssh_private_key_file=/nowhere\n"
    assert len(read_hosts(_write(tmp_path, text))) == 2


@pytest.mark.live
class TestVault:
    @pytest.fixture
    def encrypted(self, tmp_path: Path) -> Path:
        """One single encrypted value, and one file encrypted as a whole."""
        _write(tmp_path, "correct horse\n", "right")
        _write(tmp_path, "battery staple\n", "wrong")
        program = str(Path(sys.executable).parent / "ansible-vault")
        value = subprocess.run(
            [
                program,
                "encrypt_string",
                "--vault-password-file",
                f"{tmp_path}/right",
                "--name",
                "ansible_password",
                "one",
            ],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        _write(tmp_path, value, "group_vars/single.yml")
        whole = _write(tmp_path, "ansible_password: two\n", "group_vars/whole.yml")
        command = [program, "encrypt", "--vault-password-file", f"{tmp_path}/right", str(whole)]
        subprocess.run(command, capture_output=True, check=True)
        return _write(tmp_path, "[single]\nweb01\n[whole]\nweb02\n")

    def test_encrypted_variables_are_read_with_the_password(
        self, encrypted: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        right = encrypted.parent / "right"
        hosts = read_hosts(encrypted, vault_password_file=right)
        assert [host.password for host in hosts] == ["one", "two"]
        monkeypatch.setenv("ANSIBLE_VAULT_PASSWORD_FILE", "right")
        assert [host.password for host in read_hosts(encrypted)] == ["one", "two"]

    def test_without_the_password_the_option_is_named(self, encrypted: Path) -> None:
        with pytest.raises(InventoryError, match="--vault-password-file"):
            read_hosts(encrypted)
        with pytest.raises(InventoryError, match=r"web01 cannot be decrypted; .*--vault-password-file"):
            (encrypted.parent / "group_vars/whole.yml").unlink()
            read_hosts(encrypted)

    def test_a_wrong_or_missing_password_is_told(self, encrypted: Path) -> None:
        with pytest.raises(InventoryError, match="does not decrypt"):
            read_hosts(encrypted, vault_password_file=encrypted.parent / "wrong")
        with pytest.raises(InventoryError, match="no vault password file at"):
            read_hosts(encrypted, vault_password_file=encrypted.parent / "nope")


@pytest.mark.live
def test_nothing_of_it_is_left_in_memory_or_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MARK, uuid.uuid4().hex)
    before = private_directories()
    read_hosts(_write(tmp_path, "web01 ansible_password=s3cret\n"))
    assert private_directories() == before


@pytest.mark.live
def test_settings_of_ansible_cfg_count_unless_the_inventory_says_otherwise(tmp_path: Path) -> None:
    _write(
        tmp_path,
        "[defaults]\nremote_user=deploy\nhost_key_checking=False\n[privilege_escalation]\nbecome=True\n"
        "[ssh_connection]\nssh_args=-o ServerAliveInterval=9\n",
        "ansible.cfg",
    )
    web01, web02 = read_hosts(_write(tmp_path, "web01\nweb02 ansible_user=ops ansible_become=no\n"))
    assert (web01.user, web01.become) == ("deploy", True)
    assert (web02.user, web02.become) == ("ops", False)
    assert web01.ssh_arguments == ("-o", "ServerAliveInterval=9", "-o", "StrictHostKeyChecking=no")


def test_other_work_is_done_while_ansible_works_and_its_error_is_told(tmp_path: Path) -> None:
    (tmp_path / "hosts.ini").write_text("web01\n")
    done: list[threading.Thread] = []
    (host,) = read_hosts(tmp_path / "hosts.ini", meanwhile=lambda: done.append(threading.current_thread()))
    assert (host.name, len(done), done[0] is threading.main_thread()) == ("web01", 1, False)
    with pytest.raises(ZeroDivisionError):
        read_hosts(tmp_path / "hosts.ini", meanwhile=lambda: 1 // 0)


def test_an_interruption_does_not_wait_for_a_slow_inventory(tmp_path: Path) -> None:
    script = tmp_path / "inventory"
    script.write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\nsleep 60\n")
    script.chmod(0o755)
    imports = "from pathlib import Path; from inventory.ansible.inventory_file import read_hosts"
    code = f"{imports}; read_hosts(Path({str(script)!r}))"
    running = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, start_new_session=True)
    try:
        deadline = time.monotonic() + 30
        while not (tmp_path / "asked").exists():
            assert time.monotonic() < deadline and running.poll() is None
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        assert b"KeyboardInterrupt" in running.communicate(timeout=20)[1]
    finally:
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
