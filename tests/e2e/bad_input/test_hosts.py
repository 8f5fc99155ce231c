"""Hosts that refuse, hang, lie, or show what nobody asked for."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.bad_input.command import Told, told
from tests.e2e.bad_input.conftest import NAME, TITLE, entry
from tests.estate import Estate
from tests.estate.bad_hosts import refusing_host, silent_host
from tests.estate.running_host import RunningHost

pytestmark = pytest.mark.estate

IMAGE = "<img src=x onerror=alert(1)>"
"""What a process of app01 calls itself."""


@pytest.fixture(scope="module")
def app01() -> Iterator[RunningHost]:
    with Estate.running(["app01"]) as estate:
        yield estate.host("app01")


@pytest.fixture(scope="module")
def folder(small: RunningHost, app01: RunningHost, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """hosts.ini with everything that can be wrong with a host, next to two hosts that are well."""
    folder = tmp_path_factory.mktemp("hosts")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "stranger")], check=True)
    address = f"[{small.recipe.loopback}]:{small.recipe.ssh_port}"
    kind, key = (folder / "stranger.pub").read_text().split()[:2]
    (folder / "other_keys").write_text(f"{address} {kind} {key}\n")
    with silent_host() as silent, refusing_host() as refusing:
        lines = [
            entry(small, "well"),
            f"silent ansible_host={silent[0]} ansible_port={silent[1]} ansible_user=root\n",
            f"refusing ansible_host={refusing[0]} ansible_port={refusing[1]} ansible_user=root\n",
            "nameless ansible_host=nowhere.invalid ansible_user=root\n",
            entry(small, "stranger", ansible_ssh_private_key_file=folder / "stranger"),
            entry(small, "keyless", ansible_ssh_private_key_file="/nowhere/key"),
            entry(small, "nobody", ansible_user="nobody-there"),
            entry(small, "changed", ansible_ssh_common_args=_arguments(folder / "other_keys")),
            entry(small, "unknown", ansible_ssh_common_args=_arguments(Path("/dev/null"))),
            entry(small, "password", ansible_user="legacy", ansible_become="true"),
            entry(small, "ordinary", ansible_user="legacy"),
            entry(app01, "noisy", ansible_user="noisy"),
            entry(app01, "app01"),
        ]
        (folder / "hosts.ini").write_text("".join(lines))
        yield folder


def _arguments(known_hosts: Path) -> str:
    return f"'-F none -o UserKnownHostsFile={known_hosts} -o GlobalKnownHostsFile=/dev/null'"


@pytest.fixture(scope="module")
def scanned(folder: Path) -> Told:
    """``assess scan --json`` of them all."""
    return told(folder / "workspace", "scan", folder / "hosts.ini", "--connect-timeout", 2, "--json")


@pytest.fixture(scope="module")
def hosts(scanned: Told) -> dict[str, Any]:
    assert scanned.status == 1, "some host could not be asked, and that stops no other"
    assert scanned.errors == ""
    return {host["name"]: host for host in scanned.document["hosts"]}


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("silent", r"accepts the connection and then sends nothing for 2 s; check its SSH server"),
        ("refusing", r"rejects connections: no SSH server listens there; is the port right\?"),
        ("nameless", r"the name 'nowhere.invalid' of nameless has no address; correct ansible_host"),
        ("stranger", r"denied the login of root: .*correct ansible_user or ansible_ssh_private_key_file"),
        ("keyless", r"the key file /nowhere/key does not exist; correct ansible_ssh_private_key_file"),
        ("nobody", r"denied the login of nobody-there: "),
        (
            "changed",
            r"has changed: it shows .* SHA256:\S+, but \S+/other_keys:1 has .*remove the old key with ssh-keygen",
        ),
        ("unknown", r"is not known: it shows .* SHA256:\S+; if that is right, accept it with assess scan --accept-new"),
        ("password", r"sudo on password needs a password; give ansible_become_password \(encrypt it with vault\)"),
    ],
)
def test_a_host_that_cannot_be_asked_says_why_and_what_to_do(hosts: dict[str, Any], name: str, sentence: str) -> None:
    assert hosts[name]["status"] == "unreachable"
    assert re.search(sentence, hosts[name]["reason"]), hosts[name]["reason"]


def test_noise_and_a_lack_of_rights_leave_a_host_partly_read(hosts: dict[str, Any]) -> None:
    for name in ("well", "app01"):
        assert (hosts[name]["status"], hosts[name]["reason"]) == ("complete", None)
    for name, user in (("ordinary", "legacy"), ("noisy", "noisy")):
        assert (hosts[name]["status"], hosts[name]["privileged"], hosts[name]["user"]) == ("partial", False, user)
        assert "permission denied; scan with become" in hosts[name]["reason"]
        assert hosts[name]["sections"]["processes"]["status"] == "found", "the noise of a login is in no section"


def test_everything_is_in_the_summary_and_in_the_report(folder: Path, scanned: Told, hosts: dict[str, Any]) -> None:
    page = Path(scanned.document["report"]).read_text("utf-8")
    for host in hosts.values():
        assert host["name"] in page
    told_again = told(
        folder / "words", "scan", folder / "hosts.ini", "--connect-timeout", 1,
        "--limit", "changed,small*,refusing,app01",
        COLUMNS="400",
    )  # fmt: skip
    assert told_again.status == 1
    for name in ("changed", "refusing"):
        line = next(line for line in told_again.output.splitlines() if line.startswith(name))
        assert "Not reached" in line
        assert "more characters" not in line, "what to do is not cut off"
    assert "remove the old key with ssh-keygen -f" in told_again.output
    assert "app01/label-printer" in told_again.output


def test_a_scan_of_which_nothing_came_is_another_status_and_one_that_saw_less_is_not(folder: Path) -> None:
    arguments = ("scan", folder / "hosts.ini", "--connect-timeout", 1, "--limit")
    nothing = told(folder / "nothing", *arguments, "refusing,nameless")
    assert (nothing.status, "No host could be reached." in nothing.output) == (3, True)
    less = told(folder / "less", *arguments, "ordinary")
    assert (less.status, "Partly read" in less.output) == (0, True)


def test_a_host_key_that_was_accepted_once_is_known_from_then_on(folder: Path) -> None:
    arguments = ("scan", folder / "hosts.ini", "--limit", "unknown", "--json")
    assert told(folder / "keys", *arguments).status == 3
    assert told(folder / "keys", *arguments, "--accept-new-host-keys").status == 0
    assert told(folder / "keys", *arguments).status == 0
    shutil.copy(folder / "other_keys", folder / "keys" / "known_hosts")
    changed = told(folder / "keys", *arguments, "--accept-new-host-keys")
    assert (changed.status, "has changed" in changed.document["hosts"][0]["reason"]) == (3, True)


def test_a_process_may_call_itself_what_it_likes(folder: Path, scanned: Told) -> None:
    names = {process["command"] for workload in scanned.document["workloads"] for process in workload["processes"]}
    assert {IMAGE, TITLE} <= names, "for programs it is exactly what it was"
    page = Path(scanned.document["report"]).read_text("utf-8")
    for hostile in ("<img", "<b onload", "\x1b", "\x07"):
        assert hostile not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    # A terminal gets no sequence of a host either: told() looks at every character.
    loud = told(folder / "loud", "scan", folder / "hosts.ini", "--limit", "well", COLUMNS="200")
    assert loud.status == 0
    assert "well/ticker" in loud.output


def test_the_host_was_not_changed_by_all_that(small: RunningHost) -> None:
    assert small.name == NAME
    assert small.run("sh", "-c", "find / -xdev -newer /run/loud.pid -type f -path '*assess*' 2>/dev/null") == ""
