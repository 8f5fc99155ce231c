"""A whole scan of live hosts beside independent witnesses: ps, ss, lsof, dpkg-query, getent, psutil, Ansible's facts.

Hosts live on while they are looked at, so each witness looks before and after. What both looks have must be among our
facts, and our facts must be among those of one of them. Nothing else is forgiven but what a rule here names.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from inventory.ansible.inventory_file import read_hosts
from inventory.model.processes import Process
from inventory.observation import Found, Observation
from inventory.scan.collect_host import CollectionRequest, collect_host
from inventory.snapshot import Snapshot
from inventory.store.scan_records import Outcome
from inventory.store.snapshot_building import build_snapshot
from inventory.transports import ConnectOptions
from tests.estate import Estate
from tests.estate.running_host import RunningHost

pytestmark = [
    pytest.mark.estate,
    pytest.mark.timeout(900),
    pytest.mark.skipif(os.geteuid() != 0, reason="the estate needs root"),
]

RSS = 16 << 20
"""Bytes by which the memory of a process may differ: the kernel counts it in batches for each thread."""

LOGINS = re.compile(r"sshd|sshd-session|sh|bash|ps|ss|lsof|awk|cut|getent|dpkg-query|nice|sleep|\(sd-pam\)|systemd")
"""Our own login, which the probe leaves out, and the witnesses themselves."""

WITNESSES = {
    "uptime": "cut -d' ' -f1 /proc/uptime",
    "ps": "ps -ww -eo pid=,ppid=,ruid=,rss=,nlwp=,comm=",
    "arguments": "ps -ww -eo pid=,args=",
    "connections": "ss -Htn state established",
    "listeners": "ss -Htuln",
    "open files": "lsof -nP -F pf",
    "packages": r"dpkg-query -W -f '${Package}\t${Version}\t${Architecture}\t${db:Status-Abbrev}\n'",
    "users": "cat /etc/passwd",
    "memory": "grep MemTotal: /proc/meminfo",
    "processors": "nproc --all; nproc",
    "kernel": "uname -r; uname -m; uname -n",
}


@dataclass(frozen=True)
class Seen:
    """A host as we see it, and as the witnesses of each kind saw it before and after."""

    machine: RunningHost
    inventory: Path
    snapshot: Snapshot
    before: dict[str, list[str]]
    after: dict[str, list[str]]

    def both(self, witness: str) -> tuple[list[str], list[str]]:
        """The lines of both looks; the test is skipped where the host has not got the tool."""
        tool = WITNESSES[witness].split()[0]
        if self.before[witness] == ["missing"]:
            pytest.skip(f"no {tool} on {self.machine.name}")
        return self.before[witness], self.after[witness]


def look(machine: RunningHost) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    for name, command in WITNESSES.items():
        script = f"PATH=/usr/sbin:/sbin:$PATH; type {command.split()[0]} >/dev/null 2>&1 || {{ echo missing; exit; }}"
        said[name] = machine.run("sh", "-c", f"{script}; {command} 2>/dev/null", check=False).splitlines()
    return said


@pytest.fixture(scope="module", params=["web01", "db01", "vm01"])
def seen(request: pytest.FixtureRequest) -> Iterator[Seen]:
    with Estate.running([request.param]) as estate:
        machine = estate.host(request.param)
        (host,) = read_hosts(Path(estate.hosts_ini), limit=request.param)
        before = look(machine)
        result = collect_host(host, CollectionRequest(ConnectOptions(), b"k" * 32)).result
        after = look(machine)
        assert (result.outcome, result.reason) == (Outcome.ANSWERED, "")
        yield Seen(machine, Path(estate.hosts_ini), build_snapshot(result, result.recording), before, after)


def value(observation: Observation[Any]) -> Any:
    assert isinstance(observation, Found), observation
    return observation.value


def processes(seen: Seen) -> dict[int, Process]:
    return {process.pid: process for process in value(seen.snapshot.processes)}


def rows(lines: list[str]) -> dict[int, tuple[int, int, int, int, str]]:
    """PID → parent, user, KiB, threads, name."""
    found = {}
    for line in lines:
        pid, ppid, uid, rss, threads, name = line.split(None, 5)
        found[int(pid)] = (int(ppid), int(uid), int(rss), int(threads), name)
    return found


def test_processes_as_ps_says(seen: Seen) -> None:
    before, after = map(rows, seen.both("ps"))
    ours = processes(seen)
    stayed = {pid for pid in before.keys() & after.keys() if before[pid][4] == after[pid][4]}
    missing = {before[pid][4] for pid in stayed - ours.keys()}
    assert all(LOGINS.fullmatch(name) for name in missing), missing
    # A scan of an emulated machine takes a while, and its timers go on: what neither look saw began after the first.
    more = {process.name: process for pid, process in ours.items() if pid not in before.keys() | after.keys()}
    began = float(seen.before["uptime"][0]) - 1
    assert {name for name, process in more.items() if process.start_seconds < began} == set()
    if seen.machine.recipe.machine == "namespaces":
        assert all(LOGINS.fullmatch(name) or ours_is_worker(name) for name in more), more.keys()
    compared = stayed & ours.keys()
    assert len(compared) > 5
    for pid in compared:
        process, (ppid, uid, rss, threads, name) = ours[pid], after[pid]
        # It may have lost its parent before the second look, or after it.
        assert process.ppid in (before[pid][0], ppid), name
        assert process.uid == uid, name
        assert steady(process.name) == steady(name)
        assert process.threads == threads or before[pid][3] != threads, name
        assert min(before[pid][2], rss) * 1024 - RSS <= process.rss_bytes <= max(before[pid][2], rss) * 1024 + RSS, name


def steady(name: str) -> str:
    """A worker of the kernel is called after what it works on (kworker/u4:0+flush-254:0) or worked on last
    (kworker/u4:0-flush-254:0), see wq_worker_comm of the kernel; what stays is before the sign.
    """
    return re.split("[-+]", name)[0] if name.startswith("kworker/") else name


def ours_is_worker(name: str) -> bool:
    """Threads of the kernel come and go by themselves."""
    return name.startswith(("kworker/", "ksoftirqd/", "migration/"))


def test_arguments_as_ps_says(seen: Seen) -> None:
    """Of processes that kept them; ps shows a control character as ``?`` and those of a kernel thread as its name."""
    looks = [dict(line.split(None, 1) for line in lines if " " in line.strip()) for lines in seen.both("arguments")]
    compared = 0
    for pid, process in processes(seen).items():
        said = looks[0].get(str(pid))
        if said is None or said != looks[1].get(str(pid)) or process.kernel or "redacted" in repr(process.arguments):
            continue
        compared += 1
        ours = " ".join(process.arguments).strip()
        assert ours == said.strip() or not process.arguments, process.name
    assert compared > 5


def ends(lines: list[str]) -> set[tuple[str, str]]:
    return {(words[-2], words[-1]) for words in map(str.split, lines) if len(words) >= 2}


def shown(address: str, port: int) -> str:
    """As ss writes it."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def test_connections_as_ss_says(seen: Seen) -> None:
    before, after = map(ends, seen.both("connections"))
    ours = {
        (shown(one.local_address, one.local_port), shown(one.remote_address, one.remote_port))
        for one in value(seen.snapshot.sockets).connections
        if one.protocol.startswith("tcp") and one.state.upper() == "ESTABLISHED"
    }
    assert before & after <= ours
    # The connection over which we asked began after the first look and ended before the second.
    assert {local.rpartition(":")[2] for local, _ in ours - before - after} <= {"22"}


