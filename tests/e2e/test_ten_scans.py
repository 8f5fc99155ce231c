"""Ten scans of hosts that nobody changes say the same, whatever goes on there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import reduce
from pathlib import Path

import pytest

from tests.e2e.command import assess
from tests.e2e.ten_scans import JOBS, MAIL, MARIADB, POSTGRESQL, at_work, scans, statements
from tests.estate import Estate

# The hosts share the kernel of this machine: what another test does to that (a key, a huge page) is a change to them.
pytestmark = [pytest.mark.estate, pytest.mark.timeout(900), pytest.mark.flaky(reruns=1)]

HOSTS = ("svc01", "db01")


@pytest.fixture(scope="module")
def hosts_ini(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An inventory of the two, with mail, queries and jobs on them."""
    if os.geteuid() != 0:
        pytest.skip("the estate needs root")
    with Estate.running(HOSTS) as estate:
        lines = Estate.hosts_ini.read_text("utf-8").splitlines()
        inventory = tmp_path_factory.mktemp("ten") / "hosts.ini"
        inventory.write_text("".join(f"{line}\n" for line in lines if line.startswith(tuple(f"{h} " for h in HOSTS))))
        work = (("svc01", MAIL), ("svc01", POSTGRESQL), ("svc01", JOBS), ("db01", MARIADB), ("db01", JOBS))
        with at_work([estate.host(host).ssh_argv("root", "sh", "-c", script) for host, script in work]):
            yield inventory


def test_ten_scans_of_unchanged_hosts_say_the_same(hosts_ini: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    said = [statements(each) for each in scans(workspace, hosts_ini, 10)]

    always = reduce(lambda one, other: one & other, said)
    assert {text for each in said for text in each - always} == set()
    assert sum(always.values()) > 200

    for old in ("1", "5"):
        difference = assess(workspace, "diff", "--json", "--target", "debian-13", old, "10").document
        assert (difference["hosts"], difference["verdicts"], difference["findings"]) == ([], [], [])
    everything = assess(workspace, "diff", "--all", "--json", "--target", "debian-13", "1", "10").document
    kinds = {fact["kind"] for host in everything["hosts"] for fact in host["facts"]}
    assert {"process", "connection", "sysctl"} <= kinds
