"""Builds snapshots by hand, for the corners that no host at hand shows. Most tests read real recordings instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from inventory.model.configuration import ConfigLine, Configuration, SecretFile
from inventory.model.cron import CronJob
from inventory.model.directories import Directory
from inventory.model.kernel import Kernel
from inventory.model.libraries import Elf, MappedFile
from inventory.model.mounts import Mounts
from inventory.model.open_files import OpenFile
from inventory.model.packages import Ownership, Package, Packages, ShippedFile
from inventory.model.processes import Process
from inventory.model.services import PidFile, Service, Services
from inventory.model.sockets import Connection, Listener, Sockets, UnixPeer, UnixSocket
from inventory.model.system import Distribution, System
from inventory.model.users import User, Users
from inventory.observation import Found, Observation, Origin, Unknown
from inventory.snapshot import Snapshot, Status

TAKEN = 1_795_000_000.0


def origin(section: str, line: int = 1, part: str = "test") -> Origin:
    return Origin(section, part, line)


@dataclass
class HostBuilder:
    """A host in the making. Every method adds something and returns what later calls need."""

    name: str = "web01"
    address: str = "10.77.0.11"
    platform: str = "posix"
    groups: tuple[str, ...] = ()
    processes: list[Process] = field(default_factory=list)
    files: list[OpenFile] = field(default_factory=list)
    listeners: list[Listener] = field(default_factory=list)
    connections: list[Connection] = field(default_factory=list)
    unix: list[UnixSocket] = field(default_factory=list)
    unix_peers: list[UnixPeer] | None = None
    packages: list[Package] = field(default_factory=list)
    owners: list[Ownership] = field(default_factory=list)
    shipped: list[ShippedFile] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    pid_files: list[PidFile] = field(default_factory=list)
    triggers: list[Service] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    jobs: list[CronJob] = field(default_factory=list)
    lines: list[ConfigLine] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)
    secrets: list[SecretFile] = field(default_factory=list)
    directories: list[Directory] = field(default_factory=list)
    elves: list[Elf] = field(default_factory=list)
    mapped: list[MappedFile] = field(default_factory=list)
    distribution: tuple[str, str] = ("debian", "13")
    architecture: str = "x86_64"
    kernel_release: str = "6.12.1"
    uptime: float = 1e6
    overrides: dict[str, Observation[Any]] = field(default_factory=dict)
    _inode: int = 1000

    def __post_init__(self) -> None:
        self.user("root", 0)

    def init(self, program: str = "/sbin/init") -> Process:
        return self.process(1, program, ppid=0)

    def process(
        self,
        pid: int,
        executable: str | None,
        *arguments: str,
        ppid: int = 1,
        name: str = "",
        unit: str = "",
        uid: int = 0,
        **more: Any,
    ) -> Process:
        """A process; ``arguments`` without the program itself, which is put before them."""
        short = name or (executable or "process").rpartition("/")[2][:15]
        cgroups = more.pop("cgroups", (f"/system.slice/{unit}",) if unit else ())
        process = Process(
            pid=pid,
            ppid=ppid,
            name=short,
            state="S",
            kernel=False,
            executable=executable,
            executable_deleted=False,
            working_directory="/",
            root="/",
            arguments=(executable or short, *arguments),
            environment=(),
            uid=uid,
            gid=uid,
            effective_uid=uid,
            groups=(),
            cgroups=cgroups,
            start_seconds=float(pid),
            cpu_seconds=1.0,
            rss_bytes=1 << 20,
            peak_rss_bytes=1 << 20,
            threads=1,
            nice=0,
            scheduling_policy=0,
            capabilities=0,
            seccomp=0,
            umask=0o22,
            limits=(),
            namespaces=(),
            session=pid,
            tty=0,
            origin=origin("processes", pid),
        )
        process = replace(process, **more)
        self.processes.append(process)
        return process

    def listen(
        self, process: Process, port: int, *others: Process, address: str = "0.0.0.0", protocol: str = "tcp"
    ) -> Listener:
        """A listener that ``process`` (and ``others``) hold."""
        self._inode += 1
        listener = Listener(
            protocol, address, port, process.uid, self._inode, origin("sockets", len(self.listeners) + 1)
        )
        self.listeners.append(listener)
        for each in (process, *others):
            self.open(each, f"socket:[{self._inode}]", descriptor=4)
        return listener

    def connect(self, process: Process, remote: str, port: int, *, local: str = "", local_port: int = 40000) -> None:
        """An established connection that ``process`` holds."""
        self._inode += 1
        self.connections.append(
            Connection(
                "tcp",
                local or self.address,
                local_port,
                remote,
                port,
                "ESTABLISHED",
                process.uid,
                self._inode,
                origin("sockets", len(self.connections) + 1, "connections"),
            )
        )
        self.open(process, f"socket:[{self._inode}]", descriptor=9)

    def listen_unix(self, process: Process, path: str) -> None:
        self._inode += 1
        self.unix.append(UnixSocket(path, "stream", True, self._inode, origin("sockets", len(self.unix) + 1, "unix")))
        self.open(process, f"socket:[{self._inode}]", descriptor=5)

    def open(
        self, process: Process, target: str, *, descriptor: int = 3, writable: bool = True, deleted: bool = False
    ) -> OpenFile:
        file = OpenFile(
            process.pid, descriptor, target, True, writable, deleted, origin("open_files", len(self.files) + 1)
        )
        self.files.append(file)
        return file

    def package(self, name: str, *paths: str, source: str = "", version: str = "1.0") -> None:
        self.packages.append(
            Package(
                name, version, "amd64", source or name, "dpkg", False, 1, origin("packages", len(self.packages) + 1)
            )
        )
        for path in paths:
            self.owners.append(Ownership(path, name, origin("packages", len(self.owners) + 1, "owners")))

    def init_script(self, name: str, text: str, *pids: int) -> Service:
        service = Service(
            name,
            "sysv",
            f"/etc/init.d/{name}",
            "",
            "",
            True,
            pids,
            (),
            text,
            origin("services", len(self.services) + 1),
        )
        self.services.append(service)
        return service

    def unit(self, name: str, *pids: int, **properties: str) -> Service:
        service = Service(
            name,
            "systemd",
            f"/lib/systemd/system/{name}.service",
            "",
            "active",
            True,
            pids,
            tuple(properties.items()),
            "",
            origin("services", len(self.services) + 1),
        )
        self.services.append(service)
        return service

    def timer(self, name: str, **properties: str) -> None:
        """A timer of systemd."""
        place, rows = origin("services", len(self.triggers) + 1, "triggers"), tuple(properties.items())
        self.triggers.append(Service(f"{name}.timer", "systemd", "", "", "active", True, (), rows, "", place))

    def pid_file(self, path: str, process: Process) -> None:
        self.pid_files.append(PidFile(path, process.pid, origin("services", len(self.pid_files) + 1, "pid_files")))

    def user(self, name: str, uid: int) -> None:
        self.users.append(User(name, uid, uid, "/", "/bin/sh", "", origin("users", len(self.users) + 1)))

    def job(
        self, command: str, *, user: str = "root", place: str = "/etc/cron.d/test", when: str = "0 3 * * *"
    ) -> None:
        self.jobs.append(CronJob(place, user, when, command, origin("cron", len(self.jobs) + 1)))

    def config(self, path: str, *texts: str, code: bool = False) -> None:
        """Lines of a file, numbered from 1."""
        for number, text in enumerate(texts, 1):
            where = origin("configuration", len(self.lines) + 1)
            self.lines.append(ConfigLine(path, number, text, code, where))

    def whole_config(self, path: str, text: str) -> None:
        """A file that was sent whole: its lines but comments, with their numbers."""
        goes_on = False
        for number, line in enumerate(text.split("\n"), 1):
            went_on, goes_on = goes_on, line.endswith("\\")
            if line.strip() and (went_on or goes_on or not line.strip().startswith("#")):
                where = origin("configuration", len(self.lines) + 1, "whole")
                self.lines.append(ConfigLine(path, number, line.strip(), False, where))
        self.whole.append(path)

    def secret(self, path: str, why: str = "password = ") -> None:
        self.secrets.append(SecretFile(path, why, origin("configuration", len(self.secrets) + 1, "secrets")))

    def directory(self, path: str, uid: int = 0, mode: int = 0o755) -> None:
        self.directories.append(Directory(path, uid, uid, mode, origin("directories", len(self.directories) + 1)))

    def elf(self, path: str, machine: str = "X86_64", *, bits: int = 64, **more: Any) -> None:
        elf = Elf(
            path,
            bits,
            machine,
            "/lib64/ld-linux-x86-64.so.2",
            (3, 2, 0),
            True,
            1,
            origin("executables", len(self.elves) + 1),
        )
        self.elves.append(replace(elf, **more))

    def map(self, path: str, *processes: Process) -> None:
        pids = tuple(process.pid for process in processes)
        self.mapped.append(MappedFile(path, pids, True, False, origin("libraries", len(self.mapped) + 1)))

    def _unix_peers(self) -> tuple[UnixPeer, ...] | None:
        return None if self.unix_peers is None else tuple(self.unix_peers)

    def unknown(self, section: str, reason: str = "permission denied") -> None:
        self.overrides[section] = Unknown(reason)

    def build(self, status: Status = "complete", reason: str = "") -> Snapshot:
        system_origin = origin("system")
        observations: dict[str, Observation[Any]] = {
            "system": Found(
                System(
                    hostname=self.name,
                    architecture=self.architecture,
                    distribution=Distribution(
                        self.distribution[0], self.distribution[1], " ".join(self.distribution), (), "", system_origin
                    ),
                    cpus=2,
                    cpu_model="",
                    cpu_flags=(),
                    memory_bytes=1 << 30,
                    timezone="UTC",
                    locale="C",
                    cgroup_version=2,
                    virtualization="none",
                    init=self.processes[0].name if self.processes else "init",
                    boot_time=TAKEN - self.uptime,
                    clock=TAKEN,
                    ticks_per_second=100,
                )
            ),
            "kernel": Found(
                Kernel("Linux", self.kernel_release, "", self.architecture, "", 0, (), (), None, origin("kernel"))
            ),
            "processes": Found(tuple(self.processes)),
            "open_files": Found(tuple(self.files)),
            "sockets": Found(
                Sockets(tuple(self.listeners), tuple(self.connections), tuple(self.unix), self._unix_peers())
            ),
            "packages": Found(Packages("dpkg", tuple(self.packages), tuple(self.owners), shipped=tuple(self.shipped))),
            "libraries": Found(tuple(self.mapped)),
            "executables": Found(tuple(self.elves)),
            "services": Found(Services("sysv", tuple(self.services), tuple(self.pid_files), tuple(self.triggers))),
            "mounts": Found(Mounts((), ())),
            "users": Found(Users(tuple(self.users), ())),
            "cron": Found(tuple(self.jobs)),
            "sysctls": Found(()),
            "configuration": Found(Configuration(tuple(self.lines), tuple(self.secrets), tuple(self.whole))),
            "directories": Found(tuple(self.directories)),
            **self.overrides,
        }
        return Snapshot(
            host=self.name,
            address=self.address,
            groups=self.groups,
            platform=self.platform,
            taken=TAKEN,
            status=status,
            reason=reason,
            observations=observations,
            user="root",
            privileged=True,
        )


def busy(*connections: tuple[str, int], extra: tuple[str, ...] = ()) -> Snapshot:
    """A host with one service, its connections to these peers, and one process more (``extra``: program, arguments)."""
    host = HostBuilder()
    init = host.init()
    daemon = host.process(200, "/usr/sbin/appd", "--port", "80", ppid=init.pid)
    host.listen(daemon, 80)
    for remote, port in connections:
        host.connect(daemon, remote, port)
    if extra:
        host.process(300, *extra, ppid=init.pid)
    return host.build()


def unreachable(name: str, reason: str = "nobody answers on port 22", platform: str = "posix") -> Snapshot:
    """A host of which nothing is known."""
    return Snapshot(name, name, (), platform, TAKEN, "unreachable", reason, {})


def names(items: Iterable[Any]) -> list[str]:
    return [item.name for item in items]
