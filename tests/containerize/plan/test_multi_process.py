"""Services that cannot live apart start together, each as itself, and end together."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from containerize.plan.model import Start
from containerize.plan.multi_process import combined_start
from containerize.plan.start import Starting


def _start(script: str, folder: Path, **environment: str) -> Starting:
    variables = tuple(sorted({"PATH": os.environ["PATH"], **environment}.items()))
    start = Start(("/bin/sh", "-c", script), variables, ("TOKEN",), "0:0", str(folder), "SIGQUIT", False, "x")
    return Starting(start, 64 << 20, ("a note",))


def _run(starts: list[Starting]) -> subprocess.Popen[bytes]:
    env = {"PATH": os.environ["PATH"], "TOKEN": "it's", "OUTSIDE": "1"}
    return subprocess.Popen(combined_start(starts).start.arguments, env=env, stderr=subprocess.PIPE)


def _wait_for(*paths: Path) -> None:
    deadline = time.monotonic() + 20
    while not all(path.exists() and path.read_text() for path in paths):
        assert time.monotonic() < deadline, "the services did not start"
        time.sleep(0.05)


_RECORD = 'echo "$NAME $TOKEN ${OUTSIDE-none} $(pwd)" > out.$NAME.new; mv out.$NAME.new out.$NAME; exec sleep 60'


def test_each_gets_its_own_environment_and_directory(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    running = _run([_start(_RECORD, tmp_path / "a", NAME="one x"[:3]), _start(_RECORD, tmp_path / "b", NAME="two")])
    try:
        _wait_for(tmp_path / "a/out.one", tmp_path / "b/out.two")
    finally:
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=30)
    assert (tmp_path / "a/out.one").read_text() == f"one it's none {tmp_path}/a\n"
    assert (tmp_path / "b/out.two").read_text() == f"two it's none {tmp_path}/b\n"


def test_the_stop_signal_reaches_all(tmp_path: Path) -> None:
    script = "trap 'echo stopped > $NAME; exit 0' TERM; echo up > up.$NAME; while :; do sleep 0.1; done"
    running = _run([_start(script, tmp_path, NAME="one"), _start(script, tmp_path, NAME="two")])
    _wait_for(tmp_path / "up.one", tmp_path / "up.two")
    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=30)
    assert [(tmp_path / name).read_text() for name in ("one", "two")] == ["stopped\n"] * 2


@pytest.mark.parametrize("first", [True, False])
def test_when_one_ends_the_others_end_too(first: bool, tmp_path: Path) -> None:
    stays = _start("trap 'echo stopped > stays; exit 0' TERM; while :; do sleep 0.1; done", tmp_path)
    ends = _start("sleep 0.3", tmp_path)
    running = _run([stays, ends] if first else [ends, stays])
    running.communicate(timeout=30)
    assert (tmp_path / "stays").read_text() == "stopped\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes accounts")
def test_each_runs_as_its_own_account(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    for parent in tmp_path.parents:
        if parent != Path("/tmp"):
            parent.chmod(parent.stat().st_mode | 0o055) if str(parent).startswith("/tmp/") else None
    start = _start("id -u > uid; id -G > groups; exec sleep 60", tmp_path).start
    other = Starting(Start(**{**_fields(start), "user": "65534:65533", "groups": (7, 8)}), 0, ())
    running = _run([_start("exec sleep 60", tmp_path), other])
    try:
        _wait_for(tmp_path / "uid", tmp_path / "groups")
    finally:
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=30)
    assert (tmp_path / "uid").read_text() == "65534\n"
    assert set((tmp_path / "groups").read_text().split()) == {"65533", "7", "8"}


def _fields(start: Start) -> dict[str, object]:
    return {name: getattr(start, name) for name in start.__dataclass_fields__}
