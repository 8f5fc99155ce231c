"""Small daemons with the habits of large ones. Run as a program: the name of a function, and its arguments."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
import time
from pathlib import Path


def say(text: str) -> None:
    os.write(1, (text + "\n").encode())


def detach() -> None:
    """Fork twice and start a session, as daemon(7) asks; the first process ends with 0."""
    if os.fork():
        os._exit(0)
    os.setsid()
    if os.fork():
        os._exit(0)


def idle(status: str = "0") -> None:
    """Until SIGTERM, which is reported."""

    def stop(number: int, _: object) -> None:
        say(f"got {signal.Signals(number).name}")
        os._exit(int(status))

    for each in (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT):
        signal.signal(each, stop)
    for each in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(each, lambda number, _: say(f"got {signal.Signals(number).name}"))
    say("ready")
    while True:
        signal.pause()


def forks(pid_file: str = "", delay: str = "0", status: str = "0") -> None:
    """Detach; write the PID file late, if there is one."""
    detach()
    if pid_file:
        time.sleep(float(delay))
        Path(pid_file).write_text(f"{os.getpid()}\n")
    idle(status)


def forks_and_ends(seconds: str, status: str) -> None:
    detach()
    say("ready")
    time.sleep(float(seconds))
    os._exit(int(status))


def forks_and_renames() -> None:
    """Change the name of the process, as many servers do."""
    detach()
    ctypes.CDLL(None).prctl(15, b"master: idle) S 1", 0, 0, 0)
    idle()


def ignores_sigterm() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    say("ready")
    while True:
        time.sleep(60)


def replaces_itself(pid_file: str) -> None:
    """A new main process takes over, and the old one ends: a change of the program without interruption."""
    detach()
    Path(pid_file).write_text(str(os.getpid()))
    time.sleep(0.3)
    new = os.fork()
    if new:
        Path(pid_file).write_text(str(new))
        os._exit(0)
    say("the new one")
    idle()


def watched_by_its_parent(pid_file: str) -> None:
    """The PID file names a grandchild of the supervisor, whose parent lives on."""
    detach()
    child = os.fork()
    if child:
        Path(pid_file).write_text(str(child))
        os.waitpid(child, 0)
        time.sleep(60)
    say("ready")
    time.sleep(0.5)
    os._exit(0)


def notifies(*messages: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
        for message in messages:
            to.sendto(message.encode(), "\0" + os.environ["NOTIFY_SOCKET"][1:])
            time.sleep(0.1)
    idle()


def notifies_of_a_child() -> None:
    """MAINPID= names the process that stays; the first one ends."""
    ends = os.pipe()
    child = os.fork()
    if not child:
        os.read(ends[0], 1)
        idle("7")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
        to.sendto(f"MAINPID={child}\nREADY=1".encode(), "\0" + os.environ["NOTIFY_SOCKET"][1:])
    time.sleep(0.3)
    os.write(ends[1], b"x")
    os._exit(0)


def leaves_zombies(count: str) -> None:
    """Orphans that end at once."""
    for _ in range(int(count)):
        if not os.fork():
            if os.fork():
                os._exit(0)
            os._exit(0)
        os.wait()
    idle()


def forks_for_each_connection(port: str) -> None:
    detach()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.create_server(("127.0.0.1", int(port))) as server:
        say("ready")
        while True:
            connection, _ = server.accept()
            if not os.fork():
                connection.sendall(connection.recv(100))
                os._exit(0)
            connection.close()


def echo_stream() -> None:
    """Of inetd: the connection is standard input and output."""
    os.write(1, os.read(0, 100))


def echo_passed_connection() -> None:
    assert os.environ["LISTEN_FDS"] == "1" and os.environ["LISTEN_PID"] == str(os.getpid())
    connection = socket.socket(fileno=3)
    connection.sendall(connection.recv(100) + os.environ.get("REMOTE_ADDR", "").encode())


def echo_datagrams(seconds: str) -> None:
    """Of inetd with "wait": answer until nothing comes for a while."""
    with socket.socket(fileno=0) as server:
        server.settimeout(float(seconds))
        try:
            while True:
                text, peer = server.recvfrom(100)
                server.sendto(text + b" from %d" % os.getpid(), peer)
        except TimeoutError:
            os._exit(0)


def serve_passed(connections: str = "1000") -> None:
    """Accept on descriptor 3, as sd_listen_fds(3); end with 0 after some connections."""
    say(f"{os.environ['LISTEN_FDS']} {os.environ['LISTEN_FDNAMES']} {os.environ['LISTEN_PID'] == str(os.getpid())}")
    server = socket.socket(fileno=3)
    if connections == "detached":
        detach()
        connections = "1000"
    for _ in range(int(connections)):
        if server.type == socket.SOCK_DGRAM:
            text, peer = server.recvfrom(100)
            server.sendto(text, peer)
        else:
            connection, _ = server.accept()
            connection.sendall(connection.recv(100))
            connection.close()


def logs_and_fails() -> None:
    """As syslog(3) writes; the last words are there only."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
        to.sendto(b"<27>Dec  1 16:00:00 slapd[12]: cannot open the \x1b[31mdatabase\n\0", "/dev/log")
    time.sleep(0.2)
    os._exit(1)


def describe_descriptors() -> None:
    """Those that are open, without the one that reads the folder."""
    say(" ".join(sorted((path.name for path in Path("/proc/self/fd").iterdir()), key=int)[:-1]))


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
