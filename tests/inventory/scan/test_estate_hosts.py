"""Real legacy hosts: their users, their sudo, their noise."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from inventory.ansible.inventory_file import read_hosts
from inventory.errors import BecomeRefused
from inventory.host import Host
from inventory.observation import Found
from inventory.scan.collect_host import CollectionRequest, collect_host
from inventory.scan.scan_run import ScanOptions, scan_hosts
from inventory.store.scan_records import Outcome
from inventory.store.workspace import Workspace
from inventory.transports import ConnectOptions, connect
from inventory.transports.openssh import OpenSshTransport
from tests.estate import Estate

pytestmark = [
    pytest.mark.estate,
    pytest.mark.timeout(900),
    pytest.mark.skipif(os.geteuid() != 0, reason="the estate needs root"),
]

PASSWORD = "pass w0rd"


@pytest.fixture(scope="module")
def hosts() -> Iterator[dict[str, Host]]:
    with Estate.running(["web01", "db01", "app01"]) as estate:
        names = "web01,db01,app01"
        yield {host.name: host for host in read_hosts(Path(estate.hosts_ini), limit=names)}


@pytest.fixture(scope="module")
def web01(hosts: dict[str, Host]) -> Host:
    return hosts["web01"]


@pytest.fixture(scope="module")
def sudoer(web01: Host) -> Iterator[Host]:
    """web01 with a user ``sudoer`` whose sudo needs a password, and ``ttyer`` whose sudo needs a terminal as well."""
    make = f"""
        for user in sudoer ttyer; do
            useradd -m $user && echo "$user:{PASSWORD}" | chpasswd
            install -d -m 0700 -o $user /home/$user/.ssh
            install -m 0600 -o $user ~root/.ssh/authorized_keys /home/$user/.ssh/authorized_keys
            echo "$user ALL=(ALL) ALL" >> /etc/sudoers.d/assess-test
        done
        echo 'Defaults:ttyer requiretty' >> /etc/sudoers.d/assess-test
    """
    with connect(web01) as transport:
        assert transport.run(make).exit_status == 0
    yield replace(web01, user="sudoer", become=True)
    with connect(web01) as transport:
        # By force: the process of a login that has just ended may still be there. The accounts would be in every image.
        removed = transport.run(
            "rm -f /etc/sudoers.d/assess-test; for u in sudoer ttyer; do userdel -rf $u; done; ls /home"
        )
        assert not {b"sudoer", b"ttyer"} & set(removed.stdout.split())


def test_sudo_without_a_password(web01: Host) -> None:
    with connect(replace(web01, user="ops", become=True)) as transport:
        assert transport.privileged
        assert transport.run("id -u; cat", b"input").stdout == b"0\ninput"


@pytest.mark.parametrize("executable", [None, "ssh"], ids=["our own ssh", "the OpenSSH client"])
def test_sudo_with_a_password(sudoer: Host, executable: str | None) -> None:
    variables = {} if executable is None else {"ansible_ssh_executable": executable}
    host = replace(sudoer, become_password=PASSWORD, variables=variables)
    with connect(host) as transport:
        assert isinstance(transport, OpenSshTransport) == (executable is not None)
        done = transport.run("id -u; cat; echo oops >&2", b"input")
        assert (done.stdout, done.stderr) == (b"0\ninput", b"oops\n")
        seen = transport.run("cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'").stdout
        assert PASSWORD.encode() not in seen


def test_a_terminal_changes_no_byte(sudoer: Host) -> None:
    """sudo with requiretty, and su: neither works without a terminal, and a terminal usually changes what passes it."""
    every_byte = bytes(range(256)) * 400
    for host in (
        replace(sudoer, user="ttyer", become_password=PASSWORD),
        replace(sudoer, user="legacy", become_method="su", become_user="sudoer", become_password=PASSWORD),
        replace(
            sudoer,
            user="legacy",
            become_method="su",
            become_user="sudoer",
            become_password=PASSWORD,
            variables={"ansible_ssh_executable": "ssh"},
        ),
    ):
        with connect(host) as transport:
            done = transport.run("id -un; cat; exit 3", every_byte)
            assert done.stdout == f"{host.become_user}\n".encode() + every_byte
            assert done.exit_status == 3
            with transport.stream("cat /bin/true") as output:
                assert output.read(4) == b"\x7fELF"


def test_the_probe_runs_through_a_terminal(sudoer: Host) -> None:
    host = replace(sudoer, user="ttyer", become_password=PASSWORD)
    result = collect_host(host, CollectionRequest(ConnectOptions(), b"k" * 32)).result
    assert (result.outcome, result.reason, result.privileged) == (Outcome.ANSWERED, "", True)
    assert result.recording is not None
    assert result.recording.missing == {}


def test_a_sudo_that_refuses_is_told(sudoer: Host, web01: Host) -> None:
    for host, sentence in (
        (sudoer, "needs a password"),
        (replace(sudoer, become_password="wrong"), "rejects the password"),
        (replace(web01, user="legacy", become=True), "needs a password"),
        (
            replace(sudoer, user="legacy", become_method="su", become_password="wrong"),
            "su on web01 rejects the password",
        ),
    ):
        with connect(host) as transport, pytest.raises(BecomeRefused, match=sentence):
            transport.run("true")


def test_the_noise_of_a_login_is_told_apart(hosts: dict[str, Host]) -> None:
    with connect(replace(hosts["app01"], user="noisy")) as transport:
        done = transport.run("echo answer")
        assert done.stdout == b"answer\n"
        assert done.noise


def test_the_whole_estate_is_scanned(hosts: dict[str, Host], tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "assessment")
    ordinary = replace(hosts["web01"], name="web01-ordinary", user="legacy")
    noisy = replace(hosts["app01"], name="app01-noisy", user="noisy")
    escalated = replace(hosts["web01"], name="web01-sudo", user="ops", become=True)
    everyone = [*hosts.values(), ordinary, noisy, escalated]
    with workspace.lock(), workspace.store() as store:
        outcome = scan_hosts("/hosts.ini", everyone, workspace, store, ScanOptions(workspace.connect_options()))
        assert {
            result.host: result.reason for result in outcome.results if result.outcome is not Outcome.ANSWERED
        } == {}
        snapshots = {snapshot.host: snapshot for snapshot in store.snapshots(outcome.scan)}
    assert list(snapshots) == [host.name for host in everyone]
    for name in ("web01", "web01-sudo", "db01", "app01"):
        assert snapshots[name].privileged, name
        sockets = snapshots[name].sockets
        assert isinstance(sockets, Found)
        assert not sockets.gaps, name
    assert not snapshots["web01-ordinary"].privileged
    assert snapshots["web01-ordinary"].status == "partial", "an ordinary user does not see everything, and that is said"
    assert isinstance(snapshots["app01-noisy"].processes, Found)
    assert not workspace.logs.exists(), "no bug of ours was met"