def test_listeners_as_ss_says(seen: Seen) -> None:
    before, after = (
        {(row[0], int(row[4].rpartition(":")[2])) for row in map(str.split, lines)} for lines in seen.both("listeners")
    )
    ours = {
        (one.protocol.removesuffix("6"), one.port)
        for one in value(seen.snapshot.sockets).listeners
        if not one.protocol.startswith("raw")
    }
    assert before & after <= ours <= before | after


def descriptors(lines: list[str]) -> set[tuple[int, int]]:
    """What ``lsof -F pf`` says: ``p`` begins a process, ``f`` a descriptor; those with a number are open files."""
    found, pid = set(), 0
    for line in lines:
        if line.startswith("p"):
            pid = int(line[1:])
        elif line.startswith("f") and line[1:].isdigit():
            found.add((pid, int(line[1:])))
    return found


def test_open_files_as_lsof_says(seen: Seen) -> None:
    before, after = map(descriptors, seen.both("open files"))
    ours = {(file.pid, file.descriptor) for file in value(seen.snapshot.open_files)}
    known = processes(seen)
    stayed = {(pid, number) for pid, number in before & after if pid in known}
    assert len(stayed) > 20
    assert stayed <= ours
    assert {known[pid].name for pid, _ in ours - before - after if pid in known} <= {"sshd"}, "our own login"


def test_packages_as_dpkg_query_says(seen: Seen) -> None:
    _, lines = seen.both("packages")
    theirs = {tuple(line.split("\t")[:3]) for line in lines if line.split("\t")[3].strip() in ("ii", "hi")}
    ours = {(one.name, one.version, one.architecture) for one in value(seen.snapshot.packages).packages}
    assert ours == theirs


def test_system_as_its_own_tools_say(seen: Seen) -> None:
    system, kernel = value(seen.snapshot.system), value(seen.snapshot.kernel)
    assert system.memory_bytes == int(seen.after["memory"][0].split()[1]) * 1024
    assert str(system.cpus) in seen.after["processors"]
    release, machine, node = seen.after["kernel"]
    assert (kernel.release, system.architecture, system.hostname) == (release, machine, node)
    theirs = {tuple(line.split(":")[index] for index in (0, 2, 3, 5, 6)) for line in seen.after["users"]}
    ours = {
        (user.name, str(user.uid), str(user.gid), user.home, user.shell) for user in value(seen.snapshot.users).users
    }
    assert ours == theirs


