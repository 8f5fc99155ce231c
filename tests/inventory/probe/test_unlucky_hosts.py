"""Hosts in a bad state: a clock that is wrong, a disk that is full or may not be written, processes that are hidden."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from inventory.model.system import System
from inventory.observation import Found, Observation, Unknown
from inventory.platforms import Platform
from inventory.probe.framing import read_frames
from inventory.probe.script import compose
from inventory.recording import SectionRecording
from inventory.scan.collect_host import CollectionRequest, collect_host
from inventory.sections.operating_system.system import SECTION as SYSTEM
from inventory.sections.operating_system.users import SECTION as USERS
from inventory.sections.programs.processes import SECTION as PROCESSES
from inventory.snapshot import Snapshot
from inventory.store.scan_records import Outcome
from inventory.store.snapshot_building import build_snapshot
from inventory.transports import connect
from tests.inventory.sshd import Sshd, SshdFactory, make_key
from tests.inventory.transports.accounts import server_with_accounts
from tests.support.live import NONCE
from tests.support.recordings import recorded, with_part

root = pytest.mark.skipif(os.geteuid() != 0 or shutil.which("unshare") is None, reason="makes hosts in a namespace")

NAMESPACES = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--", "/bin/sh", "-c")
HIDING = "mount -t proc -o hidepid=2 proc /proc"
READ_ONLY = "mount -t proc proc /proc; for place in / /etc /tmp /var /dev/shm; do mount -o remount,bind,ro $place; done"
FULL = """mount -t proc proc /proc; mount --bind $keep /mnt
for place in /tmp /var/tmp /root /dev/shm; do
  mount -t tmpfs -o size=4k tmpfs $place; dd if=/dev/zero of=$place/filler bs=4k count=9
