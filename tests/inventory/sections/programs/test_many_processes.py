"""A host of 50,000 processes: it takes longer than one of 2,500, but not more than so many more processes explain."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from inventory.model.processes import Process
from inventory.recording import SectionRecording
from inventory.sections.programs.processes import SECTION
from tests.support.live import REDACTOR, found
from tests.support.recordings import recorded

FEW, MANY = 2_500, 50_000
_PID = re.compile(rb"(?m)^(/proc/|(?:[^\n]*? )/proc/)(\d+)(?=/)")
PER_PROCESS = ("stat", "status", "cmdline", "cgroup", "limits", "links", "ns", "environ")


def worth(processes: int) -> SectionRecording:
    """The processes of a real host over and over, each time with other PIDs."""
    one = recorded("web01", "processes")
    pids = {process.pid for process in found(SECTION, one)}
    rounds = -(-processes // len(pids))
    shift = 100_000

    def other(number: int) -> Callable[[re.Match[bytes]], bytes]:
        return lambda match: match[1] + b"%d" % (int(match[2]) + number * shift)

    parts = []
    for part in one.parts:
        if part.name in PER_PROCESS:
            content = part.content if part.content.endswith(b"\n") else part.content + b"\n"
            copies = [content, *(_PID.sub(other(number), content) for number in range(1, rounds))]
            if part.name == "stat":
                copies = [_stat(copy) for copy in copies]
            part = replace(part, content=(b"\n" if part.name == "ns" else b"").join(copies))
        parts.append(part)
    return replace(one, parts=tuple(parts))


def _stat(content: bytes) -> bytes:
    """The first number of the file is the PID as well."""
    return re.sub(rb"(?m)^/proc/(\d+)/stat:\d+ ", rb"/proc/\1/stat:\1 ", content)


def read(recording: SectionRecording) -> tuple[tuple[Process, ...], float]:
    """Its processes, and the CPU time that it took to redact and to read them."""
    began = time.process_time()
    value = found(SECTION, SECTION.redact(recording, REDACTOR))
    return value, time.process_time() - began


@pytest.mark.slow
def test_the_time_grows_no_faster_than_the_host() -> None:
    few, seconds = read(worth(FEW))
    many, longer = read(worth(MANY))
    assert len(few) >= FEW
    assert len(many) >= MANY
    assert len({process.pid for process in many}) == len(many)
    assert longer / seconds < 3 * len(many) / len(few)
    assert {process.name for process in many} == {process.name for process in few}
    assert {process.working_directory for process in many[-len(few) :]} == {one.working_directory for one in few}
