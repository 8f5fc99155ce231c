"""What every runtime promises, held against each one that runs here."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import time
from dataclasses import replace
from pathlib import Path

import pytest

from containerize.runtimes.docker import DockerRuntime
from containerize.runtimes.pilot_owner import PilotId, this_process
from containerize.runtimes.runtime import (
    ContainerSpec,
    MemoryFile,
    NetworkNode,
    NetworkSpec,
    Runtime,
    RuntimeFailed,
    Tmpfs,
    VolumeMount,
)

from .conftest import IMAGE
from .small_image import write_layout
from .traces import traces

pytestmark = pytest.mark.engine

NETWORK = NetworkSpec(
    "10.213.77.0/24",
    (NetworkNode("web01", "10.213.77.2", ("198.51.100.11",)), NetworkNode("db01", "10.213.77.3", ("198.51.100.12",))),
)
FOREVER = ("/bin/sleep", "1000")


def ask(runtime: Runtime, container: str, script: str, user: str = "0:0") -> str:
    done = runtime.execute(container, ["/bin/sh", "-c", script], user=user)
    return (done.stdout + done.stderr).decode().strip()


def tar_of(files: dict[str, tuple[bytes, int, int]]) -> io.BytesIO:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, (content, uid, mode) in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.uid, entry.gid, entry.mode = len(content), uid, uid, mode
            tar.addfile(entry, io.BytesIO(content))
    buffer.seek(0)
    return buffer


def wait_for_end(runtime: Runtime, container: str) -> int:
    for _ in range(200):
        state = runtime.state(container)
        if not state.running:
            assert state.exit_code is not None
            return state.exit_code
        time.sleep(0.05)
    raise AssertionError("it still runs")


def test_container_has_layers_environment_user_and_name(runtime: Runtime, pilot: PilotId) -> None:
    container = runtime.start(
        pilot,
        ContainerSpec(
            "a",
            IMAGE,
            FOREVER,
            environment=(("LANG", "de_DE.UTF-8"), ("TEXT", "a b'c")),
            user="33:33",
            groups=(44, 45),
            working_directory="/srv/www",
            hostname="web01",
            limits=(("nofile", 512, 1024),),
        ),
    )
    assert ask(runtime, container, "cat /etc/greeting /etc/removed 2>/dev/null") == "hello"
    assert ask(runtime, container, "cat /proc/sys/kernel/hostname") == "web01"
    environment = ask(runtime, container, "tr '\\0' '\\n' < /proc/1/environ", user="33:33")
    assert "LANG=de_DE.UTF-8" in environment and "TEXT=a b'c" in environment
    status = ask(runtime, container, "cat /proc/1/status; readlink /proc/1/cwd; cat /proc/1/limits", user="33:33")
    assert "Uid:\t33\t33\t33\t33" in status and "Gid:\t33\t33\t33\t33" in status
    groups = next(line for line in status.splitlines() if line.startswith("Groups:")).split()[1:]
    assert {"44", "45"} <= set(groups)
    assert "/srv/www" in status
    assert "Max open files            512                  1024" in status
    assert "CapEff:\t0000000000000000" in status


def test_root_has_dockers_capabilities_and_filter(runtime: Runtime, pilot: PilotId) -> None:
    container = runtime.start(pilot, ContainerSpec("a", IMAGE, FOREVER))
    status = ask(runtime, container, "cat /proc/1/status")
    assert "Seccomp:\t2" in status
    granted = int(next(line for line in status.splitlines() if line.startswith("CapEff")).split()[1], 16)
    docker, podman = 0xA80425FB, 0x800405FB
    assert granted in (docker, podman)
    assert "permission denied" in ask(runtime, container, "mount -t tmpfs none /tmp").lower()
    assert "read-only" in ask(runtime, container, "echo 1 > /proc/sys/kernel/hostname").lower()


def test_added_capability_is_granted(runtime: Runtime, pilot: PilotId) -> None:
    container = runtime.start(pilot, ContainerSpec("a", IMAGE, FOREVER, capabilities=("SYS_NICE",)))
    status = ask(runtime, container, "cat /proc/1/status")
    granted = int(next(line for line in status.splitlines() if line.startswith("CapEff")).split()[1], 16)
    assert granted >> 23 & 1


def test_nodes_reach_each_other_by_name_and_by_legacy_address(runtime: Runtime, pilot: PilotId) -> None:
    """And nothing else: not this machine's own network."""
    runtime.create_network(pilot, NETWORK)
    hosts = (("web01", "198.51.100.11"), ("db01", "198.51.100.12"))
    web = runtime.start(pilot, ContainerSpec("web", IMAGE, FOREVER, node="web01", hosts=hosts))
    # It binds to the legacy address as soon as it starts, so that must be there before.
    database = runtime.start(
        pilot,
        ContainerSpec(
            "db",
            IMAGE,
            ("/bin/httpd", "-f", "-v", "-p", "198.51.100.12:3306", "-h", "/srv/www"),
            node="db01",
            hosts=hosts,
        ),
    )
    assert runtime.state(database).running
    request = "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 5"
    assert "shop" in ask(runtime, web, f"{request} db01 3306")
    assert "shop" in ask(runtime, web, f"{request} 198.51.100.12 3306")
    assert ("tcp", "198.51.100.12", 3306) in runtime.listeners(database)
    assert b"198.51.100.11" in runtime.logs(database), "the client comes from its own legacy address"
    outside = ask(runtime, web, "nc -w 3 192.0.2.77 80 </dev/null").lower()
    assert "unreachable" in outside or "timed out" in outside, "there is no way out"
    route = subprocess.run(["ip", "route", "get", "198.51.100.12"], capture_output=True, text=True, check=False).stdout
    assert " via " in route or not route, "this machine's own way to the live host is as it was"


