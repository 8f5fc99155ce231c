"""A scan writes nothing on a host: its files and what its kernel holds are compared before and after, for real.

A login itself writes: the SSH server and PAM keep records of it, and the estate's hosts log them. Which files those are
is listed here by name, and it is shown that a login that does nothing changes such files, and that a scan changes only
those.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from inventory.ansible.inventory_file import read_hosts
from inventory.depth import Depth
from inventory.host import Host
from inventory.limits import Limits
from inventory.observation import Gap, Unknown
from inventory.scan.collect_host import CollectionRequest, collect_host
from inventory.sections.software.packages import rpm_invocation
from inventory.store.scan_records import Outcome
from inventory.store.snapshot_building import build_snapshot
from inventory.transports import ConnectOptions, connect
from tests.estate import Estate
from tests.estate.running_host import RunningHost

pytestmark = [
    pytest.mark.estate,
    pytest.mark.timeout(900),
    pytest.mark.skipif(os.geteuid() != 0, reason="the estate needs root"),
]

NAME = "small01-093"
WITH_RPM = "bdb01-094"  # clones of one number have one address, whatever they are clones of

LOGIN = re.compile(
    r"/var/log/(lastlog|wtmp|btmp|auth\.log|syslog|messages|journal(/.*)?)"  # sshd, PAM, rsyslog and journald
    r"|/var/lib/(lastlog|wtmpdb)(/.*)?"  # where Debian 13 keeps them
    r"|/run/(utmp|user(/.*)?|systemd/(sessions|users|units|transient)(/.*)?)"  # who is logged in
    r"|/run/sudo(/.*)?|/var/lib/sudo(/.*)?"  # sudo: that a lecture was given, and when it last asked
    r"|/run|/run/motd\.dynamic(\.new)?"  # PAM's message of the day
    r"|/run/runlevel"  # System V init writes it anew whenever an orphan has ended
)
"""All that a login, sudo or an orphan may change. Nothing of it is ours."""

# Size, times of content and of inode, mode, owner and name of every file of local file systems; not when it was read.
_FILES = r"""
kernels='^(proc|sysfs|cgroup2?|devpts|debugfs|tracefs|securityfs|bpf|mqueue|pstore)$'
for place in $(awk -v kernels="$kernels" '$3 !~ kernels {print $2}' /proc/mounts | sort -u); do
  find "$place" -xdev -printf '%s %T@ %C@ %m %U:%G %i %p\0'
