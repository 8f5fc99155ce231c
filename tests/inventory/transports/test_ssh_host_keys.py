"""Which keys of a server our own SSH takes, and which it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from inventory.errors import (
    HostKeyChanged,
    HostKeyUnknown,
)
from inventory.transports import connect
from tests.inventory.sshd import ADDRESS, Sshd, SshdFactory, fingerprint_of, make_key, public

pytestmark = pytest.mark.live


def test_an_unknown_key_is_refused_with_the_way_to_accept_it(sshd: Sshd, tmp_path: Path) -> None:
    options = sshd.options(known_hosts=tmp_path / "none")
    host = sshd.host("web01", "-o", "UserKnownHostsFile=/dev/null")
    with pytest.raises(HostKeyUnknown) as caught, connect(host, options):
        pass
    sentence = str(caught.value)
    assert fingerprint_of(sshd.host_key) in sentence
    assert "--accept-new-host-keys" in sentence
    assert f"ssh-keyscan -p {sshd.port} {ADDRESS}" in sentence


def test_an_accepted_key_is_kept_in_the_workspace_and_known_from_then_on(sshd: Sshd, tmp_path: Path) -> None:
    kept = tmp_path / "known_hosts"
    with connect(sshd.host(), sshd.options(known_hosts=kept, accept_new_host_keys=True)):
        pass
    assert kept.read_text() == sshd.known_hosts.read_text()
    assert kept.stat().st_mode & 0o777 == 0o600
    with connect(sshd.host(), sshd.options(known_hosts=kept)) as transport:
        assert transport.run("echo in").stdout == b"in\n"


@pytest.mark.parametrize("accept", [False, True])
def test_a_changed_key_is_refused_even_where_new_ones_are_accepted(sshd: Sshd, tmp_path: Path, accept: bool) -> None:
    other = make_key(tmp_path / "other")
    kind, key = public(other)
    sshd.known_hosts.write_text(f"# comment\n[{ADDRESS}]:{sshd.port} {kind} {key}\n")
    with pytest.raises(HostKeyChanged) as caught, connect(sshd.host(), sshd.options(accept_new_host_keys=accept)):
        pass
    assert all(fingerprint_of(one) in str(caught.value) for one in (other, sshd.host_key))
    assert f"{sshd.known_hosts}:2" in str(caught.value)


def test_a_key_of_another_kind_does_not_pass_as_new(sshd: Sshd, tmp_path: Path) -> None:
    other = make_key(tmp_path / "other", "-t", "ecdsa")
    kind, key = public(other)
    sshd.known_hosts.write_text(f"[{ADDRESS}]:{sshd.port} {kind} {key}\n")
    with pytest.raises(HostKeyChanged), connect(sshd.host(), sshd.options(accept_new_host_keys=True)):
        pass


def test_the_kind_of_key_that_is_known_is_asked_for(sshd_factory: SshdFactory, tmp_path: Path) -> None:
    second = make_key(tmp_path / "second", "-t", "ecdsa")
    sshd = sshd_factory(f"HostKey {second}")
    kind, key = public(second)
    sshd.known_hosts.write_text(f"[{ADDRESS}]:{sshd.port} {kind} {key}\n")
    with connect(sshd.host(), sshd.options()) as transport:
        assert transport.run("echo in").stdout == b"in\n"


def test_the_arguments_of_the_inventory_decide_like_those_of_ssh(sshd: Sshd, tmp_path: Path) -> None:
    empty = sshd.options(known_hosts=tmp_path / "workspace")
    with connect(sshd.host("web01", "-o", f"UserKnownHostsFile={sshd.known_hosts}"), empty):
        pass
    lax = ("-o", "StrictHostKeyChecking=no")
    with connect(sshd.host("web01", *lax, "-o", "UserKnownHostsFile=/dev/null"), empty):
        pass
    assert not (tmp_path / "workspace").exists(), "/dev/null says that keys shall not be remembered"
    with connect(sshd.host("web01", *lax), empty):
        pass
    assert (tmp_path / "workspace").exists()