def test_processes_as_psutil_says_from_outside(seen: Seen) -> None:
    """Of a host in namespaces this machine sees the same processes, under other numbers."""
    if seen.machine.recipe.machine != "namespaces":
        pytest.skip("a machine of its own cannot be looked into")
    namespace = Path(f"/proc/{seen.machine.pid}/ns/pid").readlink()
    ours, compared = processes(seen), 0
    for theirs in psutil.process_iter():
        try:
            if Path(f"/proc/{theirs.pid}/ns/pid").readlink() != namespace:
                continue
            status = Path(f"/proc/{theirs.pid}/status").read_text("utf-8", "replace")
            process = ours.get(int(re.search(r"(?m)^NSpid:.*\s(\d+)$", status)[1]))  # type: ignore[index]
            if process is None or abs(process.start_seconds + psutil.boot_time() - theirs.create_time()) > 2:
                continue
            uids, name, command = theirs.uids(), theirs.name(), theirs.cmdline()
            exe, cwd, environment = theirs.exe(), theirs.cwd(), theirs.environ()
            memory, threads = theirs.memory_info().rss, theirs.num_threads()
        except (psutil.Error, OSError):
            continue
        compared += 1
        assert (process.uid, process.effective_uid) == (uids.real, uids.effective)
        assert process.name == name or name.startswith(process.name), "psutil completes a name from the arguments"
        assert abs(process.rss_bytes - memory) < RSS
        assert abs(process.threads - threads) <= 2
        if "redacted" not in repr(process.arguments):
            assert " ".join(process.arguments).strip() == " ".join(command).strip()
        # From outside a path is seen from this machine's root.
        assert process.executable is None or exe.endswith(process.executable)
        assert process.working_directory is None or cwd.endswith(process.working_directory)
        assert process.environment is None or {key for key, _ in process.environment} == set(environment)
    assert compared > 5


@pytest.fixture(scope="module")
def facts(seen: Seen) -> dict[str, Any]:
    """What Ansible gathers."""
    ansible = Path(sys.executable).with_name("ansible")
    said = subprocess.run(
        [str(ansible), "-i", str(seen.inventory), seen.machine.name, "-m", "setup"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_PYTHON_INTERPRETER": "auto_silent"},
    ).stdout
    found = json.loads(said.partition("=>")[2])["ansible_facts"]
    assert isinstance(found, dict)
    return found


def test_the_system_as_ansible_says(seen: Seen, facts: dict[str, Any]) -> None:
    system, kernel = value(seen.snapshot.system), value(seen.snapshot.kernel)
    assert system.distribution.id == facts["ansible_distribution"].lower()
    major = facts["ansible_distribution_major_version"]
    assert system.distribution.version.partition(".")[0] == major
    assert system.distribution.codename == facts["ansible_distribution_release"]
    assert kernel.release == facts["ansible_kernel"]
    assert system.architecture == facts["ansible_architecture"]
    assert system.hostname.partition(".")[0] == facts["ansible_hostname"]
    assert system.memory_bytes >> 20 == facts["ansible_memtotal_mb"]
    assert system.cpus in (facts["ansible_processor_nproc"], facts["ansible_processor_vcpus"])
    assert system.zone_name == facts["ansible_date_time"]["tz"]


def test_the_network_as_ansible_says(seen: Seen, facts: dict[str, Any]) -> None:
    network = value(seen.snapshot.network)
    # Ansible writes the names with underscores, and leaves loopback and link-local addresses out of its lists.
    assert {re.sub("[-:]", "_", one.name) for one in network.interfaces} == {
        re.sub("[-:]", "_", name) for name in facts["ansible_interfaces"]
    }
    ours = {one.address for one in network.addresses if not one.address.startswith("127.")}
    assert ours - {"::1"} == {*facts["ansible_all_ipv4_addresses"], *facts["ansible_all_ipv6_addresses"]}
    default = facts["ansible_default_ipv4"].get("gateway")
    assert [one.gateway for one in network.routes if one.destination == "0.0.0.0/0"] == ([default] if default else [])
    for one in network.interfaces:
        told = facts.get(f"ansible_{one.name}", {})
        assert told.get("mtu") in (one.mtu, None)


def test_mounts_as_ansible_says(seen: Seen, facts: dict[str, Any]) -> None:
    """Ansible tells only those of a device or a server."""
    ours = {(one.target, one.filesystem) for one in value(seen.snapshot.mounts).mounts}
    assert {(one["mount"], one["fstype"]) for one in facts["ansible_mounts"]} <= ours