done
"""
# What a kernel holds that a command could leave behind. Processes by name and parent: the login of this question has
# other numbers each time, and is left out.
_KERNEL = r"""
echo modules; cut -d' ' -f1 /proc/modules 2>/dev/null | sort
echo mounts; cat /proc/mounts
echo listeners; awk '$4 == "0A" || FILENAME ~ /udp/ {print FILENAME, $2}' /proc/net/tcp /proc/net/tcp6 /proc/net/udp*
echo ipc; cat /proc/sysvipc/shm /proc/sysvipc/msg /proc/sysvipc/sem
echo swaps; cat /proc/swaps
"""
_PROCESSES = r"""
for stat in /proc/[0-9]*/stat; do read -r line 2>/dev/null <$stat && echo "$line"; done
"""


@dataclass(frozen=True)
class State:
    """What a host is like: its files by path, and what its kernel holds."""

    files: dict[str, str]
    kernel: str
    processes: frozenset[tuple[int, str]]

    def differs_in(self, other: State) -> set[str]:
        """Paths of files that are new, gone or not the same."""
        paths = self.files.keys() | other.files.keys()
        return {path for path in paths if self.files.get(path) != other.files.get(path)}


def state(host: RunningHost) -> State:
    """Looked at from outside, without a login."""
    rows = host.run("sh", "-c", _FILES, check=False).split("\0")
    files = {row.split(" ", 6)[6]: row for row in rows if row.count(" ") >= 6}
    assert len(files) > 4000
    stats = host.run("sh", "-c", _PROCESSES, check=False).splitlines()
    processes = {(int(line.split(" ", 1)[0]), line[line.index("(") : line.rindex(")") + 1]) for line in stats}
    # Those that look: nsenter's child, sh.
    return State(files, host.run("sh", "-c", _KERNEL), frozenset(each for each in processes if each[1] != "(sh)"))


def undisturbed(name: str) -> Iterator[tuple[RunningHost, Host]]:
    """A host of our own, so that nobody else changes it, without cron, whose jobs would."""
    with Estate.running([name]) as estate:
        machine = estate.host(name)
        machine.run("sh", "-c", "service cron stop >/dev/null 2>&1; sync")
        (host,) = read_hosts(Path(estate.hosts_ini), limit=name)
        with connect(host) as transport:
            transport.run("true")
        wait_for_logs(machine)
        yield machine, host


def wait_for_logs(machine: RunningHost) -> None:
    """rsyslog makes its files with the first line of each, some time after the host began or somebody logged in."""
    before, since = "", time.monotonic()
    while time.monotonic() - since < 3:
        now = machine.run("ls", "/var/log")
        if now != before:
            before, since = now, time.monotonic()
        time.sleep(0.2)


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[RunningHost, Host]]:
    yield from undisturbed(NAME)


@pytest.fixture(scope="module")
def with_rpm() -> Iterator[tuple[RunningHost, Host]]:
    yield from undisturbed(WITH_RPM)


def settled(machine: RunningHost) -> State:
    """Once the processes of the last login are gone."""
    for _ in range(50):
        now = state(machine)
        if not any("sshd: " in name for _, name in now.processes) and now.processes == state(machine).processes:
            return now
    return state(machine)


def test_a_login_changes_what_is_listed_and_nothing_else(running: tuple[RunningHost, Host]) -> None:
    machine, host = running
    before = settled(machine)
    with connect(host) as transport:
        assert transport.run("true; (sleep 0.1 >/dev/null 2>&1 </dev/null &)").exit_status == 0
    after = settled(machine)
    changed = after.differs_in(before)
    assert {path for path in changed if not LOGIN.fullmatch(path)} == set()
    assert changed, "if nothing changes the list is not needed"


@pytest.mark.parametrize("depth", list(Depth))
@pytest.mark.parametrize("user", ["root", "legacy", "ops with sudo", "ops with single commands"])
def test_a_scan_changes_nothing(running: tuple[RunningHost, Host], depth: Depth, user: str) -> None:
    machine, host = running
    name, _, how = user.partition(" ")
    host = replace(host, user=name, become=how == "with sudo")
    limits = Limits(escalate="sudo -n" if how == "with single commands" else "")
    before = settled(machine)
    result = collect_host(host, CollectionRequest(ConnectOptions(), b"k" * 32, depth=depth, limits=limits)).result
    assert (result.outcome, result.reason) == (Outcome.ANSWERED, "")
    after = settled(machine)
    assert {path for path in after.differs_in(before) if not LOGIN.fullmatch(path)} == set()
    assert after.kernel == before.kernel
    assert after.processes - before.processes == set(), "a process was left behind"


RPM_ENVIRONMENT = ("/var/lib/rpm/.dbenv.lock", *(f"/var/lib/rpm/__db.00{number}" for number in (1, 2, 3)))
WAYS = ("/usr/bin/setpriv", "/usr/sbin/chroot", "/usr/bin/perl")
"""In the order in which a scan tries them to ask rpm as somebody who cannot write."""


def rpm_database(machine: RunningHost) -> dict[str, str]:
    """Hashes by path: what is written through a mapping changes no time of a file that is kept in memory."""
    rows = machine.run("sh", "-c", "find /var/lib/rpm -type f -exec sha256sum {} +").splitlines()
    return {path: digest for digest, _, path in (row.partition("  ") for row in rows)}


def test_root_who_asks_rpm_writes(with_rpm: tuple[RunningHost, Host]) -> None:
    """Or the tests below would prove nothing: where the environment is missing and where it is there."""
    machine, _ = with_rpm
    machine.run("rm", "-f", *RPM_ENVIRONMENT)
    before, files = state(machine), rpm_database(machine)
    assert machine.run("rpm", "-qa").startswith("stock-agent-2.4.1")
    assert {*RPM_ENVIRONMENT} <= state(machine).differs_in(before)
    assert rpm_database(machine).keys() - files.keys() == {*RPM_ENVIRONMENT}
    files = rpm_database(machine)

    def written() -> bool:
        machine.run("rpm", "-qa")
        return files != rpm_database(machine)

    # Once may leave the same bytes: what is counted there depends on who ran before, and under which number.
    assert any(written() for _ in range(10))


@pytest.mark.parametrize("environment", ["kept", "missing"])
@pytest.mark.parametrize(("user", "without"), [("root", 0), ("root", 1), ("root", 2), ("root", 3), ("legacy", 0)])
def test_a_scan_asks_rpm_without_writing(
    with_rpm: tuple[RunningHost, Host], user: str, without: int, environment: str
) -> None:
    """By each of the ways, the ones before it being away; without any of them it says so and asks nothing."""
    machine, host = with_rpm
    if environment == "kept":
        machine.run("rpm", "-qa")
    else:
        machine.run("rm", "-f", *RPM_ENVIRONMENT)
    machine.run("sh", "-c", 'for way; do mv "$way" "$way.away"; done', "sh", *WAYS[:without])
    try:
        before, files = settled(machine), rpm_database(machine)
        question = CollectionRequest(ConnectOptions(), b"k" * 32, depth=Depth.DEEP)
        result = collect_host(replace(host, user=user), question).result
        after = settled(machine)
    finally:
        machine.run("sh", "-c", 'for way; do mv "$way.away" "$way"; done', "sh", *WAYS[:without])

    assert (result.outcome, result.reason) == (Outcome.ANSWERED, "")
    assert {path for path in after.differs_in(before) if not LOGIN.fullmatch(path)} == set()
    assert rpm_database(machine) == files
    seen = build_snapshot(result, result.recording, Depth.DEEP).observations
    if user == "root" and without == len(WAYS):
        assert seen["packages"].gaps[0] == Gap("packages", rpm_invocation.NO_WAY)
        assert seen["changed_files"] == Unknown(rpm_invocation.NO_WAY)
        return
    assert [package.name for package in seen["packages"].value.packages] == ["stock-agent"]
    assert "/opt/stock/agent" not in {file.path for file in seen["unmanaged_files"].value.files}
    changed = {file.path: file.differences for file in seen["changed_files"].value.files}
    assert changed.pop("/opt/stock/closed/list", None) == (("content",) if user == "root" and not without else None)
    assert changed == {"/etc/stock/agent.conf": ("content",)}
    denied = {gap.reason for gap in seen["changed_files"].gaps}
    assert (rpm_invocation.WITHOUT_CAPABILITY in denied) == (user == "root" and without > 0)


def test_a_file_that_is_written_would_be_seen(running: tuple[RunningHost, Host]) -> None:
    """Or the tests above would prove nothing."""
    machine, _ = running
    before = state(machine)
    machine.run("sh", "-c", "echo x >/tmp/left; touch -r /etc/hostname /etc/passwd")
    after = state(machine)
    assert {"/tmp/left", "/etc/passwd"} <= after.differs_in(before)
    machine.run("rm", "/tmp/left")
