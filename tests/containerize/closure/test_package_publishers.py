"""Whose files are public."""

from __future__ import annotations

from dataclasses import replace

import pytest

from containerize.closure.package_publishers import Publishers
from tests.containerize.closure.pretend_host import PretendHost


@pytest.mark.parametrize(
    ("path", "in_house", "public"),
    [
        ("/usr/lib/x86_64-linux-gnu/libcrypt.so.1.1.0", False, True),
        ("/lib64/libcrypt.so.1", False, True),
        ("/usr/lib/x86_64-linux-gnu/libcrypt.so.1.1.0", True, False),
        ("/usr/lib/x86_64-linux-gnu/shop/plugin.so", False, False),
        ("/opt/shop/lib/libshop.so", False, False),
        ("/usr/bin/shop", False, False),
    ],
)
def test_libraries_of_the_system_are_public_whoever_maintains_their_package(
    path: str, in_house: bool, public: bool
) -> None:
    """libcrypt1 of Debian has a person's own address as its maintainer."""
    host = PretendHost()
    host.file(path, b"\x7fELF")
    host.package("libcrypt1", path)
    host.packages["libcrypt1"] = replace(host.packages["libcrypt1"], maker="Somebody <person@home.example>")
    publishers = Publishers(host.file_set(), frozenset(["libcrypt1"] if in_house else []))
    assert publishers.owns(path) is public
