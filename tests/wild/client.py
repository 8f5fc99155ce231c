"""The client: a tree with client programs, in the network of the sandbox, that runs the functional checks."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.wild import trees
from tests.wild.legacy_host import overlay
from tests.wild.places import cache
from tests.wild.sandbox import Sandbox, bounded, last_line
from tests.wild.service_file import Case

_ATTEMPT_SECONDS = 60
_PAUSE_SECONDS = 2


@dataclass(frozen=True)
class Client:
    """The mounted client of a case."""

    sandbox: Sandbox
    root: Path

    def check(self, case: Case, address: str, seconds: float) -> str:
        """Run the check until it passes or ``seconds`` are over; empty when it passed, else what it wrote last."""
        script = self.sandbox.path(self.root) / "root/check"
        script.write_text(f"set -eu\ncd /root\n{case.service.check}\n", "utf-8")
        login = ("PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8", f"HOST={address}")
        argv = self.sandbox.argv(
            "unshare", "--pid", "--fork", "--kill-child", f"--root={self.root}", "--mount-proc",
            "env", "-i", *login, "sh", "/root/check",
        )  # fmt: skip
        deadline = time.monotonic() + seconds
        while True:
            done = bounded(argv, _ATTEMPT_SECONDS)
            if done.returncode == 0:
                return ""
            if time.monotonic() > deadline:
                words = last_line(done.stderr if done.stderr.strip() else done.stdout)
                return f"check ended with status {done.returncode}: {words}"
            time.sleep(_PAUSE_SECONDS)


@contextmanager
def client_of(sandbox: Sandbox, case: Case) -> Iterator[Client]:
    """Mount the client of a case, installed before when it needs more packages."""
    folder = cache() / "clients" / case.id
    if not case.service.client:
        shutil.rmtree(folder, ignore_errors=True)
    with overlay(sandbox, trees.client_base(), folder) as root:
        for name in ("null:3", "zero:5", "random:8", "urandom:9"):
            sandbox.run(
                "sh", "-c", f"[ -c {root}/dev/{name[:-2]} ] || mknod -m 666 {root}/dev/{name[:-2]} c 1 {name[-1]}"
            )
        sandbox.run(
            "sh", "-c", f"printf '127.0.0.1 localhost client\\n' > {root}/etc/hosts; : > {root}/etc/resolv.conf"
        )
        yield Client(sandbox, root)
    shutil.rmtree(folder, ignore_errors=True)
