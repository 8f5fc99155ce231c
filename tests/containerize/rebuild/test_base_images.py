"""The table of base images."""

from __future__ import annotations

import pytest

from containerize.data_tables import data_table
from containerize.rebuild.base_images import base_of

REGISTRIES, SERVERS = data_table("registries")["images"], data_table("registries")["packages"]


@pytest.mark.parametrize(
    ("distribution", "version", "image", "manager", "archive"),
    [
        ("debian", "12", "debian:bookworm-slim", "apt", ""),
        ("debian", "9", "debian/eol:stretch-slim", "apt", SERVERS["debian"]),
        ("ubuntu", "14.04", "ubuntu:14.04", "apt", ""),
        ("ubuntu", "19.10", "ubuntu:19.10", "apt", SERVERS["ubuntu"]),
        ("centos", "7", "centos:7", "yum", SERVERS["centos"]),
        ("centos", "8", "centos:8", "dnf", SERVERS["centos"]),
        ("centos", "9", f"{REGISTRIES['quay']}/centos/centos:stream9", "dnf", ""),
        ("rhel", "8.10", f"{REGISTRIES['redhat']}/ubi8/ubi", "dnf", ""),
        ("rocky", "9.4", "rockylinux/rockylinux:9", "dnf", ""),
        ("amzn", "2", "amazonlinux:2", "yum", ""),
        ("fedora", "30", "fedora:30", "dnf", SERVERS["fedora"]),
        ("opensuse-leap", "15.6", "opensuse/leap:15.6", "zypper", ""),
        ("sles", "15.5", f"{REGISTRIES['suse']}/suse/sle15:15.5", "zypper", ""),
        ("alpine", "3.18.4", "alpine:3.18", "apk", ""),
    ],
)
def test_each_release_has_its_image(distribution: str, version: str, image: str, manager: str, archive: str) -> None:
    base = base_of(distribution, version)

    assert base is not None
    assert (base.image, base.manager, base.archive) == (image, manager, archive)
    assert bool(base.archive_lines) == bool(archive)


@pytest.mark.parametrize(
    ("distribution", "version"),
    [("debian", ""), ("debian", "99"), ("debian", "12;x"), ("gentoo", "2.15"), ("alpine", "3.18_alpha$(x)"), ("", "")],
)
def test_what_nobody_publishes_has_none(distribution: str, version: str) -> None:
    assert base_of(distribution, version) is None


def test_every_line_of_an_archive_is_filled_in() -> None:
    for row in data_table("base_images")["distribution"]:
        for version in row.get("archived", {}):
            base = base_of(row["id"], version)
            assert base is not None
            assert base.archive_lines
            assert not any("{" in line or "}" in line or "debian  " in line for line in base.archive_lines), version
