"""What programs are called that never were a file."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.workloads import find_workloads
from assess.workloads.program import program_of
from inventory.model.processes import Process
from tests.support.snapshots import HostBuilder

FROM_MEMORY = """
import os, sys
memory = os.memfd_create(sys.argv[1], os.MFD_CLOEXEC)
os.write(memory, open("/bin/sleep", "rb").read())
os.execve(memory, [sys.argv[2], "60"], {})
"""


def in_memory(memory: str, *arguments: str, name: str = "") -> Process:
    process = HostBuilder().process(
        50, f"/memfd:{memory}", name=name or f"memfd:{memory}"[:15], executable_deleted=True
    )
    return replace(process, arguments=arguments)


@pytest.mark.parametrize(("started_as", "name"), [("/opt/watch/watchd", "watchd"), ("/proc/self/fd/5", "payload")])
def test_what_the_kernel_shows_of_such_a_program_gives_its_name(started_as: str, name: str) -> None:
    running = subprocess.Popen([sys.executable, "-c", FROM_MEMORY, "payload-7c01fe42", started_as])
    try:
        folder = Path(f"/proc/{running.pid}")
        while b"60" not in (command := folder.joinpath("cmdline").read_bytes().split(b"\0")):
            assert running.poll() is None
        link = str(folder.joinpath("exe").readlink())
        seen = HostBuilder().process(
            running.pid,
            link.removesuffix(" (deleted)"),
            name=folder.joinpath("comm").read_text("ascii").strip(),
            executable_deleted=link.endswith(" (deleted)"),
            arguments=tuple(word.decode() for word in command[:-1]),
        )
    finally:
        running.kill()
        running.wait()

    assert seen.in_memory
    assert program_of(seen).name == name


@pytest.mark.parametrize(
    ("process", "name"),
    [
        (in_memory("sealed-91fa22c0", "watchd: idle since 3"), "watchd"),
        (in_memory("sealed-91fa22c0", "/opt/my agent/watch", "-d"), "watch"),
        (in_memory("x", "/tmp/.unpacked-8a3f91/agent-8a3f91", "run"), "agent"),
        (in_memory("x", "agent-7.52.0"), "agent-7.52.0"),
        (in_memory("x", name="5"), "x"),
        (in_memory("runc_cloned:/proc/self/exe", "runc", "init", name="runc:[2:INIT]"), "runc"),
        (in_memory("job_6fa459ea-ee8a-3ca4-894e-db77e160355e"), "job"),
        (in_memory("-91fa22c0"), "91fa22c0"),
        (in_memory(""), "memfd"),
    ],
)
def test_a_name_comes_from_what_it_was_started_as_without_what_is_random(process: Process, name: str) -> None:
    assert program_of(process).name == name


def test_an_interpreter_in_memory_runs_a_script_like_any_other() -> None:
    assert program_of(in_memory("x", "python3", "/opt/shop/bin/report.py")).name == "report"


def test_a_file_that_was_removed_keeps_its_name() -> None:
    process = HostBuilder().process(50, "/opt/x/x-91fa22c0", executable_deleted=True)

    assert (process.in_memory, program_of(process).executable) == (False, "/opt/x/x-91fa22c0")


def test_its_name_and_what_it_is_recognised_by_are_the_same_when_it_was_started_again() -> None:
    def found(pid: int, random: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        host = HostBuilder()
        host.init()
        host.process(
            pid, f"/memfd:sealed-{random}", "run", executable_deleted=True, arguments=(f"watchd-{random}", "run")
        )
        workload = find_workloads(host.build())[1]
        return workload.name, workload.recognised_by, workload.executables

    assert found(50, "91fa22c0") == found(77, "0b17e9a4") == ("watchd", ("program:watchd",), ("watchd",))


@given(st.text(max_size=40), st.lists(st.text(max_size=40), max_size=3), st.text(max_size=15))
def test_whatever_a_program_calls_itself_it_has_a_name_without_a_directory(
    memory: str, arguments: list[str], name: str
) -> None:
    executable = program_of(in_memory(memory, *arguments, name=name)).executable

    assert executable
    assert "/" not in executable
