"""The arguments of an inventory and the user's ssh_config mean what they mean to ssh."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.errors import HostError
from inventory.host import Host
from inventory.transports.connect_options import ConnectOptions
from inventory.transports.ssh_arguments import parse
from inventory.transports.ssh_settings import SshSettings, settings_for


def _settings(*arguments: str, **changes: object) -> SshSettings:
    host = Host("web01", "192.0.2.1", ssh_arguments=("-F", "none", *arguments), **changes)  # type: ignore[arg-type]
    return settings_for(host, ConnectOptions())


@pytest.mark.live
@pytest.mark.parametrize(
    "arguments",
    [
        ("-p", "2222"),
        ("-p2222",),
        ("-o", "Port=2222"),
        ("-oPort=2222",),
        ("-o", "port 2222"),
        ("-o", "Port = 2222"),
        ("-C", "-o", "Port=2222", "-p", "22"),
        ("-Cqp", "2222"),
    ],
)
def test_the_port_in_every_way_to_write_it(arguments: tuple[str, ...]) -> None:
    assert _settings(*arguments).port == 2222
    told = subprocess.run(["ssh", "-G", "-F", "none", *arguments, "x"], capture_output=True, text=True, check=True)
    assert "port 2222\n" in told.stdout, "and ssh agrees"


def test_what_the_inventory_says_in_variables_goes_before_its_arguments() -> None:
    settings = _settings("-p", "1", "-l", "other", port=2222, user="ops")
    assert (settings.port, settings.user) == (2222, "ops")


def test_values_with_spaces() -> None:
    settings = _settings("-o", 'UserKnownHostsFile="/tmp/a b" /tmp/c')
    assert [str(file) for file in settings.policy.files[:2]] == ["/tmp/a b", "/tmp/c"]


def test_arguments_that_change_nothing_for_us_stay_with_our_own_ssh() -> None:
    usual = "-C -o ControlMaster=auto -o ControlPersist=60s -o ControlPath=/tmp/%C -o ServerAliveInterval=30 -tt -q"
    settings = _settings(*usual.split())
    assert settings.beyond == ()
    assert settings.keepalive == 30


@pytest.mark.parametrize(
    "arguments",
    [
        ("-o", "KexAlgorithms=+diffie-hellman-group1-sha1"),
        ("-o", "HostKeyAlgorithms=+ssh-rsa"),
        ("-b", "192.0.2.9"),
        ("-4",),
        ("-o", "IdentityAgent=/run/agent"),
        ("-o", "SomethingOfTheFuture=yes"),
    ],
)
def test_arguments_that_only_ssh_understands_go_to_ssh(arguments: tuple[str, ...]) -> None:
    assert _settings(*arguments).beyond


def test_a_port_that_is_no_number_is_one_sentence() -> None:
    with pytest.raises(HostError, match=r"Port of host web01 is '22x'"):
        _settings("-p", "22x")


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=12), max_size=6))
def test_no_arguments_can_raise(arguments: list[str]) -> None:
    parse(arguments)


@pytest.mark.live
class TestConfigurationFile:
    def _resolve(self, tmp_path: Path, text: str, *arguments: str, address: str = "web01") -> SshSettings:
        file = tmp_path / "config"
        file.write_text(text)
        return settings_for(Host("web01", address, ssh_arguments=("-F", str(file), *arguments)), ConnectOptions())

    def test_host_blocks(self, tmp_path: Path) -> None:
        text = "Host web*\n HostName 192.0.2.7\n Port 2222\n User ops\n IdentityFile /k\n ProxyJump gate\n"
        settings = self._resolve(tmp_path, text)
        assert (settings.hostname, settings.port, settings.user) == ("192.0.2.7", 2222, "ops")
        assert settings.identity_files == (Path("/k"),)
        assert settings.proxy_jump == "gate"
        assert settings.beyond == ()

    def test_blocks_of_other_hosts_do_not_count(self, tmp_path: Path) -> None:
        settings = self._resolve(tmp_path, "Host db*\n Port 2222\n")
        assert settings.port == 22

    def test_includes_and_matches(self, tmp_path: Path) -> None:
        (tmp_path / "more").write_text("Port 2222\n")
        settings = self._resolve(
            tmp_path, f"Include {tmp_path}/more\nMatch user nobody\n Port 1\nMatch all\n User ops\n"
        )
        assert (settings.port, settings.user) == (2222, "ops")

    def test_arguments_go_before_the_file(self, tmp_path: Path) -> None:
        assert self._resolve(tmp_path, "Host *\n Port 2222\n", "-p", "2200").port == 2200

    def test_ciphers_of_the_file_go_to_ssh(self, tmp_path: Path) -> None:
        assert self._resolve(tmp_path, "Host *\n Ciphers aes256-ctr\n").beyond == ("ciphers",)

    def test_a_broken_file_is_one_sentence(self, tmp_path: Path) -> None:
        with pytest.raises(HostError, match="ssh cannot read the configuration for web01"):
            self._resolve(tmp_path, "Host *\n Prot 2222\n")

    def test_the_default_keys_are_no_choice_of_the_user(self, tmp_path: Path) -> None:
        assert self._resolve(tmp_path, "Host *\n Port 2222\n").identity_files == ()
