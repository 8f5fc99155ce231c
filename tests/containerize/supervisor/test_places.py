"""Containers of all kinds: without /proc, with few capabilities, on another processor, below another process 1."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from containerize.supervisor.render_spec import render
from containerize.supervisor.service_spec import SupervisedService, SupervisorSpec
from containerize.supervisor.supervisor_binary import supervisor_binary
from tests.containerize.supervisor.supervised import daemon, shell, supervised

pytestmark = pytest.mark.live
root = pytest.mark.skipif(os.geteuid() != 0, reason="a namespace of processes needs root")
NO_PROC = ("/bin/sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh")


@root
@pytest.mark.parametrize("with_file", [True, False])
def test_without_proc(tmp_path: Path, with_file: bool) -> None:
    file = str(tmp_path / "a.pid") if with_file else ""
    service = SupervisedService(
        "a", (daemon("forks", *([file] if file else [])),), kind="forking", pid_file=file, stop_seconds=5
    )
    with supervised(service, mode="process 1", before=NO_PROC) as running:
        running.until("ready")
        time.sleep(0.5)
        running.send(signal.SIGUSR1)
        running.until("got SIGUSR1")
        assert running.stop() == 0
        assert "got SIGTERM" in running.output


@root
def test_without_proc_what_ignores_the_signal_is_killed() -> None:
    service = SupervisedService("a", (daemon("ignores_sigterm"),), kind="forking", start_seconds=1, stop_seconds=1)
    with supervised(service, mode="process 1", before=NO_PROC) as running:
        running.until("taken for the main process")
        assert running.stop() == 137


@root
def test_with_the_capabilities_of_a_container() -> None:
    """The default set of engines."""
    kept = (
        "chown,dac_override,fowner,fsetid,kill,setgid,setuid,setpcap,net_bind_service,net_raw,sys_chroot,mknod,setfcap"
    )
    names = ",".join("+" + name for name in kept.split(","))
    loop = "(trap 'echo got it; exit 0' TERM; echo ready; while :; do sleep 0.1; done) & exit 0"
    service = SupervisedService("a", (shell(loop),), kind="forking", uid=1234, gid=1234, groups=(5,), stop_seconds=5)
    with supervised(
        service, mode="process 1", before=("setpriv", f"--bounding-set=-all,{names}", "--inh-caps=-all")
    ) as running:
        running.until("ready")
        time.sleep(0.3)
        assert running.stop() == 0
        assert "got it" in running.output


@root
def test_below_another_process_1() -> None:
    """As with ``docker run --init``: orphans come to the supervisor, not to the first process."""
    before = ("/bin/sh", "-c", '"$@" & wait; echo over', "sh")
    service = SupervisedService("a", (daemon("forks_and_ends", 0.4, 3),), kind="forking")
    with supervised(service, mode="process 1", before=before) as running:
        running.wait()
        assert "a ended with status 3" in running.output
        assert running.output.endswith("over\n")


@pytest.mark.skipif(shutil.which("qemu-aarch64-static") is None, reason="no emulator of arm64 (qemu-user-static)")
def test_the_arm64_binary_runs(tmp_path: Path) -> None:
    """The emulator runs the supervisor; what it starts are programs of this machine."""
    file = tmp_path / "a.pid"
    service = SupervisedService("a", (daemon("forks", file, 0, 9),), kind="forking", pid_file=str(file), stop_seconds=5)
    qemu = str(shutil.which("qemu-aarch64-static"))
    with supervised(service, binary=supervisor_binary("arm64"), before=(qemu,)) as running:
        running.until("ready")
        time.sleep(1)
        assert running.stop() == 9
        assert "got SIGTERM" in running.output
    with supervised(
        SupervisedService("a", (shell("exit 3"),)), binary=supervisor_binary("arm64"), before=(qemu,)
    ) as broken:
        assert broken.wait() == 3


def test_standard_descriptors_that_are_closed() -> None:
    with supervised(
        SupervisedService("a", (shell("exit 5"),)), before=("/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh")
    ) as running:
        assert running.wait() == 5


def test_a_notice_socket_that_the_service_abuses() -> None:
    """Names of strangers and of nothing, and a flood, change nothing; the service goes on."""
    service = SupervisedService(
        "a",
        (daemon("notifies", "MAINPID=1", "MAINPID=x", "MAINPID=99999999999", "\n" * 3000, "READY=1", "READY=1"),),
        kind="notify",
        post=(shell("echo started"),),
    )
    with supervised(service) as running:
        running.until("started")
        running.until("ready")
        assert running.stop() == 0


@root
@pytest.mark.parametrize("mask", ["", "with another"])
def test_the_system_log_goes_to_the_container_s(mask: str) -> None:
    service = SupervisedService("slapd", (daemon("logs_and_fails"),))
    with_another = (
        f"{sys.executable} -S -c 'import socket; socket.socket(1, 2).bind(chr(47) + \"dev/log\")' && " if mask else ""
    )
    before = ("/bin/sh", "-c", f'mount -t tmpfs none /dev && {with_another}exec "$@"', "sh")
    text = render(SupervisorSpec((service,)))
    with supervised(text=text, mode="process 1", before=before) as running:
        assert running.wait() == 1
        logged = "slapd[12]: cannot open the  [31mdatabase"
        assert (f"{logged}\n" in running.output) == (not mask)
        assert "slapd ended with status 1 after 0." in running.output
        assert (f"; it last logged: {logged}\n" in running.output) == (not mask)
