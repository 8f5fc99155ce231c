"""The set of files for an image: every path and every package with its reason.

This is the part that knows how one thing brings another: a link its target and a file its package, a package its
dependencies. What is brought in the first place is said by :mod:`containerize.closure.starting_points` and by what the
files themselves mention (:mod:`containerize.closure.file_contents`).
"""

from __future__ import annotations

import fnmatch
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import cache, lru_cache

from containerize.closure import path_rules
from containerize.closure.package_ownership import PackageOwnership
from containerize.closure.permissions import RunningAccount
from containerize.closure.restricted_files import FileAccess, RestrictedPath
from containerize.data_tables import data_table
from containerize.host.file_tree import FileEntry, HostTree
from containerize.host.installed_packages import PackageDatabase

APPLICATION_LIMIT = 16 << 30
"""A directory of more than this is unrecognised data, not a program."""

STATE_LIMIT = 64 << 20
"""Files below /var/lib that no package owns are settings that were generated, up to this size each; more is data."""

_RUN_TIME = ("/run", "/var/run", "/var/lock", "/dev/shm", "/tmp", "/var/tmp")  # noqa: S108 - compared, not written

_FILLED = ("/var/log", "/var/cache", "/var/spool")
"""Here only directories count: they are filled again while the service runs."""


def _note_more(reasons: dict[str, list[str]], name: str, first: str, another: str) -> None:
    known = reasons.setdefault(name, [])
    if another != first and another not in known and len(known) < MORE_REASONS:
        known.append(another)


@cache
def _host_patterns() -> tuple[str, ...]:
    return tuple(data_table("host_packages")["patterns"])


@lru_cache(maxsize=8192)
def boots_a_machine(package: str) -> bool:
    """Whether a package only boots or manages a machine."""
    return any(fnmatch.fnmatchcase(package, pattern) for pattern in _host_patterns())


MORE_REASONS = 16
"""libc is wanted by everybody; this many further reasons are kept of a path or package."""


