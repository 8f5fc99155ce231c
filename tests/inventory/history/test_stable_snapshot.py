"""What is of the moment is no difference between two scans, unless somebody asks for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inventory.history.snapshot_diff import HostDifference, compare
from inventory.history.stable_snapshot import stable_snapshot
from inventory.model.ipc import Ipc, SharedSegment
from inventory.model.kernel import KernelKey, Protocol
from inventory.model.sysctls import Sysctl
from inventory.observation import Found
from inventory.snapshot import Snapshot
from tests.support.snapshots import HostBuilder, origin

LASTING = (100, 101)


def host() -> HostBuilder:
    built = HostBuilder()
    built.init()
    server = built.process(100, "/usr/sbin/shopd")
    built.process(101, "/usr/sbin/shopd", ppid=100)
    built.listen(server, 80)
    built.listen_unix(server, "/run/shop.sock")
    built.map("/usr/lib/libshop.so", server)
    built.elf("/usr/sbin/shopd")
    built.package("shop", "/usr/sbin/shopd")
    built.unit("backup", Type="oneshot", ActiveState="inactive")
    return built


def busy() -> HostBuilder:
    """The same host with clients, a job and other numbers."""
    built = host()
    server = built.processes[1]
    built.listeners[0] = replace(built.listeners[0], inode=77)
    built.open(server, "socket:[77]", descriptor=6)
    worker = built.process(102, "/usr/sbin/shopd", ppid=100)
    job = built.process(900, "/usr/bin/convert", "in", "out", ppid=100)
    built.connect(worker, "10.0.0.9", 33000, local_port=80)
    built.open(job, "/var/tmp/out")
    built.listen(server, 40123, protocol="udp")
    built.listen(job, 5555)
    built.listen_unix(job, "/tmp/job.sock")
    built.map("/usr/lib/libpng.so", job)
    built.elf("/usr/bin/convert")
    built.services[0] = replace(
        built.services[0], state="activating", properties=(("Type", "oneshot"), ("ActiveState", "activating"))
    )
    return built


def numbers(snapshot: Snapshot, number: int) -> Snapshot:
    """Counters of the kernel, and keys of logins."""
    kernel = snapshot.kernel
    assert isinstance(kernel, Found)
    changed = replace(
        kernel.value,
        protocols=(Protocol("TCP", number, "kernel", origin("kernel")),),
        keys=tuple(KernelKey(each, "user", "ticket", 0, origin("kernel")) for each in range(number)),
    )
    segment = SharedSegment(1, 0, 0o600, 56, 100, number, number, 0, 0, 0, number, False, origin("ipc"))
    return replace(
        snapshot,
        observations={
            **snapshot.observations,
            "kernel": Found(changed),
            "ipc": Found(Ipc((segment,), (), (), ())),
            "sysctls": Found((Sysctl("fs.file-nr", str(number), "", origin("sysctls")),)),
        },
    )


def between(everything: bool) -> HostDifference:
    old, new = numbers(host().build(), 6), numbers(busy().build(), 7)
    if everything:
        return compare(old, new, everything=True)
    return compare(stable_snapshot(old, LASTING), stable_snapshot(new, (*LASTING, 102)))


def test_clients_jobs_and_counters_are_no_difference() -> None:
    assert not between(everything=False), between(everything=False)


def test_all_has_them() -> None:
    kinds = {fact.kind for fact in between(everything=True).facts}

    assert {
        "process", "connection", "open file", "listener", "unix socket", "mapped file", "elf", "sysctl", "protocol",
        "shared segment", "service",
    } <= kinds  # fmt: skip


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda built: built.process(101, "/usr/sbin/shopd", "--fast", ppid=100), "process"),
        (lambda built: built.listen(built.processes[1], 8443), "listener"),
        (lambda built: built.listen(built.processes[1], 40123), "listener"),
        (lambda built: built.listen_unix(built.processes[1], "/run/admin.sock"), "unix socket"),
        (lambda built: built.map("/usr/lib/libnew.so", built.processes[1]), "mapped file"),
        (lambda built: built.package("curl"), "package"),
        (lambda built: built.unit("wiki", Type="simple"), "service"),
    ],
)
def test_what_was_changed_is_a_difference(change: object, kind: str) -> None:
    assert callable(change)
    changed = host()
    change(changed)

    difference = compare(stable_snapshot(host().build(), LASTING), stable_snapshot(changed.build(), LASTING))

    assert [fact.kind for fact in difference.facts if fact.change != "removed"] == [kind]
