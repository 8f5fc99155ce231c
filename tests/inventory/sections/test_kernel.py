"""The kernel of a host: its own word for everything."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from inventory.model.kernel import Kernel
from inventory.observation import Found, Unknown
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import ParseError
from inventory.sections.kernel import SECTION, parse
from tests.support.live import REDACTOR, ask, found
from tests.support.recordings import about, answer, recorded, with_part


def kernel(recording: SectionRecording) -> Kernel:
    """What it says."""
    value = found(SECTION, recording)
    assert isinstance(value, Kernel)
    return value


def test_a_machine_with_a_kernel_of_its_own() -> None:
    value = kernel(recorded("vm01", "kernel"))

    assert (value.name, value.release, value.architecture) == ("Linux", about("vm01")["kernel"], "x86_64")
    assert value.number == (5, 10)
    assert value.version == "#1 SMP Debian 5.10.223-1 (2024-08-10)"
    assert "root=/dev/vda" in value.command_line.split()
    assert value.tainted == 0
    assert "apparmor" in value.security_modules
    assert dict(value.config or ())["CONFIG_IA32_EMULATION"] == "y"


def test_modules_know_who_uses_them() -> None:
    modules = {module.name: module for module in kernel(recorded("vm01", "kernel")).modules}

    assert modules["kvm"].used_by == ("kvm_amd",)
    assert modules["kvm"].use_count == 1
    assert modules["kvm"].size_bytes == 942080


@pytest.mark.parametrize(
    ("line", "users", "taint"),
    [
        (
            b"nvidia 56823808 2 nvidia_uvm,nvidia_modeset, Live 0xffffffffc0a00000 (POE)\n",
            ("nvidia_uvm", "nvidia_modeset"),
            "POE",
        ),
        (b"vboxdrv 1 0 - Live 0x0000000000000000 (OE+)\n", (), "OE"),
        (b"ipv6 265069 18 - Live 0xf8a5c000\n", (), ""),
        (b"unix 5 1 [permanent], Live 0x0\n", (), ""),
        (b"old 5 - - Unloading 0x0\n", (), ""),
        (b"old24 5 3\n", None, ""),
    ],
)
def test_lines_of_old_and_new_kernels(line: bytes, users: tuple[str, ...] | None, taint: str) -> None:
    """Taint letters, modules that cannot leave, kernels that do not count. What is no such line is an error."""
    recording = with_part(recorded("vm01", "kernel"), Part("modules", line))
    if users is None:
        with pytest.raises(ParseError, match="modules:1"):
            parse(recording)
        return
    (module,) = kernel(recording).modules
    assert (module.used_by, module.taint) == (users, taint)


def test_a_kernel_without_modules_is_no_gap_and_a_hidden_list_is() -> None:
    recording = with_part(recorded("vm01", "kernel"), Part("modules", b"", 1))
    hidden = parse(recording)
    without = parse(with_part(recording, Part("config", b"CONFIG_IA32_EMULATION=y\n")))

    assert isinstance(hidden, Found)
    assert [gap.what for gap in hidden.gaps] == ["kernel modules"]
    assert isinstance(without, Found)
    assert without.gaps == ()


def test_without_a_readable_config_it_is_unknown_not_empty() -> None:
    assert kernel(with_part(recorded("vm01", "kernel"), Part("config", b"", 1))).config is None


def test_the_command_line_is_redacted() -> None:
    raw = answer("kernel", command_line=b"root=/dev/sda1 ks=http://admin:tr0ub4dor@host/ks.cfg quiet\n")
    kept = SECTION.redact(raw, REDACTOR).to_text()

    assert b"tr0ub4dor" not in kept
    assert b"root=/dev/sda1" in kept
    assert b"quiet\n" in kept


def test_a_silent_host_is_unknown() -> None:
    assert isinstance(SECTION.observe(answer("kernel"), Platform.POSIX), Unknown)


def test_live_this_machine() -> None:
    value = kernel(ask(SECTION)["kernel"])

    assert (value.name, value.release, value.version, value.architecture) == (
        os.uname().sysname,
        os.uname().release,
        os.uname().version,
        os.uname().machine,
    )
    assert value.tainted == int(Path("/proc/sys/kernel/tainted").read_text())
    if Path("/proc/modules").exists():
        assert {module.name for module in value.modules} == {
            line.split()[0] for line in Path("/proc/modules").read_text().splitlines()
        }