def test_containers_of_one_node_share_its_loopback(runtime: Runtime, pilot: PilotId) -> None:
    runtime.create_network(pilot, NETWORK)
    runtime.start(
        pilot, ContainerSpec("one", IMAGE, ("/bin/httpd", "-f", "-p", "127.0.0.1:80", "-h", "/srv/www"), node="web01")
    )
    two = runtime.start(pilot, ContainerSpec("two", IMAGE, FOREVER, node="web01"))
    assert "shop" in ask(runtime, two, "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 5 127.0.0.1 80")


def test_dial_reaches_the_nodes_own_loopback(runtime: Runtime, pilot: PilotId) -> None:
    runtime.create_network(pilot, NETWORK)
    container = runtime.start(
        pilot, ContainerSpec("one", IMAGE, ("/bin/httpd", "-f", "-p", "127.0.0.1:80", "-h", "/srv/www"), node="web01")
    )
    for _ in range(100):
        if ("tcp", "127.0.0.1", 80) in runtime.listeners(container):
            break
        time.sleep(0.05)
    connection = runtime.dial(container, 80)
    connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
    received = b""
    while chunk := connection.recv(4096):
        received += chunk
    connection.close()
    assert received.endswith(b"shop\n")
    with pytest.raises(ConnectionRefusedError):
        runtime.dial(container, 81)


