"""Access control lists are the kernel's own bytes: read from what getfacl printed, and held against a real file."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containerize.host.access_lists import ACCESS, DEFAULT, ask_access_lists, read_access_lists
from inventory.transports.transport import Transport

RECORDED = b"""# file: /srv/odd\\040name\\134
# owner: 0
# group: 0
user::rw-
user:33:r--
group::r--
group:44:rw-\t\t#effective:r--
mask::rw-
other::---

# file: /srv/sub
# owner: 0
# group: 0
user::rwx
user:33:rwx
group::r-x
mask::rwx
other::r-x
default:user::rwx
default:user:33:rwx
default:group::r-x
default:group:44:r--
default:mask::rwx
default:other::r-x

"""
"""getfacl 2.3.2 on Debian 13; the name and the comment are as it writes odd ones."""

OF_A_FILE = (
    b"\x02\x00\x00\x00\x01\x00\x06\x00\xff\xff\xff\xff\x02\x00\x04\x00!\x00\x00\x00\x04\x00\x04\x00\xff\xff\xff\xff"
    b"\x08\x00\x06\x00,\x00\x00\x00\x10\x00\x06\x00\xff\xff\xff\xff \x00\x00\x00\xff\xff\xff\xff"
)
"""What the kernel of that host returned for the same file."""


def test_what_getfacl_printed_becomes_what_the_kernel_keeps() -> None:
    found = dict(read_access_lists(RECORDED))
    assert found["/srv/odd name\\"] == ((ACCESS, OF_A_FILE),)
    assert [name for name, _ in found["/srv/sub"]] == [ACCESS, DEFAULT]


def test_a_list_with_a_line_that_cannot_be_read_is_left_out_whole() -> None:
    assert dict(read_access_lists(RECORDED.replace(b"user:33:r--", b"user:www-data:r--"))).keys() == {"/srv/sub"}


@given(st.binary(max_size=200))
def test_any_answer_can_be_read(answer: bytes) -> None:
    for path, attributes in read_access_lists(answer + b"\n# file: /x\nuser::rwx\n" + answer):
        assert path
        assert all(len(value) % 8 == 4 for _, value in attributes)


def test_a_real_list_is_asked_for_and_its_bytes_are_the_same(here: Transport, tmp_path: Path) -> None:
    if shutil.which("setfacl") is None:
        pytest.skip("no setfacl")
    file = tmp_path / "a file"
    file.write_text("x")
    if subprocess.run(["setfacl", "-m", "u:33:r,g:44:rw", str(file)], check=False).returncode:
        pytest.skip("this file system keeps no access control lists")
    plain = tmp_path / "plain"
    plain.write_text("x")
    assert ask_access_lists(here, [str(file), str(plain), str(tmp_path / "gone")]) == {
        str(file): ((ACCESS, os.getxattr(file, ACCESS)),)
    }


def test_with_the_tools_of_a_small_host_nothing_goes_wrong(plain: Transport, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    assert ask_access_lists(plain, [str(file)]) == {}
