"""An independent witness: psutil on this machine, beside the sections."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import psutil
import pytest

from inventory.sections.networking import sockets
from inventory.sections.programs import open_files, processes
from tests.support import odd_processes
from tests.support.live import ask, found


def test_every_process_of_this_machine() -> None:
    """Those that ran before and after the probe, but for the probe's own ancestors, which count as the probe."""
    before = {(process.pid, process.create_time()) for process in psutil.process_iter()}
    ours = {process.pid for process in found(processes.SECTION, ask(processes.SECTION)["processes"])}
    after = {(process.pid, process.create_time()) for process in psutil.process_iter()}
    ancestors = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}

    assert {pid for pid, _ in before & after} - ours <= ancestors


def test_what_a_process_is(tmp_path: Path) -> None:
    """Parent, name, users, groups, threads, arguments, executable, directory, environment, start and memory."""
    with odd_processes.running(tmp_path) as pids:
        value = {process.pid: process for process in found(processes.SECTION, ask(processes.SECTION)["processes"])}
        for role, pid in pids.items():
            ours, theirs = value[pid], psutil.Process(pid)
            assert ours.ppid == theirs.ppid()
            assert (ours.uid, ours.effective_uid) == (theirs.uids().real, theirs.uids().effective)
            assert ours.gid == theirs.gids().real
            assert (ours.nice, ours.threads) == (theirs.nice(), theirs.num_threads())
            assert ours.working_directory == theirs.cwd()
            assert abs(ours.start_seconds + psutil.boot_time() - theirs.create_time()) < 2
            assert ours.allowed_cpus == listed(theirs.cpu_affinity())
            assert ours.memory is not None
            assert abs((ours.memory.virtual or 0) - theirs.memory_info().vms) < 8 << 20
            assert abs(ours.rss_bytes - theirs.memory_info().rss) < 8 << 20
            if role != "deleted":  # psutil looks whether a file of that name exists
                assert ours.executable == theirs.exe()
            if role != "name":  # psutil takes the first line of a name
                assert ours.name == theirs.name()
            if role != "argument":  # its secret is redacted
                assert list(ours.arguments) == theirs.cmdline()
            if role != "environment":
                assert dict(ours.environment or ()) == theirs.environ()


def listed(numbers: list[int]) -> str:
    """CPUs as the kernel lists them: ``0-3,8``."""
    ranges: list[list[int]] = []
    for number in sorted(numbers):
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def test_listeners_and_connections_with_their_processes(tmp_path: Path) -> None:
    """Of processes that did not change meanwhile: what is bound, what is connected, and by whom."""
    with odd_processes.running(tmp_path) as pids:
        recordings = ask(sockets.SECTION, open_files.SECTION)
        theirs = psutil.Process(pids["sockets"]).net_connections("inet")
    value = found(sockets.SECTION, recordings["sockets"])
    inodes = {
        file.inode: file.pid
        for file in found(open_files.SECTION, recordings["open_files"])
        if file.target.startswith("socket:")
    }
    listening = {
        (socket_.protocol, socket_.address, socket_.port)
        for socket_ in value.listeners
        if inodes.get(socket_.inode) == pids["sockets"]
    }
    connected = {
        (one.local_address, one.local_port, one.remote_address, one.remote_port)
        for one in value.connections
        if inodes.get(one.inode) == pids["sockets"]
    }
    kinds = {
        (socket.AF_INET, socket.SOCK_STREAM): "tcp",
        (socket.AF_INET6, socket.SOCK_STREAM): "tcp6",
        (socket.AF_INET, socket.SOCK_DGRAM): "udp",
    }
    assert listening == {
        (kinds[one.family, one.type], one.laddr.ip, one.laddr.port)
        for one in theirs
        if one.status in (psutil.CONN_LISTEN, psutil.CONN_NONE)
    }
    assert connected == {
        (one.laddr.ip, one.laddr.port, one.raddr.ip, one.raddr.port)
        for one in theirs
        if one.status == psutil.CONN_ESTABLISHED
    }


def test_every_listener_of_this_machine() -> None:
    """Those that were there before and after."""
    try:
        before = {(one.laddr.ip, one.laddr.port) for one in psutil.net_connections("tcp") if one.status == "LISTEN"}
    except psutil.AccessDenied:
        pytest.skip("this user may not ask for all connections")
    value = found(sockets.SECTION, ask(sockets.SECTION)["sockets"])
    after = {(one.laddr.ip, one.laddr.port) for one in psutil.net_connections("tcp") if one.status == "LISTEN"}
    ours = {(one.address, one.port) for one in value.listeners if one.protocol.startswith("tcp")}

    assert before & after <= ours <= before | after
