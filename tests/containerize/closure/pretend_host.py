"""A small host that exists only here: files with contents, packages, and a reader that gives the contents back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assess.model import Workload
from containerize.closure import file_contents
from containerize.closure.file_set import FileSet
from containerize.closure.package_ownership import PackageOwnership
from containerize.closure.starting_points import add_evidence, search_path
from containerize.host.dpkg_database import dependencies
from containerize.host.file_tree import FileEntry, HostTree
from containerize.host.installed_packages import InstalledPackage, PackageDatabase
from containerize.host.process_listing import LiveProcess
from inventory.model.cron import CronJob
from inventory.model.services import Service
from inventory.observation import Origin

HERE = Origin("test", "test", 1)

DEPLOYED = 1_000_000
"""When everything on a pretend host was put there, unless a file says something else."""


@dataclass
class PretendHost:
    """Directories above a file come by themselves; ``package`` also puts its files there."""

    entries: dict[str, FileEntry] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    packages: dict[str, InstalledPackage] = field(default_factory=dict)
    manager: str = "dpkg"

    def directory(self, path: str, *, mode: int = 0o755, uid: int = 0) -> None:
        """A directory, and those above it."""
        parts = path.split("/")[1:]
        for depth in range(1, len(parts)):
            self.entries.setdefault("/" + "/".join(parts[:depth]), _entry("d"))
        self.entries[path] = _entry("d", mode=mode, uid=uid)

    def file(
        self, path: str, content: str | bytes = b"", *, mode: int = 0o644, uid: int = 0, mtime: int = DEPLOYED
    ) -> None:
        """A file."""
        data = content.encode() if isinstance(content, str) else content
        path = self._real(path)
        above = path.rpartition("/")[0]
        if above and above not in self.entries:
            self.directory(above)
        self.entries[path] = _entry("f", mode=mode, uid=uid, size=max(len(data), 1), mtime=mtime)
        self.contents[path] = data

    def _real(self, path: str) -> str:
        """Where a path of a merged top directory is."""
        top, _, rest = path[1:].partition("/")
        entry = self.entries.get(f"/{top}")
        return f"/{entry.link}/{rest}" if entry and entry.kind == "l" and rest else path

    def program(self, path: str, content: str | bytes = b"\x7fELF\0") -> None:
        """An executable file."""
        self.file(path, content, mode=0o755)

    def link(self, path: str, target: str) -> None:
        """A symbolic link."""
        above = path.rpartition("/")[0]
        if above and above not in self.entries:
            self.directory(above)
        self.entries[path] = _entry("l", link=target)

    def package(
        self,
        name: str,
        *files: str,
        depends: str = "",
        provides: str = "",
        essential: bool = False,
        required: bool = False,
        conffiles: Mapping[str, str] | None = None,
    ) -> None:
        """An installed package; files that are not there yet are made (programs below a bin directory)."""
        for path in files:
            if self._real(path) not in self.entries and not path.endswith("/"):
                (self.program if "bin/" in path else self.file)(path)
            elif path.endswith("/"):
                self.directory(path.rstrip("/"))
        for path, content in (conffiles or {}).items():
            self.file(path, content)
        paths = [path.rstrip("/") for path in (*files, *(conffiles or {}))]
        above = {f"/{'/'.join(path.split('/')[1:depth])}" for path in paths for depth in range(2, path.count("/") + 1)}
        self.packages[name] = InstalledPackage(
            name,
            name,
            "1",
            "amd64",
            essential,
            dependencies(depends),
            (),
            tuple(provides.split()),
            (*sorted(above), *paths),
            {
                path: hashlib.md5(self.contents[real]).hexdigest()  # noqa: S324
                for path in paths
                if (real := self._real(path)) in self.contents
            },
            frozenset(conffiles or ()),
            required,
        )

    def file_set(self, data: Mapping[str, str] | None = None, without: Sequence[str] = ()) -> FileSet:
        """An empty collection on this host."""
        tree = HostTree(self.entries)
        database = PackageDatabase(self.manager, self.packages, "amd64")
        return FileSet(tree, database, PackageOwnership(tree, database), data or {}, without)

    def read(self, paths: Sequence[str]) -> Mapping[str, file_contents.FileReferences]:
        """Implements the closure's Reader."""
        return {path: file_contents.understand(path, self.contents[path]) for path in paths}

    def close(
        self,
        *processes: LiveProcess,
        workload: Workload | None = None,
        data: Mapping[str, str] | None = None,
        without: Sequence[str] = (),
    ) -> FileSet:
        """The closure of a workload with these processes."""
        file_set = self.file_set(data, without)
        add_evidence(file_set, workload or make_workload(), processes)
        file_contents.follow_references(
            file_set, self, file_contents.LookupPaths(search_path(processes), ("/usr/lib/x86_64-linux-gnu",))
        )
        return file_set


def _entry(
    kind: str, *, mode: int = 0o755, uid: int = 0, size: int = 0, link: str = "", mtime: int = DEPLOYED
) -> FileEntry:
    return FileEntry(kind, mode, uid, uid, size, mtime, -1, "", link)


def process(
    executable: str,
    *arguments: str,
    uid: int = 0,
    cwd: str = "/",
    environment: Sequence[str] = ("PATH=/usr/sbin:/usr/bin:/sbin:/bin",),
    mapped: Sequence[str] = (),
    opened: Sequence[str] = (),
    catches: int = 1 << 14,
    umask: int | None = 0o022,
    ppid: int = 1,
    capabilities: int = 0,
    groups: Sequence[int] = (),
) -> LiveProcess:
    """A process; it has a handler for SIGTERM unless ``catches`` says otherwise."""
    return LiveProcess(
        pid=100,
        ppid=ppid,
        executable=executable,
        uid=uid,
        gid=uid,
        groups=tuple(groups),
        umask=umask,
        catches=catches,
        ignores=0,
        capabilities=capabilities,
        working_directory=cwd,
        arguments=tuple(each.encode() for each in (arguments or (executable,))),
        environment=tuple(each.encode() for each in environment),
        mapped=tuple(mapped),
        opened=tuple(opened),
    )


def make_workload(
    name: str = "app",
    *,
    service: Service | None = None,
    packages: Sequence[str] = (),
    roots: Sequence[str] = (),
    schedules: Sequence[CronJob] = (),
) -> Workload:
    """A workload as the assessment would make it."""
    return Workload(
        host="web01",
        name=name,
        kind="service",
        processes=(),
        main_pid=100,
        listeners=(),
        unix_sockets=(),
        connections=(),
        service=service,
        packages=tuple(packages),
        executables=(),
        configuration_roots=tuple(roots),
        data=(),
        schedules=tuple(schedules),
        companions=(),
        named_by="test",
    )


def sysv(name: str, text: str = "") -> Service:
    """A service with an init script."""
    return Service(name, "sysv", f"/etc/init.d/{name}", "", "", True, (), (), text, HERE)


def systemd(name: str, **properties: str) -> Service:
    """A service with a unit."""
    return Service(
        name,
        "systemd",
        f"/lib/systemd/system/{name}.service",
        "",
        "active",
        True,
        (),
        tuple(properties.items()),
        "",
        HERE,
    )