def test_memory_file_and_tmpfs_have_owner_and_mode_and_lie_in_memory(runtime: Runtime, pilot: PilotId) -> None:
    container = runtime.start(
        pilot,
        ContainerSpec(
            "a",
            IMAGE,
            FOREVER,
            tmpfs=(Tmpfs("/run/shop", 33, 33, 0o750),),
            memory_files=(MemoryFile("/etc/app/app.ini", b"password = s3cret\n", 33, 33, 0o440),),
        ),
    )
    assert ask(runtime, container, "cat /etc/app/app.ini") == "password = s3cret"
    assert ask(runtime, container, "stat -c '%u:%g %a' /run/shop /etc/app/app.ini").split("\n") == [
        "33:33 750",
        "33:33 440",
    ]
    assert ask(runtime, container, "stat -f -c %T /run/shop /etc/app/app.ini").split() == ["tmpfs", "tmpfs"]
    assert "read-only" in ask(runtime, container, "echo x > /etc/app/app.ini").lower()
    on_disk = subprocess.run(
        [
            "grep",
            "-rlsa",
            "password = s3cret",
            "/var/lib/docker/containers",
            "/var/lib/brownfield",
            "/var/lib/containers/storage",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert on_disk.stdout == ""


def test_volume_is_filled_kept_over_a_restart_and_tmpfs_is_not(runtime: Runtime, pilot: PilotId) -> None:
    runtime.create_volume(pilot, "data", 33, 34, 0o2770)
    runtime.fill_volume(pilot, "data", tar_of({"uploads/one.txt": (b"first\n", 33, 0o640)}))
    container = runtime.start(
        pilot,
        ContainerSpec(
            "a",
            IMAGE,
            ("/bin/sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done"),
            volumes=(VolumeMount("data", "/var/lib/app"),),
            tmpfs=(Tmpfs("/run/shop", 33, 33, 0o755),),
        ),
    )
    assert ask(runtime, container, "stat -c '%u:%g %a' /var/lib/app") == "33:34 2770"
    assert ask(runtime, container, "stat -c '%u:%g %a' /var/lib/app/uploads/one.txt") == "33:33 640"
    assert ask(runtime, container, "echo second > /var/lib/app/two.txt", user="33:33") == ""
    ask(runtime, container, "touch /run/shop/pid")
    stopped = runtime.stop(container, grace=10)
    assert (stopped.exit_code, stopped.killed) == (0, False)
    assert not runtime.state(container).running
    runtime.restart(container)
    assert ask(runtime, container, "cat /var/lib/app/uploads/one.txt /var/lib/app/two.txt") == "first\nsecond"
    assert ask(runtime, container, "ls /run/shop") == ""


def test_another_container_of_the_same_name_has_the_volumes_and_secrets_and_nothing_else(
    runtime: Runtime, pilot: PilotId
) -> None:
    runtime.create_volume(pilot, "data", 0, 0, 0o755)
    spec = ContainerSpec(
        "a",
        IMAGE,
        FOREVER,
        volumes=(VolumeMount("data", "/var/lib/app"),),
        tmpfs=(Tmpfs("/run/shop"),),
        memory_files=(MemoryFile("/etc/app/app.ini", b"password = s3cret\n"),),
    )
    first = runtime.start(pilot, spec)
    ask(runtime, first, "touch /var/lib/app/kept /run/shop/pid /etc/changed")
    runtime.remove(first)

    second = runtime.start(pilot, spec)
    assert ask(runtime, second, "ls /var/lib/app /run/shop /etc/changed 2>/dev/null").split() == [
        "/run/shop:", "/var/lib/app:", "kept",
    ]  # fmt: skip
    assert ask(runtime, second, "cat /etc/app/app.ini") == "password = s3cret"


def test_volume_shadows_what_the_image_has_there(runtime: Runtime, pilot: PilotId) -> None:
    """A seeded volume must not be mixed with files of the image."""
    runtime.create_volume(pilot, "www", 0, 0, 0o755)
    container = runtime.start(pilot, ContainerSpec("a", IMAGE, FOREVER, volumes=(VolumeMount("www", "/srv/www"),)))
    assert ask(runtime, container, "ls /srv/www") == ""


def test_execute_returns_outputs_status_and_takes_a_stream(runtime: Runtime, pilot: PilotId) -> None:
    container = runtime.start(pilot, ContainerSpec("a", IMAGE, FOREVER))
    done = runtime.execute(container, ["/bin/sh", "-c", "echo out; echo err >&2; exit 7"])
    assert (done.exit_code, done.stdout, done.stderr) == (7, b"out\n", b"err\n")
    big = os.urandom(3 << 20)
    assert runtime.execute(container, ["/bin/cat"], stdin=io.BytesIO(big)).stdout == big
    assert runtime.execute(container, ["/bin/id"], user="33:33").stdout.startswith(b"uid=33")
    with pytest.raises(RuntimeFailed, match="did not end within 1 s"):
        runtime.execute(container, ["/bin/sleep", "600"], timeout=1)


def test_a_stream_that_breaks_off_does_not_pass_for_a_whole_one(runtime: Runtime, pilot: PilotId) -> None:
    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise OSError("the host went away")

    container = runtime.start(pilot, ContainerSpec("a", IMAGE, FOREVER))
    with pytest.raises(OSError, match="the host went away"):
        runtime.execute(container, ["/bin/cat"], stdin=Broken())  # type: ignore[arg-type]


def test_processes_are_those_of_the_container(runtime: Runtime, pilot: PilotId) -> None:
    container = runtime.start(pilot, ContainerSpec("a", IMAGE, ("/bin/sleep", "1234"), user="33:33"))
    other = runtime.start(pilot, ContainerSpec("b", IMAGE, ("/bin/sleep", "4321")))
    # For a moment after its start a process is still the program that makes it.
    for _ in range(100):
        both = [*runtime.processes(container), *runtime.processes(other)]
        if {each.executable for each in both} == {"/bin/busybox"}:
            break
        time.sleep(0.05)
    process, another = both
    assert (process.executable, process.arguments, process.uid) == ("/bin/busybox", ("/bin/sleep", "1234"), 33)
    assert another.arguments == ("/bin/sleep", "4321")


def test_without_root_no_program_of_the_image_is_asked_who_runs(
    runtime: Runtime, pilot: PilotId, tmp_path: Path
) -> None:
    """The image's own shell was run as root with all rights over this machine to tell the executables."""
    if not isinstance(runtime, DockerRuntime):
        pytest.skip("the others are root's alone")
    shell = b"#!/bin/busybox sh\n/bin/busybox cat /proc/self/status > /asked\n"
    runtime.load(pilot, write_layout(tmp_path / "layout", {"bin/sh": shell}), "hostile")
    container = runtime.start(pilot, ContainerSpec("a", "hostile", ("/bin/sleep", "1234"), user="33:33"))
    (found,) = runtime._processes_of_others(container)
    (expected,) = runtime.processes(container)
    assert found == replace(expected, executable="")
    asked = runtime.execute(container, ["/bin/busybox", "cat", "/asked"]).stdout
    assert asked == b"", "the image's shell was run"


def test_init_reaps_and_passes_signals_on(runtime: Runtime, pilot: PilotId) -> None:
    container = runtime.start(pilot, ContainerSpec("a", IMAGE, ("/bin/sleep", "1234"), init=True))
    for _ in range(100):
        if len(processes := runtime.processes(container)) == 2 and processes[1].executable == "/bin/busybox":
            break
        time.sleep(0.05)
    assert [each.arguments for each in processes][1:] == [("/bin/sleep", "1234")]
    stopped = runtime.stop(container, grace=10)
    assert not stopped.killed
    assert stopped.exit_code == 143


def test_ignored_signal_ends_in_a_kill(runtime: Runtime, pilot: PilotId) -> None:
    container = runtime.start(
        pilot, ContainerSpec("a", IMAGE, ("/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done"))
    )
    stopped = runtime.stop(container, grace=1)
    assert stopped.killed
    assert stopped.exit_code == 137


def test_other_stop_signal_is_sent(runtime: Runtime, pilot: PilotId) -> None:
    container = runtime.start(
        pilot,
        ContainerSpec(
            "a", IMAGE, ("/bin/sh", "-c", "trap 'exit 9' INT; while :; do sleep 0.1; done"), stop_signal="SIGINT"
        ),
    )
    time.sleep(0.3)
    assert runtime.stop(container).exit_code == 9


def test_container_that_ends_at_once_tells_its_status_and_last_words(runtime: Runtime, pilot: PilotId) -> None:
    container = runtime.start(pilot, ContainerSpec("a", IMAGE, ("/bin/sh", "-c", "echo cannot bind; exit 3")))
    assert wait_for_end(runtime, container) == 3
    assert b"cannot bind" in runtime.logs(container)
    assert runtime.processes(container) == ()
    assert runtime.listeners(container) == ()


def test_missing_program_is_a_sentence(runtime: Runtime, pilot: PilotId) -> None:
    with pytest.raises(RuntimeFailed, match=r"(?i)no such file|not found"):
        runtime.start(pilot, ContainerSpec("a", IMAGE, ("/usr/sbin/apache2",)))


def test_missing_image_is_a_sentence(runtime: Runtime, pilot: PilotId, tmp_path: Path) -> None:
    with pytest.raises(RuntimeFailed, match="build it again"):
        runtime.load(pilot, tmp_path, "nothing")
    with pytest.raises(RuntimeFailed):
        runtime.start(pilot, ContainerSpec("a", "nothing", FOREVER))


def test_files_of_an_image_can_be_read(runtime: Runtime, pilot: PilotId) -> None:
    assert runtime.read_image(pilot, IMAGE, "/etc/greeting") == b"hello\n"
    assert runtime.read_image(pilot, IMAGE, "/etc/removed") is None
    assert runtime.read_image(pilot, IMAGE, "/etc") is None


def test_what_a_dead_process_left_is_reaped_and_what_lives_is_not(
    runtime: Runtime, pilot: PilotId, layout: Path
) -> None:
    boot, namespace, _, _ = this_process().split("/")
    dead = PilotId("0dead001", f"{boot}/{namespace}/4194000/1")
    try:
        runtime.load(dead, layout, IMAGE)
        runtime.create_network(dead, NetworkSpec("10.213.78.0/24", (NetworkNode("old", "10.213.78.2"),)))
        runtime.create_volume(dead, "data", 0, 0, 0o755)
        runtime.start(
            dead,
            ContainerSpec(
                "a",
                IMAGE,
                FOREVER,
                node="old",
                volumes=(VolumeMount("data", "/data"),),
                memory_files=(MemoryFile("/s", b"x"),),
            ),
        )
        alive = runtime.start(pilot, ContainerSpec("a", IMAGE, FOREVER))
        runtime.reap()  # or another pilot on this machine did it meanwhile
        assert traces(dead, runtime.name) == []
        assert runtime.state(alive).running
    finally:
        runtime.remove_pilot(dead)


def test_removing_twice_is_harmless(runtime: Runtime, pilot: PilotId) -> None:
    runtime.start(pilot, ContainerSpec("a", IMAGE, FOREVER))
    runtime.remove_pilot(pilot)
    runtime.remove_pilot(pilot)
    assert traces(pilot, runtime.name) == []
