"""The kernel's own values: known where they are the same everywhere, and true on real kernels."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from pathlib import Path

import pytest

from inventory.model.sysctl_defaults import DEFAULTS, default_of, version_of


@pytest.mark.parametrize(
    ("name", "release", "value"),
    [
        ("net.core.somaxconn", "2.6.18-398.el5", "128"),
        ("net.core.somaxconn", "5.3.18-150300.59-default", "128"),
        ("net.core.somaxconn", "5.4.0-42-generic", "4096"),
        ("net.core.somaxconn", "6.12.1", "4096"),
        ("kernel.sem", "3.10.0-1160.el7.x86_64", "250 32000 32 128"),
        ("kernel.sem", "4.19.0-27-amd64", "32000 1024000000 500 32000"),
        ("vm.dirty_ratio", "2.6.32-754.el6.x86_64", None),
        ("fs.file-max", "6.1.0", None),
        ("vm.swappiness", "", None),
    ],
)
def test_values_follow_the_version(name: str, release: str, value: str | None) -> None:
    assert default_of(name, release) == value


def test_rows_are_in_order_and_written_as_the_parser_writes_values() -> None:
    for name, rows in DEFAULTS.items():
        assert [since for since, _ in rows] == sorted({since for since, _ in rows}), name
        assert all(value == " ".join(value.split()) for _, value in rows), name


def test_a_release_is_read_by_its_first_two_numbers() -> None:
    assert version_of("5.10.0-32-cloud-amd64") == (5, 10)
    assert version_of("unknown") is None


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("unshare") is None, reason="needs root for new namespaces")
def test_live_new_namespaces_of_this_kernel_have_these_values() -> None:
    """What is per namespace begins with the kernel's own value in a new one; conf and neigh are inherited."""
    names = [
        name
        for name in DEFAULTS
        if name.startswith(("net.", "fs.mqueue.", "kernel.msg", "kernel.sem", "kernel.shm"))
        and ".conf." not in name
        and ".neigh." not in name
        and name not in {"net.ipv4.ip_forward", "net.core.dev_weight", "net.core.netdev_budget"}
        and name not in {"net.core.netdev_max_backlog", "net.ipv4.icmp_ratemask"}
    ]
    paths = [path for name in names if (path := Path("/proc/sys", *name.split("."))).exists()]
    inside = subprocess.run(
        ["unshare", "-n", "-i", "grep", "-aH", "", *map(str, paths)], capture_output=True, text=True, check=False
    )
    values = dict(line.removeprefix("/proc/sys/").split(":", 1) for line in inside.stdout.splitlines())
    if not values:
        pytest.skip("this machine makes no new namespaces")
    found = {name.replace("/", "."): " ".join(value.split()) for name, value in values.items()}

    assert found == {name: default_of(name, platform.release()) for name in found}