class FileSet:
    """The files collected so far. ``data`` maps data directories, of any workload of the host, to their reason.

    ``without`` are paths that a person wants left out; they bring nothing, and ``depended`` says who asked for them.
    ``used`` are the real paths that something was seen or said to use, other than as part of a package. ``withheld``
    are places that ``access`` keeps out. ``accounts`` are the uids under which the service runs.
    """

    def __init__(
        self,
        tree: HostTree,
        database: PackageDatabase,
        ownership: PackageOwnership,
        data: Mapping[str, str],
        without: Iterable[str] = (),
        access: FileAccess | None = None,
    ) -> None:
        self.tree = tree
        self.database = database
        self.ownership = ownership
        self.data = dict(data)
        self.claims: dict[str, str] = {}
        self.packages: dict[str, str] = {}
        self.left_out: dict[str, str] = {}
        self.run_paths: dict[str, str] = {}
        self.used: set[str] = set()
        self.also: dict[str, list[str]] = {}
        self.also_packages: dict[str, list[str]] = {}
        self.depended: dict[str, list[str]] = {
            real.path if (real := tree.canonical(path)) else path: [] for path in without
        }
        self.access = access
        self.withheld: dict[str, str] = {}
        self.accounts: set[int] = set()
        self._unpacked_guarded: set[str] = set()
        self._queue: deque[str] = deque()
        self._whole: set[tuple[str, tuple[RunningAccount, ...] | None]] = set()
        self.essential = self._essential_closure()

    # Packages

    def _essential_closure(self) -> frozenset[str]:
        """The essential packages with all they depend on: what every system of the distribution has."""
        found: dict[str, None] = {}
        todo = [
            key
            for key, package in self.database.packages.items()
            if package.essential and not boots_a_machine(package.name)
        ]
        while todo:
            key = todo.pop()
            if key in found:
                continue
            found[key] = None
            needed = self._needs(key)
            # Of several that provide the same (mawk and gawk are both an awk), every system has the required one.
            required = frozenset(other for other in needed if self.database.packages[other].required)
            alone = self._needed_alone(key, required)
            todo.extend(other for other in needed if other in required or other in alone)
        return frozenset(found)

    def _needed_alone(self, key: str, required: frozenset[str]) -> frozenset[str]:
        """Packages that meet a dependency of ``key`` which no required package meets."""
        package = self.database.packages[key]
        met = (self.database.meets(dependency, package.architecture) for dependency in package.depends)
        return frozenset(other for providers in met if required.isdisjoint(providers) for other in providers)

    def _needs(self, key: str) -> list[str]:
        package = self.database.packages[key]
        needed: dict[str, None] = {}
        for dependency in package.depends:
            for other in self.database.meets(dependency, package.architecture):
                name = self.database.packages[other].name
                if boots_a_machine(name):
                    self.left_out.setdefault(f"package {name}", "only boots or manages a machine")
                else:
                    needed[other] = None
        return [*needed]

    def package(self, key: str, clause: str) -> None:
        """Bring a package and what it depends on. ``clause`` goes behind its name: ``which apache2 depends on``."""
        name = self.database.packages[key].name
        if key in self.packages:
            _note_more(self.also_packages, key, self.packages[key], clause)
            self._unpack_again(key)
            return
        if boots_a_machine(name):
            self.left_out.setdefault(f"package {name}", "only boots or manages a machine")
            return
        self.packages[key] = clause
        self._queue.append(key)
        while self._queue:
            current = self._queue.popleft()
            self._unpack(current)
            clause = f"which {self.database.packages[current].name} depends on"
            for other in self._needs(current):
                if other in self.packages:
                    _note_more(self.also_packages, other, self.packages[other], clause)
                else:
                    self.packages[other] = clause
                    self._queue.append(other)

    def package_named(self, name: str, clause: str) -> bool:
        """The same by name; False when it is not installed."""
        key = self.database.find(name)
        if key is None:
            return False
        self.package(key, clause)
        return True

    def _unpack_again(self, key: str) -> None:
        """Take what was withheld of packages when something unprivileged asked for them."""
        todo = [key]
        while todo and self.access is not None and not self.access.guarded:
            if (current := todo.pop()) in self._unpacked_guarded:
                self._unpacked_guarded.discard(current)
                self._unpack(current)
                todo += self._needs(current)

    def _unpack(self, key: str) -> None:
        if self.access is not None and self.access.guarded:
            self._unpacked_guarded.add(key)
        reason = f"belongs to {self.database.packages[key].name}, {self.packages[key]}"
        for path, _ in self.ownership.files(key):
            if self.claim(path, reason):
                entry = self.tree.get(path)
                if entry is not None and entry.kind == "l":
                    self.reach(path, reason)

    # Paths

    def claim(self, path: str, reason: str) -> bool:
        """Take one real path into the image; False when it is never in one, or is not there."""
        if path in self.claims:
            _note_more(self.also, path, self.claims[path], reason)
            return True
        entry = self.tree.get(path)
        if entry is None or entry.kind not in "fdl" or path == "/":
            return False
        if self._unwelcome(path, reason):
            return False
        if why := self._never(path, entry):
            self.left_out.setdefault(*why)
            return False
        if self.access is not None:
            try:
                self.access.check(path)
            except RestrictedPath as refused:
                self.withheld.setdefault(refused.place, refused.why)
                return False
        self.claims[path] = reason
        return True

    @contextmanager
    def on_behalf_of(self, source: str) -> Iterator[None]:
        """Follow what the file at a real path names; no more comes than who can change it may read."""
        with self.access.on_behalf_of(source) if self.access is not None else nullcontext():
            yield

    @contextmanager
    def on_behalf_of_account(self, uid: int, words: str) -> Iterator[None]:
        """The same for what an account says in another way."""
        with self.access.on_behalf_of_account(uid, words) if self.access is not None else nullcontext():
            yield

    def _unwelcome(self, path: str, reason: str) -> bool:
        """Whether a person wants this path left out. Who asks for it is noted."""
        if not self.depended or (place := path_rules.below_any(path, self.depended)) is None:
            return False
        words = reason if path == place else f"{path} {reason}"
        if words not in self.depended[place]:
            self.depended[place].append(words)
        return True

    def _never(self, path: str, entry: FileEntry) -> tuple[str, str] | None:
        if mark := path_rules.whiteout(path):
            return mark, "a name that means the removal of another file in an image"
        if place := path_rules.left_out(path):
            # The directory itself may be part of the skeleton (/tmp, /dev): what is in it is not.
            return None if place[0] == path and entry.kind != "f" and path in path_rules.skeleton() else place
        if (data := path_rules.below_any(path, self.data)) and data != path:
            return data, f"{self.data[data]}, which stays outside"
        if entry.kind == "f" and path.startswith("/var/log/"):
            return "/var/log", "logs; the directories are there, and empty"
        if entry.sparse:
            return path, f"a sparse file that claims {entry.size >> 30} GB"
        return None

    def reach(self, path: str, reason: str) -> str | None:
        """Take a path with every link on the way and where it leads; the real path, or None when it leads nowhere."""
        resolved = self.tree.resolve(path)
        if resolved is None:
            return None
        for link in resolved.links:
            self.claim(link, f"is a link to {resolved.path}")
        return resolved.path if self.claim(resolved.path, reason) else None

    def use(self, path: str, clause: str) -> None:
        """Something uses ``path``: bring it, its links, the package it belongs to or the application it is part of.

        ``clause`` goes behind the path: ``is mapped by /usr/sbin/apache2``.
        """
        resolved = self.tree.resolve(path)
        if resolved is None:
            self._use_parent(path, clause)
            return
        real = resolved.path
        if path_rules.below_any(real, _RUN_TIME):
            self.run_paths.setdefault(real, clause)
        if path_rules.below_any(real, self.data):
            return
        if self._unwelcome(real, clause) or any(self._unwelcome(link, clause) for link in resolved.links):
            return
        self.used.add(real)
        for link in resolved.links:
            self.claim(link, f"is a link to {real}, which {clause}")
            # A merged /lib is a directory to all packages that have files in it; no one of them owns the link.
            if len(owners := self.ownership.owners(link)) == 1:
                self.package(owners[0], f"which owns {link}, a link to what {clause}")
        entry = self.tree.get(real)
        if entry is None:
            return
        if entry.kind == "d":
            self._use_directory(real, clause)
        elif owner := self.ownership.owner(real):
            self.claim(real, clause)
            self.package(owner, f"which owns {real}, which {clause}")
        elif root := path_rules.application_root(real, directory=False):
            self.whole(root, f"is part of {root}, where {real} {clause}")
        else:
            self.claim(real, clause)

    def _use_parent(self, path: str, clause: str) -> None:
        """A path that is not there: a log yet to be written, a socket, a pattern (``/var/log/exim4/%slog``). Of
        run-time files only the directories are listed, and what counts of the file is where it lies.
        """
        above = self.tree.resolve(path.rpartition("/")[0])
        if above is None:
            return
        if path_rules.is_below(above.path, "/run"):
            self.run_paths.setdefault(above.path, f"holds {path}, which {clause}")
        elif path_rules.below_any(above.path, _FILLED) and above.path not in _FILLED:
            self._use_directory(above.path, f"holds {path}, which {clause}")

    def _use_directory(self, path: str, clause: str) -> None:
        if root := path_rules.application_root(path, directory=True):
            self.whole(root, f"is part of {root}, where {path} {clause}")
            return
        if not self.claim(path, clause):
            return
        if path_rules.is_application_base(path):
            # /var/www is named by every web server's defaults; it is an application only with files right in it.
            if any((child := self.tree.get(each)) and child.kind == "f" for each in self.tree.children(path)):
                self.whole(path, f"is part of {path}, which {clause}")
            return
        if path in path_rules.shared_directories():
            return
        if path_rules.below_any(path, _FILLED):
            self.whole(path, f"is below {path}, which {clause}", directories_only=True)
            return
        owners = self.ownership.owners(path)
        if path.startswith("/etc/"):
            self.whole(path, f"is below {path}, which {clause}")
        elif len(owners) == 1:
            self.package(owners[0], f"which owns {path}, which {clause}")
        elif not owners and path_rules.below_any(path, ("/usr", "/var/lib")):
            self.whole(path, f"is below {path}, which {clause}")

    def whole(self, root: str, reason: str, *, directories_only: bool = False) -> None:
        """Take a directory and everything below it that may be in an image."""
        behalf = self.access.behalf if self.access is not None else None
        if root in self.claims and not self._whole.isdisjoint({(root, None), (root, behalf)}):
            return
        if not self.claim(root, reason):
            return
        if not directories_only:
            self._whole.add((root, behalf))
            if (size := self._size_below(root)) > APPLICATION_LIMIT:
                self.left_out[root] = f"holds {size >> 30} GB, too much for a program; make it a volume"
                return
        for path in self.tree.below(root, skip=self.data):
            entry = self.tree.get(path)
            if entry is None or (directories_only and entry.kind != "d"):
                continue
            if why := self.unwanted(path, entry):
                self.left_out.setdefault(path, why)
            elif entry.kind == "l":
                if self.claim(path, reason):
                    self.reach(path, reason)
            else:
                self.claim(path, reason)

    def _size_below(self, root: str) -> int:
        entries = (self.tree.get(path) for path in self.tree.below(root, skip=self.data))
        return sum(entry.size for entry in entries if entry is not None and entry.kind == "f" and not entry.sparse)

    def unwanted(self, path: str, entry: FileEntry) -> str | None:
        """The reason why a file that is only in the same directory stays out; None when it is taken."""
        if entry.kind != "f" or self.ownership.owner(path):
            return None
        if path_rules.is_leftover(path):
            return "left behind by a package tool or an editor"
        if path_rules.is_run_time_file(path) and not path.startswith(("/etc/", "/usr/lib", "/usr/share")):
            return "a trace of the service's running"
        if path_rules.below_any(path, _FILLED):
            return "filled again while the service runs; the directory is there"
        if path.startswith("/var/lib/") and path_rules.application_root(path, directory=False) is None:
            if entry.uid != 0:
                return "state that the service wrote while it ran"
            if entry.size > STATE_LIMIT:
                return "state of more than 64 MB"
        return None
