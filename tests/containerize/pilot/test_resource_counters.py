"""What processes used is read from the kernel of this machine."""

from __future__ import annotations

import os
import subprocess
import sys

from containerize.pilot.resource_counters import count

GONE = 2**22 + 1
"""More than the kernel's greatest process number."""


def test_memory_and_files_of_a_process_are_counted() -> None:
    script = "import sys; held = bytearray(64 << 20); print('ready', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()

        used = count([child.pid])

        child.communicate()
    assert used.processes == 1
    assert used.memory_bytes >= 64 << 20
    assert used.descriptors >= 3


def test_a_process_that_has_ended_is_left_out() -> None:
    assert count([GONE, os.getpid()]).processes == 1
    assert not count([GONE]).seen
