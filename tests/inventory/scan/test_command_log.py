"""Whatever is run on a host is in the log, as it was sent, and what the host said is not."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.depth import Depth
from inventory.errors import WorkspaceError
from inventory.host import Host
from inventory.limits import Limits
from inventory.probe.script import COMMAND, compose
from inventory.scan.collect_host import CollectionRequest, collect_host
from inventory.scan.command_log import CommandLog, CommandRecord, _without_nonce
from inventory.sections import SECTIONS
from inventory.store.scan_records import Outcome
from inventory.transports import ConnectOptions

LOCAL = Host("here", "localhost", connection="local")
PIECES = st.sampled_from([b"0" * 32, b"f" * 31, b"a" * 33, b"a", b"g", b"Z", b"_", b" ", b"-", b"\n", b"\xe9"])


def test_a_scan_is_logged_as_it_was_sent(tmp_path: Path) -> None:
    asked = collect_host(LOCAL, CollectionRequest(ConnectOptions(), b"k" * 32, depth=Depth.QUICK))
    log = CommandLog(tmp_path / "ran")
    log.write(asked.deeds)
    deed = list(log.read("here"))[-1]
    assert deed.command == COMMAND
    assert deed.exit_status == 0
    assert deed.received > 1000
    script = log.script(deed.sha256)
    assert script.decode() == compose(SECTIONS, "NONCE", depth=Depth.QUICK), "which is what --dry-run prints"
    assert hashlib.sha256(script).hexdigest() == deed.sha256
    assert list(log.read("another")) == []


def test_equal_scripts_are_kept_once(tmp_path: Path) -> None:
    log = CommandLog(tmp_path / "ran")
    for _ in range(2):
        log.write(collect_host(LOCAL, CollectionRequest(ConnectOptions(), b"k" * 32, depth=Depth.QUICK)).deeds)
    probes = [deed for deed in log.read() if deed.command == COMMAND]
    assert len(probes) == 2
    assert len({deed.sha256 for deed in probes}) == 1


def test_a_torn_line_costs_no_other(tmp_path: Path) -> None:
    """A run that was killed while it wrote."""
    log = CommandLog(tmp_path / "ran")
    deed = CommandRecord("web01", 1.0, "root", True, "true", "", 0, 0, 0.1)
    log.write([deed])
    with (tmp_path / "ran" / "log.jsonl").open("a") as file:
        file.write('{"host": "web02", "wh')
    assert list(log.read()) == [deed]


def test_only_a_hash_names_a_script(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="not a SHA-256"):
        CommandLog(tmp_path).script("../../etc/passwd")
    with pytest.raises(WorkspaceError, match="has no script"):
        CommandLog(tmp_path).script("0" * 64)


def test_the_limits_of_a_scan_reach_the_host() -> None:
    question = CollectionRequest(
        ConnectOptions(), b"k" * 32, depth=Depth.QUICK, limits=Limits(section_seconds=7, output=5000)
    )
    asked = collect_host(LOCAL, question)
    # What the cap cut off while nobody noticed is asked once more, by a script of its own.
    scripts = [deed.script.decode() for deed in asked.deeds]
    assert any("\nsection processes 7\n" in script for script in scripts)
    recording = asked.result.recording
    assert recording is not None
    processes = recording.section("processes")
    assert processes is not None
    assert sum(len(part.content) for part in processes.parts) <= 5000
    assert any(part.truncated for part in processes.parts)


def test_a_connection_that_failed_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """As often as was asked for, with a longer pause each time, and only while nothing was run."""
    pauses: list[float] = []
    monkeypatch.setattr("inventory.scan.collect_host.time.sleep", pauses.append)
    closed = Host("closed", "127.0.0.1", port=1, user="nobody")
    result = collect_host(closed, CollectionRequest(ConnectOptions(), b"k" * 32, limits=Limits(retries=3))).result
    assert result.outcome is Outcome.UNREACHABLE
    assert round(pauses[0]) == 1
    assert len(pauses) == 3
    assert pauses == sorted(pauses)
    pauses.clear()
    collect_host(closed, CollectionRequest(ConnectOptions(), b"k" * 32))
    assert pauses == []


@given(st.lists(PIECES, max_size=8).map(b"".join))
def test_numbers_of_frames_are_words_of_32_hexadecimal_digits(script: bytes) -> None:
    assert _without_nonce(script) == re.sub(rb"\b[0-9a-f]{32}\b", b"NONCE", script)