done
mkdir -p $keep; mount --bind /mnt $keep"""


def host_in(prepare: str, factory: SshdFactory, keep: Path) -> Callable[..., Sshd]:
    """Starts servers in namespaces of their own, after ``prepare`` ran in them; ``keep`` stays as it is."""

    def start(*lines: str, within: tuple[str, ...] = ()) -> Sshd:
        script = f'keep={keep}; {{ mount --bind $keep $keep; {prepare}\n}} >/dev/null 2>&1; cd /; exec "$@"'
        return factory(*lines, within=(*within, *NAMESPACES, script, "sh"))

    return start


def seen(sshd: Sshd, **changes: object) -> Snapshot:
    """What a scan of the host comes home with."""
    result = collect_host(sshd.host(**changes), CollectionRequest(sshd.options(), b"k" * 32)).result  # type: ignore[arg-type]
    assert (result.outcome, result.reason) == (Outcome.ANSWERED, "")
    return build_snapshot(result, result.recording)


def unknown(snapshot: Snapshot) -> dict[str, str]:
    return {name: each.reason for name, each in snapshot.observations.items() if isinstance(each, Unknown)}


@root
@pytest.mark.live
class TestInNamespaces:
    def test_an_ordinary_user_is_told_that_processes_are_hidden(
        self, sshd_factory: SshdFactory, tmp_path: Path
    ) -> None:
        login = make_key(tmp_path / "login")
        lines = (f"AuthorizedKeysCommand /bin/cat {login}.pub", "AuthorizedKeysCommandUser root")
        start = host_in(HIDING, sshd_factory, tmp_path)
        sshd = replace(server_with_accounts(start, tmp_path, {"ops": "x"}, *lines), key=login)
        snapshot = seen(sshd, user="ops")
        processes = snapshot.processes
        assert isinstance(processes, Found)
        assert {process.uid for process in processes.value} <= {61000}
        assert any("hidepid" in gap.reason for gap in processes.gaps)
        assert snapshot.status == "partial"
        assert isinstance(snapshot.sockets, Found), "which ports are open is no secret"
        assert {listener.listener.port for listener in found(snapshot.listeners)} >= {sshd.port}
        as_root = seen(sshd, user="root")
        assert not any("hidepid" in gap.reason for gap in gaps(as_root.processes)), "root sees them all"
        assert {process.uid for process in found(as_root.processes)} >= {0}

    @pytest.mark.parametrize(
        ("prepare", "fails"),
        [
            (READ_ONLY, "! touch /tmp/x && ! touch /var/x && ! touch /etc/x && ! touch /root/x"),
            (FULL, "! echo x >/tmp/x && ! echo x >/dev/shm/full && ! echo x >/root/x"),
        ],
        ids=["a read-only file system", "a full disk"],
    )
    def test_a_host_on_which_nothing_can_be_written_says_all_that_others_say(
        self, sshd_factory: SshdFactory, tmp_path: Path, prepare: str, fails: str
    ) -> None:
        sshd = host_in(prepare, sshd_factory, tmp_path)()
        usual = host_in("mount -t proc proc /proc", sshd_factory, tmp_path)()
        with connect(sshd.host(), sshd.options()) as transport:
            assert transport.run(fails).exit_status == 0, "the host is not what it should be"
        snapshot, like = seen(sshd), seen(usual)
        assert unknown(snapshot) == unknown(like)
        for section in ("processes", "packages", "users", "cron", "services", "configuration"):
            assert gaps(snapshot.observation(section)) == gaps(like.observation(section)), section


def found(observation: Observation[object]) -> list[object] | object:
    assert isinstance(observation, Found), observation
    return observation.value


def gaps(observation: Observation[object]) -> tuple[object, ...]:
    return observation.gaps if isinstance(observation, Found) else ()


@pytest.mark.live
def test_a_sudo_that_hangs_costs_its_question_and_no_other() -> None:
    """Some ask a directory server that has gone. The watchdog ends it, and the sections behind it answer."""
    script = compose((SYSTEM, PROCESSES, USERS), NONCE, seconds=2, escalate="bf_hang")
    script = script.replace("\nbf_user 2>/dev/null\n", "\nBF_UID=1000\n", 1)
    script = script.replace("bf_user() {", "bf_hang() { sleep 86415; }\nbf_user() {", 1)
    done = subprocess.run(["sh", "-s"], input=script.encode(), capture_output=True, timeout=90, check=False)
    frames = read_frames(done.stdout, done.stderr, NONCE)
    assert frames.complete
    answer = frames.sections["processes"]
    assert answer.timed_out
    observation = PROCESSES.observe(answer, Platform.POSIX)
    assert isinstance(observation, Found), "what needs no root was said before"
    assert any("timed out after" in gap.reason for gap in observation.gaps)
    assert isinstance(USERS.observe(frames.sections["users"], Platform.POSIX), Found)


OF_THE_CLOCK = {"clock", "boot_time", "utc_offset", "zone_name"}
CLOCKS = ["0 +0000 UTC", "-86400 +0000 UTC", "4102444800 +0000 UTC", "9999999999999999999 +0000 UTC", "1 +9999 X"]


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("btime", [b"0", b"1", b"4102444800", b"99999999999999999999"])
def test_a_clock_that_jumps_changes_nothing_but_the_clock(clock: str, btime: bytes) -> None:
    """To 1970 (an empty battery), into the future, or between boot and now: it is a fact, never a fault."""
    recording = recorded("vm01", "system")
    usual, jumped = asdict(value(recording)), asdict(value(at(recording, clock, btime)))
    assert {name for name in usual if usual[name] != jumped[name]} <= OF_THE_CLOCK


def at(recording: SectionRecording, clock: str, btime: bytes) -> SectionRecording:
    """``recording`` with another clock, and another time of boot."""
    for part in recording.parts:
        if part.name == "clock":
            recording = with_part(recording, replace(part, content=clock.encode() + b"\n" if clock else b""))
        elif b"btime " in part.content:
            recording = with_part(
                recording, replace(part, content=re.sub(rb"btime \d+", b"btime " + btime, part.content))
            )
    return recording


def value(recording: SectionRecording) -> System:
    observation = SYSTEM.observe(recording, Platform.POSIX)
    assert isinstance(observation, Found), observation
    return observation.value
