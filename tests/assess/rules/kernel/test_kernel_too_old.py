"""KRN002."""

import pytest

from assess.model import Severity
from assess.rules.kernel.kernel_too_old import kernel_too_old
from tests.support.judging import judge, target
from tests.support.snapshots import HostBuilder

EL7 = target(name="el7", kernel_release="3.10.0-1160.el7.x86_64")


def wanting(kernel: tuple[int, int, int] | None, **more: object) -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/app/app")
    host.elf("/opt/app/app", minimum_kernel=kernel, **more)
    return host


def test_a_kernel_below_the_note_is_a_blocker() -> None:
    said = judge(kernel_too_old, wanting((4, 18, 0)).build(), targets=(EL7,))

    assert said.about == [("web01/app", Severity.BLOCKER)]
    assert "4.18.0" in said.messages[0] and "3.10.0" in said.messages[0]


@pytest.mark.parametrize("kernel", [(3, 2, 0), (3, 10, 0), None])
def test_a_kernel_at_or_above_the_note_passes_and_so_does_a_program_without_one(
    kernel: tuple[int, int, int] | None,
) -> None:
    assert judge(kernel_too_old, wanting(kernel).build(), targets=(EL7,)).silent


def test_the_c_library_counts_too() -> None:
    host = wanting((3, 2, 0))
    host.elf("/lib/x86_64-linux-gnu/libc.so.6", minimum_kernel=(5, 4, 0))
    host.elf("/lib32/libc.so.6", "386", bits=32, minimum_kernel=(6, 99, 0))

    said = judge(kernel_too_old, host.build(), targets=(EL7,))

    assert len(said.findings) == 1
    assert "libc.so.6 needs kernel 5.4.0" in said.messages[0]


def test_a_note_beyond_the_bytes_that_were_read_is_no_pass() -> None:
    said = judge(kernel_too_old, wanting(None, note_seen=False).build(), targets=(EL7,))

    assert [each.section for each in said.undetermined] == ["executables"]


def test_an_unknown_kernel_of_the_target_is_no_pass() -> None:
    said = judge(kernel_too_old, wanting((3, 2, 0)).build(), targets=(target(kernel_release=""),))

    assert [each.section for each in said.undetermined] == [""]
