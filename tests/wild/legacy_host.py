"""A legacy host in the sandbox: booted with its own init as the first process, reached over SSH like a server."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.estate import client_key
from tests.wild import trees
from tests.wild.errors import WildError
from tests.wild.install import folder_of
from tests.wild.places import BOOT
from tests.wild.sandbox import ADDRESS, Sandbox, bounded, last_line
from tests.wild.service_file import Case

HOST_ADDRESS = "10.78.0.11"
_BOOT_SECONDS = 60
_STOP_SECONDS = 45
_NETWORK = "server"
_CGROUPS = 'tree=/sys/fs/cgroup/unified; [ -d "$tree" ] || tree=/sys/fs/cgroup'


@dataclass(frozen=True)
class LegacyHost:
    """A booted host."""

    sandbox: Sandbox
    case: Case
    process: subprocess.Popen[bytes]

    @property
    def root(self) -> Path:
        """Its root file system, in the sandbox; readable also after the host was stopped."""
        return folder_of(self.case) / "root"

    def inventory(self, folder: Path) -> Path:
        """Write an Ansible inventory with this host."""
        known = folder / "known_hosts"
        keys = sorted((folder_of(self.case) / "upper/etc/ssh").glob("ssh_host_*_key.pub"))
        known.write_text("".join(f"{HOST_ADDRESS} {' '.join(key.read_text().split()[:2])}\n" for key in keys), "ascii")
        arguments = f"-F none -o UserKnownHostsFile={shlex.quote(str(known))} -o GlobalKnownHostsFile=/dev/null"
        path = folder / "hosts.ini"
        path.write_text(
            f"{self.case.host} ansible_host={HOST_ADDRESS} ansible_user=root "
            f"ansible_ssh_private_key_file={shlex.quote(str(client_key.path()))} "
            f"ansible_ssh_common_args='{arguments}'\n",
            "utf-8",
        )
        return path

    def run(self, script: str, seconds: float) -> subprocess.CompletedProcess[str]:
        """Run a script as root on the host, over SSH."""
        options = ["-F", "none", "-i", str(client_key.path()), "-o", "BatchMode=yes", "-o", "LogLevel=ERROR"]
        options += ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "ConnectTimeout=5"]
        ssh = ["ssh", *options, f"root@{HOST_ADDRESS}", f"set -eu\n{script}"]
        return bounded(self.sandbox.argv(*ssh), seconds)

    def stop(self) -> None:
        """Shut the host down as an administrator would, so that its services write their data."""
        shutdown = "(sleep 0.2; shutdown -h now || init 0 || poweroff) >/dev/null 2>&1 </dev/null &"
        if self.process.poll() is None:
            self.run("systemctl poweroff" if self.case.service.init == "systemd" else shutdown, 20)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_STOP_SECONDS)
        self.end()

    def end(self) -> None:
        """Cut its power."""
        with contextlib.suppress(ProcessLookupError):
            # nsenter does not take its child with it.
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def boot(sandbox: Sandbox, case: Case) -> Iterator[LegacyHost]:
    """Boot the installed host of a case; sshd answers. Raises WildError."""
    folder = folder_of(case)
    base = trees.host_base(case.release, case.service.init)
    with overlay(sandbox, base, folder):
        _plug(sandbox)
        namespaces = ["--mount", "--pid", "--uts", "--ipc", "--cgroup", "--fork", "--kill-child"]
        # Its own place in the cgroup tree, which becomes the root of what the host sees.
        cgroup = f"brownfield-wild-{sandbox.pid}"
        enter = f'{_CGROUPS}; mkdir -p "$tree/{cgroup}"; echo 0 > "$tree/{cgroup}/cgroup.procs" || :; exec "$@"'
        command = ["nsenter", f"--net=/run/netns/{_NETWORK}", "unshare", *namespaces, "sh", str(BOOT / "host.sh")]
        boot_log = (folder / "boot.log").open("wb")
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL",
             *sandbox.argv("sh", "-c", enter, "sh", *command, str(folder / "root"), case.host, HOST_ADDRESS, ADDRESS)],
            stdin=subprocess.DEVNULL,
            stdout=boot_log,
            stderr=boot_log,
            start_new_session=True,
        )  # fmt: skip
        boot_log.close()
        host = LegacyHost(sandbox, case, process)
        try:
            _wait_for_ssh(host, folder / "boot.log")
            yield host
        finally:
            host.end()
            _unplug(sandbox)
            emptied = f'{_CGROUPS}; cd "$tree"; for _ in 1 2 3 4 5 6; do [ -d {cgroup} ] || break; sleep 0.3; '
            sandbox.run("sh", "-c", emptied + f"find {cgroup} -depth -type d -exec rmdir {{}} +; done", check=False)


@contextmanager
def overlay(sandbox: Sandbox, base: Path, folder: Path) -> Iterator[Path]:
    """Mount a tree with what was written over it, in the sandbox."""
    for name in ("upper", "work", "root"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    root = folder / "root"
    options = f"lowerdir={base},upperdir={folder / 'upper'},workdir={folder / 'work'}"
    sandbox.run("mount", "-t", "overlay", "-o", options, "overlay", str(root))
    try:
        yield root
    finally:
        sandbox.run("umount", "--lazy", str(root), check=False)


def _plug(sandbox: Sandbox) -> None:
    _unplug(sandbox)
    sandbox.run("ip", "netns", "add", _NETWORK)
    sandbox.run("ip", "link", "add", "server0", "type", "veth", "peer", "name", "eth0", "netns", _NETWORK)
    sandbox.run("ip", "link", "set", "server0", "master", "wild0", "up")
    inside = ("ip", "-n", _NETWORK)
    sandbox.run(*inside, "link", "set", "lo", "up")
    sandbox.run(*inside, "addr", "add", f"{HOST_ADDRESS}/24", "dev", "eth0")
    sandbox.run(*inside, "link", "set", "eth0", "up")
    sandbox.run(*inside, "route", "add", "default", "via", ADDRESS)


def _unplug(sandbox: Sandbox) -> None:
    sandbox.run("ip", "link", "delete", "server0", check=False)
    sandbox.run("ip", "netns", "delete", _NETWORK, check=False)


def _wait_for_ssh(host: LegacyHost, log: Path) -> None:
    deadline = time.monotonic() + _BOOT_SECONDS
    while True:
        done = host.run("true", 15)
        if done.returncode == 0:
            return
        if host.process.poll() is not None:
            raise WildError(f"The host ended while it booted: {last_line(log.read_text('utf-8', 'replace'))}")
        if time.monotonic() > deadline:
            raise WildError(f"sshd of the host does not answer after {_BOOT_SECONDS} s: {last_line(done.stderr)}")
        time.sleep(0.5)
