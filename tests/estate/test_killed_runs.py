"""What a run leaves that was killed while it used hosts."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.estate import Estate

pytestmark = [
    pytest.mark.estate,
    pytest.mark.timeout(300),
    pytest.mark.skipif(os.geteuid() != 0, reason="the estate needs root"),
]

LEFT, NEXT = "small01-241", "small01-242"
USE = """
import sys, time
from tests.estate import Estate
with Estate.running([sys.argv[1]]):
    print("runs", flush=True)
    time.sleep(600)
"""


def running() -> set[str]:
    return {host.name for host in Estate().hosts()}


def test_a_host_of_a_killed_run_goes_when_hosts_are_started_again_and_one_in_use_stays() -> None:
    user = subprocess.Popen([sys.executable, "-c", USE, LEFT], stdout=subprocess.PIPE)
    try:
        assert user.stdout is not None
        assert user.stdout.readline() == b"runs\n"
        with Estate.running([NEXT]):
            assert {LEFT, NEXT} <= running()
    finally:
        user.kill()
        user.wait()
    assert LEFT in running()

    with Estate.running([NEXT]):
        assert LEFT not in running()


def test_a_host_of_a_killed_run_is_used_again_by_who_wants_it_and_then_goes() -> None:
    user = subprocess.Popen([sys.executable, "-c", USE, LEFT], stdout=subprocess.PIPE)
    try:
        assert user.stdout is not None
        assert user.stdout.readline() == b"runs\n"
        before = Estate().host(LEFT).pid
    finally:
        user.kill()
        user.wait()

    with Estate.running([LEFT]) as estate:
        assert estate.host(LEFT).pid == before
    assert LEFT not in running()
