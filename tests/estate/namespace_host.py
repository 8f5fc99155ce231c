"""Starts a host in namespaces of its own: mount, process, network, name, IPC and cgroup."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.estate import network, processes
from tests.estate.build import Built
from tests.estate.errors import EstateError
from tests.estate.places import ESTATE
from tests.estate.recipe import Recipe

_NAMESPACES = ("--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup")


def start(recipe: Recipe, built: Built, run: Path, hosts: str, authorized_keys: str) -> None:
    """Boot the host; returns when its init runs, which is before its services do."""
    assert recipe.address is not None
    (run / "hosts").write_text(hosts, "utf-8")
    (run / "authorized_keys").write_text(authorized_keys, "ascii")
    log = run / "boot.log"
    address = f"{recipe.address}/{network.NETWORK.prefixlen}"
    unshare = ["unshare", "--fork", "--kill-child", *_NAMESPACES]
    booting = processes.start(
        "host",
        recipe.name,
        [*unshare, "sh", str(ESTATE / "boot.sh"), recipe.name, address, str(built.root), str(run)],
        errors=log,
    )
    try:
        pid = int(processes.answer(booting, recipe.name, log))
        network.attach(recipe.name, recipe.address, pid)
        assert booting.stdin is not None
        booting.stdin.write(b"go\n")
        booting.stdin.flush()
    finally:
        processes.close([booting.stdin, booting.stdout])
        booting.wait()


def forward(recipe: Recipe, run: Path) -> None:
    """Publish the host's ports on its loopback address."""
    pairs = [
        f"{recipe.loopback}:{outside}={recipe.address}:{inside}" for inside, outside in sorted(recipe.publish.items())
    ]
    log = run / "forwarder.log"
    argv = [sys.executable, "-I", str(ESTATE / "forwarder.py"), *pairs]
    forwarder = processes.start("forwarder", recipe.name, argv, errors=log)
    try:
        said = processes.answer(forwarder, f"The forwarder of {recipe.name}", log)
    finally:
        processes.close([forwarder.stdin, forwarder.stdout])
        forwarder.wait()
    if said != "ready":
        raise EstateError(said)
