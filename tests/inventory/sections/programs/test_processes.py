"""Processes: everyone's facts as root, honest ignorance as an ordinary user, and nobody's tricks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.model.processes import Process
from inventory.observation import Found, Unknown
from inventory.platforms import Platform
from inventory.recording import Part
from inventory.sections.programs.processes import SECTION, parse, redact, split_arguments
from tests.support import odd_processes
from tests.support.live import REDACTOR, ask, found
from tests.support.recordings import about, answer, hosts_with, recorded, with_part

HOSTS = hosts_with("processes")


def processes(host: str) -> dict[str, Process]:
    """The processes of a recording by name, of each name the first."""
    value = found(SECTION, recorded(host, "processes"))
    return {process.name: process for process in reversed(value)}


@pytest.mark.parametrize("host", HOSTS)
def test_the_host_runs_what_it_is_known_to_run(host: str) -> None:
    names = {name for name, process in processes(host).items() if not process.kernel}

    assert set(about(host)["processes"]) <= names


@pytest.mark.parametrize("host", HOSTS)
def test_the_probe_is_not_among_them(host: str) -> None:
    """Neither its shell nor the tools it uses; what logged it in is."""
    running = found(SECTION, recorded(host, "processes"))
    assert running
    for process in running:
        assert process.name not in {"grep", "xargs", "head", "sed", "find", "sudo"}
        assert process.arguments[:2] != ("/bin/sh", "-s")
        assert process.arguments != ("sleep", "1")  # its watchdog


def test_a_daemon_seen_by_root() -> None:
    """Every field of one process, as the machine itself said."""
    apache = processes("web01")["apache2"]

    assert apache.executable == "/usr/sbin/apache2"
    assert apache.arguments == ("/usr/sbin/apache2", "-k", "start")
    assert dict(apache.environment or ())["APACHE_RUN_USER"] == "www-data"
    assert (apache.working_directory, apache.root) == ("/", "/")
    assert (apache.uid, apache.effective_uid, apache.gid, apache.ppid) == (0, 0, 0, 1)
    assert apache.umask == 0o022
    assert apache.threads == 1
    assert apache.rss_bytes > 10_000_000
    assert apache.peak_rss_bytes >= apache.rss_bytes
    assert apache.cpu_seconds > 0
    assert dict(apache.namespaces).keys() >= {"net", "pid", "mnt", "uts", "ipc"}
    assert ("Max open files", "8192", "8192") in [limit for limit in apache.limits if limit[0] == "Max open files"]
    assert not apache.kernel


def test_a_worker_runs_as_the_user_it_changed_to() -> None:
    workers = [
        process
        for process in found(SECTION, recorded("web01", "processes"))
        if process.name == "apache2" and process.ppid != 1
    ]
    assert workers
    assert {(worker.uid, worker.gid, worker.groups) for worker in workers} == {(33, 33, (33,))}
    assert {worker.capabilities for worker in workers} == {0}


def test_units_come_from_the_cgroup() -> None:
    found_units = {name: process.unit for name, process in processes("vm01").items() if not process.kernel}

    assert found_units["nginx"] == "nginx.service"
    assert found_units["meter-gateway"] == "meter-gateway.service"
    assert found_units["systemd"] in ("init.scope", None)


def test_kernel_threads_are_marked_and_have_no_gaps() -> None:
    observation = parse(recorded("vm01", "processes"))
    assert isinstance(observation, Found)
    threads = [process for process in observation.value if process.kernel]

    assert [thread.name for thread in threads] == ["kthreadd", "rcu_gp", "rcu_par_gp"]
    assert all(thread.arguments == () and thread.executable is None for thread in threads)
    assert observation.gaps == ()


def test_an_ordinary_user_is_told_what_is_missing() -> None:
    observation = parse(recorded("app01-user", "processes"))
    assert isinstance(observation, Found)
    java = processes("app01-user")["java"]

    assert java.executable is None
    assert java.environment is None
    assert java.working_directory is None
    assert java.root is None
    assert java.arguments[0] == "/usr/lib/jvm/default-java/bin/java"
    assert [str(gap.what) for gap in observation.gaps] == [
        "executable of 8 of 8 processes",
        "working directory of 8 of 8 processes",
        "environment of 8 of 8 processes",
    ]
    assert {gap.reason for gap in observation.gaps} == {"permission denied; scan with become"}


def test_with_sudo_for_the_marked_commands_nothing_is_missing() -> None:
    observation = parse(recorded("vm01-sudo", "processes"))
    assert isinstance(observation, Found)

    assert observation.gaps == ()
    assert processes("vm01-sudo")["meter-gateway"].executable == "/usr/bin/python3.9"


def test_a_refused_sudo_is_told_apart_from_none() -> None:
    recording = recorded("app01-user", "processes")
    for name in ("links", "environ", "ns"):
        recording = with_part(recording, Part(name, b"", 1))
    observation = parse(recording)

    assert isinstance(observation, Found)
    assert "the command that asks for it as root failed" in observation.gaps[0].reason


def test_hidden_processes_are_a_gap_for_an_ordinary_user() -> None:
    recording = recorded("app01-user", "processes")
    for options, gaps in ((b"rw,hidepid=2", 4), (b"rw,hidepid=invisible", 4), (b"rw,hidepid=0", 3), (b"rw", 3)):
        mounted = with_part(recording, Part("hidden", b"proc /proc proc %s 0 0\n" % options))
        observation = parse(mounted)
        assert isinstance(observation, Found)
        assert len(observation.gaps) == gaps, options


def test_a_name_is_text_and_nothing_else() -> None:
    """The process of the estate that calls itself a tag, and the one whose name is half a stat line."""
    assert processes("app01-user")["<img src=x oner"].arguments == ("<img src=x onerror=alert(1)>",)
    assert processes("trixie01")[odd_processes.FORGED_NAME].ppid > 1


def test_titles_are_one_argument() -> None:
    nginx = processes("vm01")["nginx"]

    assert nginx.arguments == ("nginx: master process /usr/sbin/nginx -g daemon on; master_process on;",)


def test_odd_processes_of_a_recorded_host() -> None:
    value = found(SECTION, recorded("trixie01", "processes"))
    by_role = {process.arguments[4]: process for process in value if len(process.arguments) > 5}

    assert by_role["argument"].arguments[6] == odd_processes.FORGED_ARGUMENT
    assert by_role["argument"].arguments[7:9] == ("", "--password")
    assert dict(by_role["environment"].environment or ())["MOTTO"] == "two\nlines"
    assert dict(by_role["environment"].environment or ())["EMPTY"] == ""
    assert by_role["empty"].environment == ()
    assert by_role["nice"].nice == 5


def test_secrets_are_gone_and_equal_ones_stay_equal() -> None:
    recording = recorded("trixie01", "processes")
    value = found(SECTION, recording)
    password = next(process.arguments[9] for process in value if "--password" in process.arguments)
    variable = next(
        dict(process.environment)["DB_PASSWORD"]
        for process in value
        if process.environment and "DB_PASSWORD" in dict(process.environment)
    )

    assert odd_processes.SECRET.encode() not in recording.to_text()
    assert password == variable
    assert "redacted" in password


def test_nothing_at_all_is_unknown() -> None:
    assert isinstance(SECTION.observe(answer("processes"), Platform.POSIX), Unknown)


@pytest.mark.parametrize(("digits", "taken"), [(17, True), (18, False), (400, False)])
def test_a_size_that_no_computer_has_is_not_taken(digits: int, taken: bool) -> None:
    recording = recorded("web01", "processes")
    part = recording.part("status")
    assert part is not None
    status = re.sub(rb"(VmRSS:\s+)\d+", rb"\g<1>" + b"9" * digits, part.content)
    assert status != part.content

    observation = SECTION.observe(with_part(recording, Part("status", status)), Platform.POSIX)
    assert isinstance(observation, Found)
    assert any(process.rss_bytes for process in observation.value) == taken
    assert any("where a size is expected" in gap.reason for gap in observation.gaps) == (not taken)


def test_a_process_that_ended_halfway_is_left_out() -> None:
    """Its stat was read, its status was not."""
    recording = recorded("web01", "processes")
    part = recording.part("status")
    assert part is not None
    gone = processes("web01")["cron"].pid
    lines = [line for line in part.content.splitlines(keepends=True) if not line.startswith(b"/proc/%d/" % gone)]
    after = found(SECTION, with_part(recording, Part("status", b"".join(lines))))

    assert gone not in {process.pid for process in after}
    assert len(after) == len(found(SECTION, recording)) - 1


@pytest.mark.parametrize(
    ("content", "arguments"),
    [
        (b"", ()),
        (b"\0", ()),
        (b"a\0", ("a",)),
        (b"a", ("a",)),
        (b"a\0b\0\0", ("a", "b", "")),
        (b"a\0\0b\0", ("a", "", "b")),
        (b"title of it\0\0\0\0", ("title of it",)),
    ],
)
def test_arguments(content: bytes, arguments: tuple[str, ...]) -> None:
    assert split_arguments(content) == arguments


@given(st.lists(st.binary(min_size=1, max_size=8).filter(lambda piece: b"\0" not in piece), min_size=1, max_size=5))
def test_an_argument_vector_comes_back(vector: list[bytes]) -> None:
    content = b"".join(piece + b"\0" for piece in vector)

    assert split_arguments(content) == tuple(piece.decode("utf-8", "surrogateescape") for piece in vector)


def test_live_odd_processes(tmp_path: Path) -> None:
    """Asked while they run: every trick is seen through."""
    with odd_processes.running(tmp_path) as pids:
        recording = ask(SECTION)["processes"]
    by_pid = {process.pid: process for process in found(SECTION, recording)}

    assert by_pid[pids["argument"]].arguments[6] == odd_processes.FORGED_ARGUMENT
    assert dict(by_pid[pids["environment"]].environment or ())["MOTTO"] == "two\nlines"
    assert by_pid[pids["empty"]].environment == ()
    assert by_pid[pids["name"]].name == odd_processes.FORGED_NAME
    assert by_pid[pids["nice"]].nice == min(os.nice(0) + 5, 19)
    assert by_pid[pids["deleted"]].executable == f"{tmp_path}/deleted program"
    assert by_pid[pids["deleted"]].executable_deleted
    assert odd_processes.SECRET.encode() not in recording.to_text()
    assert Counter(process.pid for process in found(SECTION, recording)).most_common(1)[0][1] == 1


def test_redaction_throws_away_what_it_cannot_take_apart() -> None:
    with pytest.raises(ValueError, match="environ:1"):
        redact(answer("processes", environ=b"DB_PASSWORD=secret without a prefix\n"), REDACTOR)


CONFINED = """
import ctypes, mmap, os, sys
libc = ctypes.CDLL(None, use_errno=True)
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
region = mmap.mmap(-1, 64 * 1024)
locked = libc.mlock(ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(region))), ctypes.c_size_t(64 * 1024))
PR_SET_NO_NEW_PRIVS, PR_CAPBSET_DROP, CAP_SYS_BOOT, CLONE_NEWUTS = 38, 24, 22, 0x04000000
if os.geteuid() == 0:
    assert libc.prctl(PR_CAPBSET_DROP, CAP_SYS_BOOT, 0, 0, 0) == 0
    assert libc.unshare(CLONE_NEWUTS) == 0
assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
print(locked, flush=True)
sys.stdin.read()
"""
"""A process that gives up what a hardened service gives up."""


def test_live_a_confined_process() -> None:
    """Affinity, policy, locked memory, privileges given up, and a namespace of its own, as the kernel shows them."""
    with subprocess.Popen([sys.executable, "-c", CONFINED], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        locked = child.stdout.readline()
        value = {process.pid: process for process in found(SECTION, ask(SECTION)["processes"])}
        child.communicate()
    process = value[child.pid]

    assert process.allowed_cpus == str(min(os.sched_getaffinity(0)))
    assert (process.scheduling, process.realtime_priority) == ("batch", 0)
    assert process.no_new_privileges is True
    assert process.memory is not None
    assert process.memory.peak_virtual is not None
    assert process.memory.virtual is not None
    assert process.memory.peak_virtual >= process.memory.virtual > process.rss_bytes
    if locked == b"0\n":
        assert process.memory.locked == 64 * 1024
    if os.geteuid() == 0:
        sets = process.capability_sets
        assert sets is not None
        assert sets.bounding is not None
        assert not sets.bounding & 1 << 22
        assert sets.effective == process.capabilities
        if 1 in value and value[1].namespaces:  # some machines hide those of PID 1 even from root
            assert process.other_namespaces == ("uts",)


def test_a_hardened_service_of_systemd() -> None:
    """udevd and journald are confined by their units on Debian 11; init is not, and shares all with itself."""
    found_here = processes("vm01")

    assert found_here["systemd"].other_namespaces == ()
    assert found_here["meter-gateway"].other_namespaces == ("mnt",)  # PrivateTmp and its like
    assert found_here["systemd-journal"].no_new_privileges is True
    sets = found_here["systemd-journal"].capability_sets
    assert sets is not None
    assert sets.bounding is not None
    assert sets.bounding < (1 << 40)
    assert sets.ambient == 0
    assert found_here["systemd-journal"].seccomp == 2
    assert found_here["nginx"].namespace_pids == (found_here["nginx"].pid,)


def test_sizes_of_memory_are_in_bytes() -> None:
    memory = processes("web01")["apache2"].memory

    assert memory is not None
    assert memory.anonymous is not None
    assert memory.file is not None
    assert memory.shared is not None
    assert memory.anonymous + memory.file + memory.shared == processes("web01")["apache2"].rss_bytes
    assert (memory.locked, memory.swapped, memory.huge_pages) == (0, 0, 0)


def test_a_kernel_thread_has_no_memory_and_no_seccomp() -> None:
    thread = processes("vm01")["kthreadd"]

    assert thread.memory is None
    assert thread.scheduling == "other"


def test_an_old_kernel_says_less_and_that_is_no_zero() -> None:
    """The status of a process under Linux 2.6.18 has no RssAnon, no bounding set and no list of CPUs."""
    recording = recorded("vm01", "processes")
    part = recording.part("status")
    assert part is not None
    younger = (b"Rss", b"VmSwap", b"Huge", b"CapBnd", b"CapAmb", b"NoNew", b"Cpus_", b"Mems_", b"NSpid")
    lines = [line for line in part.content.splitlines(keepends=True) if not line.split(b":")[1].startswith(younger)]
    (nginx, *_) = (
        process
        for process in found(SECTION, with_part(recording, Part("status", b"".join(lines))))
        if process.name == "nginx"
    )

    assert nginx.memory is not None
    assert (nginx.memory.anonymous, nginx.memory.swapped, nginx.memory.huge_pages) == (None, None, None)
    assert nginx.memory.virtual
    assert nginx.capability_sets is not None
    assert (nginx.capability_sets.bounding, nginx.capability_sets.ambient) == (None, None)
    assert (nginx.no_new_privileges, nginx.allowed_cpus, nginx.namespace_pids) == (None, "", ())


def test_an_ordinary_user_cannot_compare_namespaces() -> None:
    assert {process.other_namespaces for process in found(SECTION, recorded("app01-user", "processes"))} == {None}
