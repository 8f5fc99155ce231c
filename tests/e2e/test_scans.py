"""Who scans decides what is seen, and a scan says so; what it sees, another witness sees too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from inventory.history.stable_snapshot import RANDOM_PORTS
from tests.e2e.command import Done, assess
from tests.estate import Estate

pytestmark = [pytest.mark.estate, pytest.mark.timeout(600)]

HOSTS = ("web01", "db01", "app01")


def scan_as(estate: Estate, tmp_path: Path, login: str) -> dict[str, Any]:
    """A scan of the estate with another line of ``ansible_user`` and what follows."""
    inventory = tmp_path / "hosts.ini"
    inventory.write_text(estate.hosts_ini.read_text().replace("ansible_user=root", f"ansible_user={login}"))
    done = assess(tmp_path / "workspace", "scan", str(inventory), "--limit", ",".join(HOSTS), "--json")
    assert done.status == 0, done.errors
    return done.document


def shape(document: dict[str, Any]) -> dict[str, Any]:
    """What a workload is, without what changes from minute to minute."""
    return {
        row["id"]: (
            row["kind"],
            row["verdict"],
            row["score"],
            # What cron runs comes and goes.
            sorted({process["executable"] for process in row["processes"] if row["kind"] == "service"}, key=str),
            sorted((each["protocol"], each["address"], each["port"]) for each in row["listeners"]),
            sorted(each["path"] for each in row["data"]),
            sorted(row["packages"]),
            sorted(row["configuration"]),
        )
        for row in document["workloads"]
        if row["host"] in HOSTS
    }


def test_an_account_with_sudo_sees_what_root_sees(scan: Done, estate: Estate, tmp_path: Path) -> None:
    document = scan_as(estate, tmp_path, "ops ansible_become=true")
    assert {(host["status"], host["user"], host["privileged"]) for host in document["hosts"]} == {
        ("complete", "ops", True)
    }
    assert shape(document) == shape(scan.document)


@pytest.fixture(scope="module")
def ordinary(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A scan by an account without sudo."""
    return scan_as(estate, tmp_path_factory.mktemp("ordinary"), "legacy")


def test_an_ordinary_account_finds_the_same_workloads_by_their_ports(ordinary: dict[str, Any], scan: Done) -> None:
    """Command lines, accounts and listening ports are for everybody to see; whose port it is, is not."""
    mine, all_ = shape(ordinary), shape(scan.document)
    assert set(mine) == set(all_)
    ports = {(row["host"], row["port"]) for row in ordinary["port_plan"]}
    assert {("web01", 80), ("db01", 3306), ("app01", 80), ("app01", 8080)} <= ports


def test_an_ordinary_account_says_what_it_could_not_see(ordinary: dict[str, Any]) -> None:
    assert len(ordinary["hosts"]) >= 3
    for host in ordinary["hosts"]:
        assert (host["status"], host["user"], host["privileged"]) == ("partial", "legacy", False)
        assert "scan with become" in host["reason"]
        incomplete = {name for name, each in host["sections"].items() if each["gaps"]}
        assert {"processes", "libraries", "open_files", "executables", "configuration", "cron"} <= incomplete
        assert all(gap["what"] and gap["reason"] for each in host["sections"].values() for gap in each["gaps"])


def test_what_an_ordinary_account_cannot_tell_is_unknown_and_never_ready(ordinary: dict[str, Any]) -> None:
    services = [row for row in ordinary["workloads"] if row["kind"] == "service"]
    assert services
    for row in services:
        assert row["verdict"] == "unknown"
        assert row["confidence"] < 0.5
        assert "could be decided" in row["reasons"][0]
    undecided = {(row["workload"], row["name"]) for row in ordinary["undetermined"]}
    assert ("web01/apache2", "state-outside-volumes") in undecided or ("web01/apache2", "kernel-too-old") in undecided
    assert not [row for row in ordinary["undetermined"] if row["failed"]]


@dataclass(frozen=True)
class Seen:
    """This machine by psutil. Processes by pid and start; kernel threads are left out."""

    processes: dict[tuple[int, float], tuple[str, int, str]]
    listeners: set[tuple[str, int]]


def witness() -> Seen:
    """What psutil sees. Whoever is logged in over SSH is no service, so who runs below its server is left out."""
    servers = {each.pid for each in psutil.process_iter(["name"]) if each.info["name"] in ("sshd", "sshd-session")}
    processes = {}
    for each in psutil.process_iter(["pid", "ppid", "name", "uids", "exe", "create_time", "status"]):
        found = each.info
        if 2 in (found["pid"], found["ppid"]) or found["status"] == psutil.STATUS_ZOMBIE:
            continue
        if servers & {parent.pid for parent in _parents(each)}:
            continue
        # The kernel keeps 15 characters of a name; psutil looks the rest up.
        values = (found["name"][:15], found["uids"].effective, found["exe"] or "")
        processes[found["pid"], found["create_time"]] = values
    sockets = psutil.net_connections("tcp")
    return Seen(processes, {tuple(each.laddr) for each in sockets if each.status == psutil.CONN_LISTEN})


def _parents(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.parents())
    except psutil.Error:
        return []


def test_a_scan_of_this_machine_sees_what_psutil_sees(tmp_path: Path) -> None:
    """Without SSH, by the same probe. What began or ended meanwhile is left out of the comparison."""
    inventory = tmp_path / "hosts.ini"
    inventory.write_text("here ansible_connection=local\n")
    before = witness()
    done = assess(tmp_path / "workspace", "scan", str(inventory), "--json")
    after = witness()
    assert done.status == 0, done.errors
    (host,) = done.document["hosts"]
    assert (host["name"], host["platform"], host["privileged"]) == ("here", "posix", True)

    stable = before.processes.keys() & after.processes.keys()
    expected = {pid: after.processes[pid, start] for pid, start in stable}
    facts = assess(tmp_path / "workspace", "show", "here", "processes", "--json").document
    found = {
        each["pid"]: (each["name"], each["uid"], each["executable"] or "")
        for each in facts["sections"]["processes"]["facts"]
    }
    of_workloads = {each["pid"] for row in done.document["workloads"] for each in row["processes"]}
    assert of_workloads and of_workloads <= found.keys()
    assert {pid: found.get(pid) for pid in expected if found.get(pid) != expected[pid]} == {}
    assert of_workloads - {pid for pid, _ in before.processes | after.processes} <= {
        pid for pid in of_workloads if not psutil.pid_exists(pid)
    }

    ports = {(row["address"], row["port"]) for row in done.document["port_plan"] if row["protocol"] == "tcp"}
    # A port that the kernel gave to a child, as for FTP's data, is gone in the next moment.
    lasting = {(address, port) for address, port in before.listeners & after.listeners if port not in RANDOM_PORTS}
    assert lasting <= ports <= before.listeners | after.listeners
