"""What a host sent cannot keep a scan, or a later command, busy."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
import zstandard

from inventory import cpu_limit
from inventory.cpu_limit import CpuLimitExceeded, limited
from inventory.observation import Found, Unknown
from inventory.platforms import Platform
from inventory.recording import RecordingError, SectionRecording
from inventory.section import Section, Variant
from tests.support import host_fixtures

_EXPONENTIAL = re.compile("(?:a|ab?)*c")  # no pattern of ours
_TEXT = "a" * 60


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu_limit, "SECONDS", 0.2)


def _for_ever() -> None:
    while True:
        with suppress(Exception):  # a parser that takes everything for a fault of one line
            sum(range(1000))


def _section(parse: Callable[[SectionRecording], Found[int]]) -> Section[int]:
    return Section("demo", "", (Variant(Platform.POSIX, "", parse),))


def _in_thread(function: Callable[[], object]) -> object:
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(function).result()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("run", [lambda function: function(), _in_thread], ids=["main thread", "other thread"])
def test_a_parser_that_does_not_end_makes_its_section_unknown(run: Callable[[Callable[[], object]], object]) -> None:
    section = _section(lambda _: _for_ever() or Found(1))
    recording = SectionRecording("demo", ())
    again = [run(lambda: section.observe(recording, Platform.POSIX)) for _ in range(2)]
    assert again == [Unknown("the answer could not be read: it took more than 0.2 s of CPU")] * 2


@pytest.mark.timeout(60)
def test_a_redaction_that_does_not_end_gives_nothing_to_keep() -> None:
    section = Section("demo", "", (Variant(Platform.POSIX, "", lambda _: Found(1)),), lambda *_: _for_ever())  # type: ignore[arg-type,return-value,func-returns-value]
    for run in (lambda function: function(), _in_thread):
        with pytest.raises(CpuLimitExceeded):
            run(lambda: section.redacted(SectionRecording("demo", ()), None, Platform.POSIX))  # type: ignore[arg-type]


@pytest.mark.timeout(60)
def test_an_expression_that_does_not_end_is_interrupted_in_the_main_thread() -> None:
    with pytest.raises(CpuLimitExceeded):
        limited(_EXPONENTIAL.match, _TEXT)


def test_what_ends_is_not_touched() -> None:
    assert limited(int, "7", base=8) == 7
    assert _in_thread(lambda: limited(int, "7")) == 7
    with pytest.raises(ValueError, match="invalid literal"):
        limited(int, "x")
    with pytest.raises(ValueError, match="invalid literal"):
        _in_thread(lambda: limited(int, "x"))


def test_a_call_within_a_call_has_the_time_of_the_outer_one() -> None:
    assert limited(lambda: limited(int, "7")) == 7


@pytest.mark.timeout(120)
def test_the_end_of_one_call_reaches_no_other() -> None:
    """Also when it comes as the call ends by itself."""
    ended: list[str] = []

    def work() -> None:
        for _ in range(3):
            try:
                limited(_for_ever)
            except CpuLimitExceeded:
                ended.append("over")
            assert limited(sum, range(1000)) == 499500

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended == ["over"] * 12
    sum(range(100_000))


def test_a_profiler_runs_after_a_call_was_ended() -> None:
    """In a process of its own: Python 3.11 hangs, deaf to signals, where an exception was announced and taken back."""
    code = """
import sys, threading
from inventory import cpu_limit
cpu_limit.SECONDS = 0.1
def work():
    try:
        cpu_limit.limited(lambda: [None for _ in iter(int, 1)])
    except cpu_limit.CpuLimitExceeded:
        print("over")
thread = threading.Thread(target=work)
thread.start()
thread.join()
sys.setprofile(lambda *_: None)
(lambda: None)()
sys.setprofile(None)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=True)
    assert ran.stdout == b"over\n"


def test_time_that_other_threads_take_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu_limit, "SECONDS", 0.5)
    stop = threading.Event()

    def spin() -> None:
        while not stop.is_set():
            sum(range(1000))

    spinning = [threading.Thread(target=spin) for _ in range(3)]
    for each in spinning:
        each.start()
    try:
        # 3 s of the process at most, of which this thread has none
        assert limited(threading.Event().wait, 1.0) is False
    finally:
        stop.set()
        for each in spinning:
            each.join()


def test_a_recording_that_grows_when_unpacked_is_refused() -> None:
    bomb = zstandard.ZstdCompressor().compress(bytes(300 << 20))
    with pytest.raises(RecordingError, match="larger than"):
        SectionRecording.from_compressed("demo", bomb)


def test_a_header_with_a_number_of_many_digits_is_refused() -> None:
    with pytest.raises(RecordingError):
        SectionRecording.from_text("demo", b"#part a status=0 truncated=no bytes=" + b"9" * 5000 + b"\n")


@pytest.mark.timeout(60)
def test_a_reader_of_a_product_that_does_not_end_makes_its_facts_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = host_fixtures.snapshot_of(host_fixtures.recording_of("tomcat-bullseye-user"))
    assert isinstance(snapshot.processes, Found)
    monkeypatch.setattr("inventory.products.detection.web_server_detection.web_servers", lambda *_: _for_ever())
    assert snapshot.web_servers == Unknown("the configuration could not be read: it took more than 0.2 s of CPU")
