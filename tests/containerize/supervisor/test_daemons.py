"""Daemons of all habits: the supervisor follows the main process, passes signals on, and ends with its status."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path

import pytest

from containerize.supervisor.service_spec import ServiceCommand, SupervisedService
from tests.containerize.supervisor.supervised import MODES, daemon, eventually, shell, supervised

pytestmark = [pytest.mark.live, pytest.mark.parametrize("mode", MODES)]


@pytest.mark.parametrize(
    ("text", "status"), [("exit 0", 0), ("exit 3", 3), ("kill -9 $$", 137), ("kill -TERM $$", 143)]
)
def test_the_status_is_the_service_s(mode: str, text: str, status: int) -> None:
    with supervised(SupervisedService("a", (shell(text),)), mode=mode) as running:
        assert running.wait() == status
        assert running.output.startswith("brownfield: a ")
        assert "after 0." in running.output


def test_a_program_that_is_not_there(mode: str) -> None:
    with supervised(SupervisedService("a", (ServiceCommand(("/no/such/program",)),)), mode=mode) as running:
        assert running.wait() == 127
        assert "a: cannot run /no/such/program: no such file or directory" in running.output


@pytest.mark.parametrize("delay", ["0", "0.5"])
def test_a_daemon_with_a_pid_file(mode: str, tmp_path: Path, delay: str) -> None:
    file = tmp_path / "a.pid"
    file.write_text("1")  # of an earlier run
    service = SupervisedService("a", (daemon("forks", file, delay, 9),), kind="forking", pid_file=str(file))
    with supervised(service, mode=mode) as running:
        running.until("ready")
        time.sleep(0.5)  # until the file was read again
        running.send(signal.SIGHUP)
        running.until("got SIGHUP")
        assert running.stop() == 9
        assert "got SIGTERM" in running.output
    assert not file.exists()


@pytest.mark.parametrize("program", ["forks", "forks_and_renames"])
def test_a_daemon_without_a_pid_file(mode: str, program: str) -> None:
    with supervised(SupervisedService("a", (daemon(program),), kind="forking"), mode=mode) as running:
        running.until("ready")
        time.sleep(0.1)
        for each in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
            running.send(each)
            running.until(f"got {each.name}")
        running.send(signal.SIGQUIT)
        assert running.wait() == 0
        assert "got SIGQUIT" in running.output


def test_a_daemon_that_dies_ends_the_container(mode: str) -> None:
    service = SupervisedService("a", (daemon("forks_and_ends", 0.4, 4),), kind="forking")
    with supervised(service, mode=mode) as running:
        assert running.wait() == 4
        assert "a ended with status 4 after 0." in running.output


def test_a_start_command_that_leaves_nothing(mode: str) -> None:
    with supervised(SupervisedService("a", (shell("exit 0"),), kind="forking"), mode=mode) as running:
        assert running.wait() == 1
        assert "left no process running" in running.output


def test_a_daemon_that_replaces_itself(mode: str, tmp_path: Path) -> None:
    file = tmp_path / "a.pid"
    service = SupervisedService("a", (daemon("replaces_itself", file),), kind="forking", pid_file=str(file))
    with supervised(service, mode=mode) as running:
        running.until("ready")
        time.sleep(0.3)
        assert running.alive
        running.send(signal.SIGUSR1)
        running.until("got SIGUSR1")
        assert running.stop() == 0


def test_a_main_process_with_another_parent(mode: str, tmp_path: Path) -> None:
    file = tmp_path / "a.pid"
    service = SupervisedService(
        "a", (daemon("watched_by_its_parent", file),), kind="forking", pid_file=str(file), stop_seconds=2
    )
    with supervised(service, mode=mode) as running:
        running.until("ready")
        began = time.monotonic()
        running.wait()
        assert time.monotonic() - began < 6


def test_sigterm_that_is_ignored(mode: str) -> None:
    service = SupervisedService("a", (daemon("ignores_sigterm"),), stop_seconds=1)
    with supervised(service, mode=mode) as running:
        running.until("ready")
        began = time.monotonic()
        assert running.stop() == 137
        assert 0.9 < time.monotonic() - began < 4
        assert "a did not end within 1 s" in running.output


def test_ready_ends_the_start(mode: str) -> None:
    service = SupervisedService(
        "a", (daemon("notifies", "STATUS=soon", "READY=1"),), kind="notify", post=(shell("echo after"),)
    )
    with supervised(service, mode=mode) as running:
        running.until("after")
        running.until("ready")
        assert running.stop() == 0


def test_the_main_process_that_a_notice_names(mode: str) -> None:
    with supervised(SupervisedService("a", (daemon("notifies_of_a_child"),), kind="notify"), mode=mode) as running:
        running.until("ready")
        assert running.stop() == 7
        assert "got SIGTERM" in running.output


def test_a_oneshot_that_remains(mode: str) -> None:
    service = SupervisedService(
        "a",
        (shell("echo one"), shell("echo two")),
        kind="oneshot",
        remain_after_exit=True,
        stop=(shell("echo stopped"),),
        post_stop=(shell("echo over"),),
    )
    with supervised(service, mode=mode) as running:
        running.until("one\ntwo\n")
        time.sleep(0.2)
        assert running.alive
        assert running.stop() == 0
        assert running.output == "one\ntwo\nstopped\nover\n"


def test_a_oneshot_that_leaves_a_daemon(mode: str) -> None:
    service = SupervisedService(
        "a", (daemon("forks_and_ends", 0.5, 6),), kind="oneshot", remain_after_exit=True, stop_seconds=2
    )
    with supervised(service, mode=mode) as running:
        running.until("ready")
        assert running.wait() == 6


def test_a_daemon_that_forks_for_each_connection(mode: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    service = SupervisedService("a", (daemon("forks_for_each_connection", port),), kind="forking")
    with supervised(service, mode=mode) as running:
        running.until("ready")
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", port)) as client:
                client.sendall(b"hello")
                assert client.recv(100) == b"hello"
        assert running.stop() == 143


def test_a_storm_of_zombies(mode: str) -> None:
    with supervised(SupervisedService("a", (daemon("leaves_zombies", 2000),)), mode=mode) as running:
        running.until("ready", 60)
        children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
        eventually(lambda: len(children.read_text().split()) == 1)
        assert running.stop() == 0


def test_stop_commands_know_the_main_process(mode: str) -> None:
    service = SupervisedService(
        "a", (daemon("idle", 5),), stop=(shell("echo $MAINPID; exec kill -QUIT ${MAINPID}"),), stop_seconds=5
    )
    with supervised(service, mode=mode) as running:
        running.until("ready")
        assert running.stop() == 5
        assert "got SIGQUIT" in running.output


def test_a_failing_command_before_the_start(mode: str) -> None:
    service = SupervisedService(
        "a",
        (shell("echo started"),),
        pre=(shell("exit 3", ignore_failure=True), shell("exit 4"), shell("echo third")),
        stop=(shell("echo stop"),),
        post_stop=(shell("echo over"),),
    )
    with supervised(service, mode=mode) as running:
        assert running.wait() == 4
        assert "started" not in running.output
        assert "third" not in running.output
        assert "stop\n" not in running.output
        assert "over\n" in running.output
        assert "before the start ended with status 3, which is ignored" in running.output


def test_a_stop_during_the_start(mode: str) -> None:
    service = SupervisedService("a", (shell("echo started"),), pre=(shell("echo pre; sleep 50"),))
    with supervised(service, mode=mode) as running:
        running.until("pre")
        began = time.monotonic()
        running.stop()
        assert time.monotonic() - began < 3
        assert "started" not in running.output


def test_the_kill_mode_process_leaves_the_others(mode: str, tmp_path: Path) -> None:
    if mode == "process 1":
        pytest.skip("the end of process 1 ends all others")
    service = SupervisedService("a", (shell("sleep 3 & echo $!; exec sleep 60"),), kill_mode="process")
    with supervised(service, mode=mode) as running:
        eventually(lambda: running.output.endswith("\n"))
        left = int(running.output)
        running.stop()
        os.kill(left, signal.SIGKILL)


def test_several_services(mode: str) -> None:
    first = SupervisedService("first", (daemon("idle"),), kind="simple")
    setup = SupervisedService("setup", (shell("echo set up"),), kind="oneshot")
    second = SupervisedService("second", (daemon("forks_and_ends", 0.6, 8),), kind="forking")
    with supervised(first, setup, second, mode=mode) as running:
        assert running.wait() == 8
        assert "set up" in running.output
        assert running.output.index("second ended with status 8") < running.output.index("got SIGTERM")


def test_several_services_stop_in_reverse(mode: str) -> None:
    text = "trap 'echo end {0}; exit 0' TERM; echo up {0}; while :; do sleep 0.1; done"
    services = (SupervisedService(name, (shell(text.format(name)),)) for name in ("a", "b"))
    with supervised(*services, mode=mode) as running:
        running.until("up a")
        running.until("up b")
        assert running.stop() == 0
        assert running.output.index("end b") < running.output.index("end a")


def test_a_keeper_that_is_killed_ends_the_container(mode: str) -> None:
    """The kernel may choose it when memory ends; nothing keeps running unwatched."""
    services = (SupervisedService(name, (daemon("idle"),), stop_seconds=5) for name in ("a", "b"))
    with supervised(*services, mode=mode) as running:
        eventually(lambda: running.output.count("ready") == 2)
        children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)
        assert running.wait() == 137
        assert running.output.count("got SIGTERM") == 2
