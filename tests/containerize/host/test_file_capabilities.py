"""Capabilities become the bytes that the kernel keeps."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containerize.host.file_capabilities import ATTRIBUTE, encode, of_programs, read_getcap
from containerize.host.file_tree import FileEntry, HostTree
from inventory.transports.transport import Completed, Transport


@pytest.mark.parametrize(
    "text", ["cap_net_raw=ep", "cap_net_raw,cap_net_admin=eip", "cap_checkpoint_restore,cap_bpf=p"]
)
def test_the_attribute_is_the_one_that_setcap_writes(text: str, tmp_path: Path) -> None:
    setcap = shutil.which("setcap", path="/usr/sbin:/sbin:/usr/bin")
    if setcap is None or os.geteuid() != 0:
        pytest.skip("needs setcap and root")
    path = tmp_path / "program"
    path.write_bytes(b"")
    if subprocess.run([setcap, text, str(path)], capture_output=True).returncode != 0:
        pytest.skip("this file system keeps no capabilities")
    assert encode(text) == os.getxattr(path, ATTRIBUTE)


def test_both_forms_of_getcap_are_read() -> None:
    value = bytes.fromhex("0100000200200000000000000000000000000000")
    assert read_getcap(["/usr/bin/ping cap_net_raw=ep", "/bin/a b = cap_net_raw+ep", "no such line"]) == {
        "/usr/bin/ping": value,
        "/bin/a b": value,
    }


@given(st.text())
def test_no_text_raises(text: str) -> None:
    encode(text)
    read_getcap([text])


def test_only_programs_of_the_listing_are_asked_for(here: Transport, tmp_path: Path) -> None:
    setcap = shutil.which("setcap", path="/usr/sbin:/sbin:/usr/bin")
    if setcap is None or os.geteuid() != 0:
        pytest.skip("needs setcap and root")
    paths = [tmp_path / name for name in ("a program", "elsewhere", "plain")]
    for path in paths:
        path.write_bytes(b"")
        path.chmod(0o755)
        if path.name != "plain" and subprocess.run([setcap, "cap_net_raw=ep", path], capture_output=True).returncode:
            pytest.skip("this file system keeps no capabilities")
    entries = {str(path): FileEntry("f", 0o755, 0, 0, 0, 0, 0, "", "") for path in (paths[0], paths[2])}
    assert of_programs(here, HostTree(entries)) == {str(paths[0]): encode("cap_net_raw=ep")}
    assert of_programs(here, HostTree({})) == {}


def test_a_host_without_getcap_cannot_say(here: Transport) -> None:
    class _Without:
        def run(self, command: str, stdin: bytes = b"", *, timeout: float = 1.0, limit: int = 1) -> Completed:
            return here.run(command.replace("getcap", "no-such-getcap"), stdin, timeout=timeout)

    assert of_programs(_Without(), HostTree({})) is None  # type: ignore[arg-type]
