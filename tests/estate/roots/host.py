"""Boots such a host in namespaces of its own and puts SSH servers of this machine in front of it."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.inventory import sshd

HERE = Path(__file__).parent
USER = 1000
"""Number of the ordinary user and of its group, whom each recipe adds."""
_NAMESPACES = ("--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup")
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class RootHost:
    """A host that runs: ``pid`` is its init as this machine sees it, ``servers`` are by name of the user."""

    name: str
    pid: int
    servers: dict[str, sshd.Sshd]

    def argv(self, *command: str, user: str = "root") -> list[str]:
        """A command line that runs a command within, without SSH."""
        who = () if user == "root" else ("--setuid", str(USER), "--setgid", str(USER))
        home = "HOME=/root" if user == "root" else f"HOME=/home/{user}"
        inside = ["nsenter", "--target", str(self.pid), *_NAMESPACES, "--wd=/", *who]
        return [*inside, "env", "-i", _PATH, home, f"USER={user}", *command]

    def inventory(self) -> str:
        """Lines of a hosts.ini: NAME as root and NAME-user."""
        names = {"root": self.name}
        return "".join(
            server.inventory_line(names.get(user, f"{self.name}-user")) + "\n" for user, server in self.servers.items()
        )


def _server(host: RootHost, folder: Path, user: str) -> sshd.Sshd:
    """A server in whose eyes ``user`` is root by another name; what it runs enters the host, as that user."""
    script = folder / f"enter-{user}"
    inside = shlex.join(host.argv("/bin/sh", "-c", user=user))
    script.write_text(f'#!/bin/sh\nexec {inside} "$SSH_ORIGINAL_COMMAND"\n')
    script.chmod(0o755)
    accounts = folder / f"passwd-{user}"
    names = ("root:x:0:0::/root:/bin/sh", "sshd:x:100:65534::/run/sshd:/bin/false", f"{user}:x:0:0::/root:/bin/sh")
    accounts.write_text("\n".join(names) + "\n")
    with_accounts = 'mount --bind "$1" /etc/passwd && shift && exec "$@"'
    within = ("unshare", "--mount", "sh", "-c", with_accounts, "sh", str(accounts))
    started = sshd.start(folder / f"ssh-{user}", "/usr/sbin/sshd", (f"ForceCommand {script}",), within)
    return replace(started, user=user)


@contextmanager
def running(name: str, tree: Path | None, folder: Path, user: str) -> Iterator[RootHost]:
    """The host of recipe ``name`` on a copy of an unpacked ``tree``, or on what its tree.sh makes; it, keys and logs
    are in ``folder``. ``user`` is the ordinary user.

    A copy and no overlay: with that, ``du -x`` would take most files for those of another file system.

    sshd is this machine's: each login runs its command within the host, as root or as the user. Within, its processes
    have no parent, as with any container that is entered.
    """
    root = folder / "root"
    if tree is None:
        root.mkdir()
        with (folder / "tree.log").open("wb") as log:
            subprocess.run(["sh", "-eu", str(HERE / name / "tree.sh"), str(root)], stdout=log, stderr=log, check=True)
    else:
        subprocess.run(["cp", "-a", str(tree), str(root)], check=True)
    command = ["unshare", "--fork", "--kill-child", *_NAMESPACES, "sh", str(HERE / "boot.sh"), name, str(root)]
    with (folder / "boot.log").open("wb") as log:
        boot = subprocess.Popen([*command, str(HERE / name), "/sbin/init"], stdout=subprocess.PIPE, stderr=log)
    servers: dict[str, sshd.Sshd] = {}
    try:
        assert boot.stdout is not None
        said = boot.stdout.readline().strip()
        if not said.isdigit():
            raise RuntimeError(f"{name} did not boot: {(folder / 'boot.log').read_text('utf-8', 'replace')[-1000:]}")
        host = RootHost(name, int(said), servers)
        for each in ("root", user):
            servers[each] = _server(host, folder, each)
        yield host
    finally:
        for server in servers.values():
            sshd.stop(server)
        boot.kill()
        boot.wait()
