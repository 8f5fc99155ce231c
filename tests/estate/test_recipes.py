"""The recipes agree with each other; nothing here needs root or a running host."""

from __future__ import annotations

import ipaddress
import shutil
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from tests.estate import hosts_ini, network, recipe
from tests.estate.bad_hosts import refusing_host, silent_host
from tests.estate.errors import EstateError

ALL = [recipe.load(name) for name in recipe.names()]


def test_no_two_hosts_share_an_address() -> None:
    addresses = [host.loopback for host in ALL] + [host.address for host in ALL if host.address]

    assert len(addresses) == len(set(addresses))


@pytest.mark.parametrize("host", ALL, ids=lambda host: host.name)
def test_a_host_has_its_addresses_in_the_estates_networks(host: recipe.Recipe) -> None:
    assert ipaddress.ip_address(host.loopback) in ipaddress.ip_network("127.0.77.0/24")
    assert host.address is None or ipaddress.ip_address(host.address) in network.NETWORK
    assert host.ssh_port == 2222


def test_a_clone_differs_from_its_host_in_name_and_addresses_only() -> None:
    host, clone = recipe.load("small01"), recipe.load("small01-007")

    assert (clone.name, clone.address, clone.loopback) == ("small01-007", "10.77.1.7", "127.0.78.7")
    assert replace(clone, name=host.name, address=host.address, loopback=host.loopback) == host
    assert recipe.host_key(clone) == recipe.host_key(host)


@pytest.mark.parametrize("name", ["small01-000", "small01-251", "vm01-001", "nowhere", "../web01"])
def test_a_host_that_cannot_be_is_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(EstateError, match=r"[.]$"):
        recipe.load(name)


def test_the_key_of_a_host_changes_with_its_files_and_not_with_where_they_lie(tmp_path: Path) -> None:
    host = recipe.load("web01")
    moved = replace(host, folder=Path(shutil.copytree(host.folder, tmp_path / "web01")))
    before = recipe.host_key(moved)
    (moved.folder / "files/etc/app/app.ini").write_text("[shop]\n", "utf-8")

    assert before == recipe.host_key(host)
    assert recipe.host_key(moved) != before


def test_the_inventory_groups_hosts_and_quotes_paths() -> None:
    text = hosts_ini.inventory([recipe.load("web01")], Path("/a cache/key"), Path("/run/known_hosts"))

    assert text.startswith("[web]\nweb01 ansible_host=127.0.77.11 ansible_port=2222 ansible_user=root ")
    assert "ansible_ssh_private_key_file='/a cache/key'" in text


def test_known_hosts_names_the_published_and_the_own_address() -> None:
    text = hosts_ini.known_hosts([(recipe.load("web01"), ["ssh-ed25519 AAAA"])])

    assert text == "[127.0.77.11]:2222,10.77.0.11 ssh-ed25519 AAAA\n"


def test_a_silent_host_accepts_and_says_nothing() -> None:
    with (
        silent_host() as address,
        socket.create_connection(address, timeout=0.2) as connection,
        pytest.raises(TimeoutError),
    ):
        connection.recv(1)


def test_a_refusing_host_refuses() -> None:
    with refusing_host() as address, pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=5)
