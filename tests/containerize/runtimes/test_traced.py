"""What a container opens is seen from its first instruction on, on every runtime, and nothing of this machine is."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from containerize.build.traced.traced_runtime import TracedRuntime
from containerize.runtimes.pilot_owner import PilotId
from containerize.runtimes.runtime import ContainerSpec, Runtime

from .conftest import IMAGE

pytestmark = [pytest.mark.engine, pytest.mark.skipif(os.geteuid() != 0, reason="fanotify needs root")]


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_files_that_a_container_opens_are_seen(runtime: Runtime, pilot: PilotId, tmp_path: Path) -> None:
    script = "cat /etc/greeting; ls /srv/www; exec sleep 1000"
    with TracedRuntime(runtime) as traced:
        container = traced.start(pilot, ContainerSpec("a", IMAGE, ("/bin/sh", "-c", script), user="33:33"))
        _wait(lambda: "/srv/www" in traced.opened(IMAGE))
        (tmp_path / "of this machine").write_text("x")
        seen = traced.opened(IMAGE)
        assert {"/bin/busybox", "/etc/greeting", "/srv/www"} <= seen
        assert not {"/etc/removed", "/srv/www/index.html", "/etc/passwd"} & seen
        assert not [path for path in seen if "this machine" in path or "brownfield" in path]
        assert traced.execute(container, ["/bin/cat", "/etc/passwd"]).exit_code == 0
        _wait(lambda: "/etc/passwd" in traced.opened(IMAGE))
        processes = traced.processes(container)
        assert [each.arguments for each in processes] == [("sleep", "1000")]
        gone = traced.execute(container, ["/bin/sh", "-c", "ls -a / | grep brownfield"])
        assert gone.stdout == b"", "the file for which the shell waited is removed"


def test_a_container_is_traced_again_when_it_is_started_again(runtime: Runtime, pilot: PilotId) -> None:
    script = "if [ -e /again ]; then cat /etc/greeting; else touch /again; fi; exec sleep 1000"
    with TracedRuntime(runtime) as traced:
        container = traced.start(pilot, ContainerSpec("a", IMAGE, ("/bin/sh", "-c", script)))
        _wait(lambda: traced.execute(container, ["/bin/sh", "-c", "test -e /again"]).exit_code == 0)
        assert "/etc/greeting" not in traced.opened(IMAGE)
        traced.stop(container, grace=1)
        traced.restart(container)
        _wait(lambda: "/etc/greeting" in traced.opened(IMAGE))


def test_a_command_that_does_not_exist_fails_as_it_does_untraced(runtime: Runtime, pilot: PilotId) -> None:
    with TracedRuntime(runtime) as traced:
        container = traced.start(pilot, ContainerSpec("a", IMAGE, ("/bin/no-such-program",)))
        _wait(lambda: not traced.state(container).running)
        assert traced.state(container).exit_code == 127
        assert b"no-such-program" in traced.logs(container)
