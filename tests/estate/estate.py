"""The estate as a whole: which hosts run, starting and stopping them."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from tests.estate import client_key, hosts_ini, namespace_host, network, processes, recipe, vm_host
from tests.estate.build import Built, Say, build, built, forget_older
from tests.estate.errors import EstateError
from tests.estate.places import CHECKOUT, STATE
from tests.estate.recipe import Recipe
from tests.estate.running_host import RunningHost

Each = TypeVar("Each")


class Estate:
    """The hosts of this machine. Everything here needs root."""

    hosts_ini = STATE / "hosts.ini"
    known_hosts = STATE / "known_hosts"

    def __init__(self, say: Say = lambda _: None) -> None:
        self._say = say

    @property
    def key(self) -> Path:
        """Private key that every user of every host accepts."""
        return client_key.path()

    @classmethod
    @contextmanager
    def running(cls, names: Iterable[str], say: Say = lambda _: None) -> Iterator[Estate]:
        """Hosts for the length of a block.

        A host that already ran, or that another block still uses, goes on running afterwards. What a block left running
        that was killed goes as soon as somebody starts hosts again.
        """
        _need_root()
        estate = cls(say)
        wanted = _recipes(names)
        STATE.mkdir(mode=0o755, exist_ok=True)
        try:
            with contextlib.ExitStack() as leases:
                for host in wanted:
                    lease = leases.enter_context(_lease(host.name).open("a"))
                    fcntl.flock(lease, fcntl.LOCK_SH)
                estate._up(wanted, kept=False)
                yield estate
        finally:
            with _machine_lock(say):
                estate._stop([host.name for host in wanted if not _kept(host.name).exists() and _unused(host.name)])
                estate._tell_what_runs()

    def up(self, names: Iterable[str]) -> None:
        """Start hosts that stay until they are taken down; one that runs stays as it is."""
        _need_root()
        self._up(_recipes(names), kept=True)

    def down(self, names: Iterable[str] | None = None) -> None:
        """Stop hosts, or all of them, and remove everything that they consisted of while they ran."""
        _need_root()
        wanted = None if names is None else [host.name for host in _recipes(names)]
        with _machine_lock(self._say):
            _refuse_other_checkout()
            if wanted is None:
                wanted = sorted({process.host for process in processes.running() if process.role != "switch"})
            for name in wanted:
                self._say(f"{name}: stopping")
            self._stop(wanted)
            self._tell_what_runs()

    def hosts(self) -> list[RunningHost]:
        """The hosts that run."""
        _need_root()
        marked = [process for process in processes.running() if process.role == "host"]
        inits = processes.child_of(process.pid for process in marked)
        found = []
        for process in marked:
            with contextlib.suppress(EstateError):  # from a checkout with a recipe that this one does not have
                host = recipe.load(process.host)
                if host.machine == "qemu":
                    found.append(RunningHost(host, process.pid))
                elif process.pid in inits:
                    found.append(RunningHost(host, inits[process.pid]))
        return sorted(found, key=lambda host: host.name)

    def host(self, name: str) -> RunningHost:
        """One host that runs."""
        for host in self.hosts():
            if host.name == name:
                return host
        raise EstateError(f"{recipe.load(name).name} does not run; start it with `python -m tests.estate up {name}`.")

    def build(self, names: Iterable[str]) -> None:
        """Have hosts ready in the cache."""
        _need_root()
        # Clones are built once. Two at a time, since building is as much work for the processor as for the network.
        recipes = {host.built_from: host for host in _recipes(names)}
        _in_parallel(lambda host: build(host, self._say), recipes.values(), workers=2)

    def _up(self, wanted: Sequence[Recipe], *, kept: bool) -> None:
        self.build(host.name for host in wanted)
        with _machine_lock(self._say):
            _refuse_other_checkout()
            self._stop(_abandoned(wanted))
            up = self._complete()
            starting = [host for host in wanted if host.name not in up]
            for host in wanted:
                if host.name in up and _started_from(host) != _built(host):
                    self._say(f"{host.name}: runs as its recipe was before; take it down and up again to renew it")
            # What a killed run left of them.
            self._stop([host.name for host in starting])
            if not up:
                _sweep()
            for host in starting:
                if not any(recipe.load(name).built_from == host.built_from for name in up):
                    forget_older(host)
            if any(host.address for host in starting):
                network.ensure(STATE / "network.log")
            try:
                _in_parallel(self._start, starting, workers=8)
            except BaseException:
                self._stop([host.name for host in starting])
                self._tell_what_runs()
                raise
            if kept:
                for host in wanted:
                    _kept(host.name).touch()
            self._tell_what_runs()
            names = {host.name for host in wanted}
            running = [host for host in self.hosts() if host.name in names]
            # A host that is not ready in time is not stopped here: how else could somebody look why?
            _in_parallel(RunningHost.wait_until_ready, running, workers=32)

    def _start(self, host: Recipe) -> None:
        self._say(f"{host.name}: starting")
        found = _built(host)
        run = STATE / host.name
        run.mkdir(mode=0o700)
        (run / "built").write_text(str(found.folder), "utf-8")
        if host.machine == "qemu":
            vm_host.start(host, found, run)
        else:
            namespace_host.start(host, found, run, _etc_hosts(host), client_key.public())
            namespace_host.forward(host, run)

    def _complete(self) -> set[str]:
        """Names of the hosts of which everything runs that belongs to them."""
        roles: dict[str, set[str]] = {}
        for process in processes.running():
            roles.setdefault(process.host, set()).add(process.role)
        complete = set()
        for host in self.hosts():
            needed = {"host"} if host.recipe.machine == "qemu" else {"host", "forwarder"}
            if roles[host.name] >= needed and (STATE / host.name / "built").exists():
                complete.add(host.name)
        return complete

    def _stop(self, names: Sequence[str]) -> None:
        processes.end(process for process in processes.running() if process.host in names)
        for name in names:
            network.detach(name)
            _kept(name).unlink(missing_ok=True)
            shutil.rmtree(STATE / name, ignore_errors=True)

    def _tell_what_runs(self) -> None:
        """Write hosts.ini and known_hosts; when nothing runs, remove them and all else."""
        running = [host.recipe for host in self.hosts()]
        if not running:
            _sweep()
            return
        keys = [(host, _started_from(host).ssh_host_keys) for host in running]
        hosts_ini.replace(self.known_hosts, hosts_ini.known_hosts(keys))
        hosts_ini.replace(self.hosts_ini, hosts_ini.inventory(running, client_key.path(), self.known_hosts))


def _recipes(names: Iterable[str]) -> list[Recipe]:
    return [recipe.load(name) for name in dict.fromkeys(names)]


def _built(host: Recipe) -> Built:
    found = built(host)
    if found is None:
        raise EstateError(f"The recipe of {host.name} changed while it was started; try again.")
    return found


def _started_from(host: Recipe) -> Built:
    """What a running host was started from; its recipe may have changed since."""
    return Built(Path((STATE / host.name / "built").read_text("utf-8")))


def _kept(name: str) -> Path:
    """Exists when somebody started the host without saying for how long."""
    return STATE / f"{name}.kept"


def _lease(name: str) -> Path:
    """Locked, shared, by everyone who uses the host for the length of a block."""
    return STATE / f"{name}.lease"


def _unused(name: str) -> bool:
    with _lease(name).open("a") as lease:
        try:
            fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _abandoned(wanted: Sequence[Recipe]) -> list[str]:
    """Hosts that a block left running because it was killed: nobody started them to stay, and nobody uses them."""
    found = {process.host for process in processes.running() if process.role != "switch"}
    found -= {host.name for host in wanted}
    return sorted(name for name in found if not _kept(name).exists() and _unused(name))


def _sweep() -> None:
    """Remove what stays as long as any host runs. Files that are locked stay, since somebody may wait for one."""
    network.remove()
    for path in STATE.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.suffix not in {".lease", ".lock"}:
            path.unlink()


def _etc_hosts(host: Recipe) -> str:
    lines = ["127.0.0.1 localhost", f"{network.MACHINE_ADDRESS} gateway"]
    others = [other for other in map(recipe.load, recipe.names()) if other.address and other.name != host.name]
    lines += [f"{other.address} {other.name}.estate.example {other.name}" for other in [host, *others]]
    return "\n".join(lines)


def _in_parallel(work: Callable[[Each], object], items: Iterable[Each], workers: int) -> None:
    with ThreadPoolExecutor(max_workers=workers) as pool:
        futures = [pool.submit(work, each) for each in items]
    for future in futures:
        future.result()


def _need_root() -> None:
    if os.geteuid() != 0:
        raise EstateError("The estate needs root, for namespaces, devices and addresses; run it with sudo.")
    missing = [tool for tool in ("ip", "unshare", "nsenter", "setsid", "ssh-keygen") if shutil.which(tool) is None]
    if missing:
        raise EstateError(
            f"The estate needs {' and '.join(missing)}; install it "
            "(on Debian: apt install iproute2 util-linux openssh-client)."
        )


@contextmanager
def _machine_lock(say: Say) -> Iterator[None]:
    STATE.mkdir(mode=0o755, exist_ok=True)
    with (STATE / "estate.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another command that starts or stops hosts")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _refuse_other_checkout() -> None:
    for process in processes.running():
        if process.checkout != CHECKOUT and process.role != "switch":
            raise EstateError(
                f"The estate already runs from {process.checkout}, and a machine has one at a time; "
                f"use it from there, or take it down with `{process.checkout}/tests/estate/estate down`."
            )
