"""The kernel of a host: its own word for everything."""

from __future__ import annotations

import gzip
import os
from dataclasses import replace
from pathlib import Path

import pytest

from inventory.model.kernel import Kernel
from inventory.observation import Found, Unknown
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import ParseError
from inventory.sections.operating_system.kernel import SECTION, parse
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


def test_options_that_the_kernel_keeps_packed_are_unpacked_here() -> None:
    """What is no archive, or more than any kernel has, is unknown."""
    text = b"# CONFIG_A is not set\nCONFIG_B=y\nCONFIG_C=m\nCONFIG_D=64\n"
    cut = gzip.compress(text)[:-12]

    def options(content: bytes, *, truncated: bool = False) -> tuple[tuple[str, str], ...] | None:
        recording = recorded("vm01", "kernel")
        others = (part for part in recording.parts if part.name != "config")
        packed = Part("config.gz", content, truncated=truncated)
        redacted = SECTION.redact(replace(recording, parts=(*others, packed)), REDACTOR)
        assert redacted.part("config.gz") is None
        return kernel(redacted).config

    assert options(gzip.compress(text)) == (("CONFIG_B", "y"), ("CONFIG_C", "m"))
    assert options(b"no archive") is None
    assert options(b"") is None
    assert options(cut) is None
    assert options(gzip.compress(text), truncated=True) == (("CONFIG_B", "y"), ("CONFIG_C", "m"))
    assert options(gzip.compress(b"CONFIG_B=y\n" * 1_000_000)) is None


def test_the_command_line_is_redacted() -> None:
    raw = answer("kernel", command_line=b"root=/dev/sda1 ks=http://admin:tr0ub4dor@host/ks.cfg quiet\n")
    kept = SECTION.redact(raw, REDACTOR).to_text()

    assert b"tr0ub4dor" not in kept
    assert b"root=/dev/sda1" in kept
    assert b"quiet\n" in kept


STATE = b"""/proc/sys/kernel/tainted:12289
/proc/sys/crypto/fips_enabled:1
/sys/fs/selinux/enforce:1
/proc/sys/kernel/yama/ptrace_scope:0
/proc/self/attr/current:unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023\0
/sys/kernel/mm/transparent_hugepage/enabled:always [madvise] never
/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages:0
/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages:12
/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages:1024
/sys/kernel/mm/hugepages/hugepages-2048kB/nr_overcommit_hugepages:7
/sys/kernel/mm/hugepages/hugepages-2048kB/resv_hugepages:3
/sys/kernel/mm/hugepages/hugepages-2048kB/surplus_hugepages:1
/sys/devices/system/clocksource/clocksource0/current_clocksource:kvm-clock
/proc/net/protocols:protocol  size sockets  memory press maxhdr  slab module     cl co di ac io in de sh ss gs se re
/proc/net/protocols:SCTP      1776      2       0   no       0   yes  sctp        y  y  y  y  y  y  y  y  y  y  n  y
/proc/net/protocols:NETLINK   1080     24      -1   NI       0   no   kernel      n  n  n  n  n  n  n  n  n  n  n  n
/proc/filesystems:nodev\tsysfs
/proc/filesystems:\text4
/proc/keys:0a1b2c3d I--Q---     3 perm 1f3f0000  1000 65534 keyring   _uid_ses.1000: 1
/proc/keys:2f00ab01 I--Q---     1   3d 3f010000     0     0 user      app:token=Tr0ub4dor9x: 12
"""
"""The files of one host, of Red Hat's family."""

FORMATS = b"""/proc/sys/fs/binfmt_misc/python3.9:enabled
/proc/sys/fs/binfmt_misc/python3.9:interpreter /usr/bin/python3.9
/proc/sys/fs/binfmt_misc/python3.9:flags:
/proc/sys/fs/binfmt_misc/python3.9:offset 0
/proc/sys/fs/binfmt_misc/python3.9:magic 610d0d0a
/proc/sys/fs/binfmt_misc/dos exe:disabled
/proc/sys/fs/binfmt_misc/dos exe:interpreter /usr/bin/wine start
/proc/sys/fs/binfmt_misc/dos exe:flags: F
/proc/sys/fs/binfmt_misc/dos exe:extension .exe
/proc/sys/fs/binfmt_misc/status:enabled
"""


def of_state(state: bytes, **more: bytes) -> Kernel:
    """A kernel with these files."""
    raw = answer("kernel", uname=b"Linux 4.18.0-553.el8.x86_64 #1 SMP Fri May 10 x86_64\n", state=state, **more)
    return kernel(SECTION.redact(raw, REDACTOR))


def test_one_line_of_uname_has_all_four() -> None:
    value = of_state(STATE)

    assert (value.name, value.release) == ("Linux", "4.18.0-553.el8.x86_64")
    assert (value.version, value.architecture) == ("#1 SMP Fri May 10", "x86_64")


def test_what_taints_a_kernel_is_said_in_words() -> None:
    assert of_state(STATE).taints == ("proprietary module", "out-of-tree module", "unsigned module")
    assert of_state(b"/proc/sys/kernel/tainted:1073741824\n").taints == ("bit 30",)
    with pytest.raises(ParseError, match="taints"):
        parse(answer("kernel", uname=b"Linux 1 2 3\n", state=b"/proc/sys/kernel/tainted:-1\n"))


@pytest.mark.parametrize(
    ("state", "modules", "selinux"),
    [
        (b"/sys/kernel/security/lsm:capability,yama,apparmor\n", ("capability", "yama", "apparmor"), ""),
        (b"/sys/fs/selinux/enforce:0\n", ("selinux",), "permissive"),
        (b"/selinux/enforce:1\n", ("selinux",), "enforcing"),  # EL5 and EL6 mount it there
        (b"/proc/self/attr/current:system_u:system_r:initrc_t:s0\0\n", ("selinux",), ""),
        (b"/sys/module/apparmor/parameters/enabled:Y\n", ("apparmor",), ""),
        (b"/sys/module/apparmor/parameters/enabled:N\n", (), ""),
        (b"/proc/self/attr/current:docker-default (enforce)\n", ("apparmor",), ""),
        (b"/proc/self/attr/current:unconfined\n", ("apparmor",), ""),
        (b"/proc/sys/kernel/tainted:0\n", (), ""),
    ],
)
def test_security_modules_show_themselves_without_securityfs(
    state: bytes, modules: tuple[str, ...], selinux: str
) -> None:
    value = of_state(state)

    assert (value.security_modules, value.selinux) == (modules, selinux)


def test_small_files_of_the_kernel() -> None:
    value = of_state(STATE)
    (two_mib, one_gib) = value.huge_pages

    assert (value.selinux, value.fips, value.clock_source) == ("enforcing", True, "kvm-clock")
    assert value.security_modules == ("selinux", "yama")
    assert value.transparent_huge_pages == "madvise"
    assert (two_mib.size_bytes, two_mib.total, two_mib.free) == (2 << 20, 1024, 12)
    assert (two_mib.reserved, two_mib.surplus, two_mib.overcommit) == (3, 1, 7)
    assert (one_gib.size_bytes, one_gib.total) == (1 << 30, 0)
    assert [(row.name, row.sockets, row.module) for row in value.protocols or ()] == [
        ("SCTP", 2, "sctp"),
        ("NETLINK", 24, "kernel"),
    ]
    assert [(row.name, row.device) for row in value.filesystems or ()] == [("sysfs", False), ("ext4", True)]


def test_keys_are_described_without_what_a_description_gives_away() -> None:
    keyring, key = of_state(STATE).keys or ()

    assert (keyring.kind, keyring.description, keyring.uid) == ("keyring", "_uid_ses.1000: 1", 1000)
    assert (key.serial, key.kind) == (0x2F00AB01, "user")
    assert "Tr0ub4dor9x" not in key.description


def test_formats_that_the_kernel_hands_to_interpreters() -> None:
    python, wine = of_state(STATE, formats=FORMATS).binary_formats or ()

    assert (python.name, python.interpreter, python.pattern, python.flags) == (
        "python3.9",
        "/usr/bin/python3.9",
        "610d0d0a",
        "",
    )
    assert python.enabled
    assert (wine.name, wine.pattern, wine.flags, wine.enabled) == ("dos exe", ".exe", "F", False)


def test_none_registered_is_not_the_same_as_not_mounted() -> None:
    assert of_state(STATE, formats=b"/proc/sys/fs/binfmt_misc/status:enabled\n").binary_formats == ()
    assert of_state(STATE, formats=b"").binary_formats is None


def test_a_recorded_machine_shows_its_kernel_to_everyone_and_keys_to_their_owner() -> None:
    root, user = (kernel(recorded(host, "kernel")) for host in ("vm01-root", "vm01-user"))

    assert root.security_modules == ("lockdown", "capability", "yama", "apparmor", "tomoyo")
    assert user.security_modules == root.security_modules
    assert (root.transparent_huge_pages, root.clock_source, root.fips) == ("never", "hpet", False)
    assert [pool.size_bytes for pool in root.huge_pages] == [2 << 20, 1 << 30]
    assert {"TCP", "UNIX", "NETLINK"} <= {row.name for row in root.protocols or ()}
    assert ("ext4", True) in {(row.name, row.device) for row in root.filesystems or ()}
    assert root.binary_formats is None, "binfmt_misc is not mounted there, and looking has not mounted it"
    assert "asymmetri" in {key.kind for key in root.keys or ()}
    assert user.keys is not None
    assert len(user.keys) < len(root.keys or ())


def test_an_older_recording_does_not_know_what_was_not_asked() -> None:
    value = kernel(recorded("vm01", "kernel"))

    assert (value.protocols, value.filesystems, value.keys, value.binary_formats) == (None, None, None, None)
    assert value.fips is None
    assert value.huge_pages == ()


def test_an_id_on_the_command_line_is_the_token_that_section_system_has() -> None:
    value = kernel(
        SECTION.redact(
            answer("kernel", uname=b"Linux 5 6 7\n", command_line=b"quiet systemd.machine_id=0123456789abcdef ro\n"),
            REDACTOR,
        )
    )
    token = REDACTOR.identifier(b"0123456789abcdef").decode()

    assert value.command_line == f"quiet systemd.machine_id={token} ro"


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
    words = Path("/sys/kernel/mm/transparent_hugepage/enabled")
    if words.exists():
        assert f"[{value.transparent_huge_pages}]" in words.read_text()
    assert {row.name for row in value.filesystems or ()} == {
        line.split()[-1] for line in Path("/proc/filesystems").read_text().splitlines()
    }
    assert {row.name for row in value.protocols or ()} == {
        line.split()[0] for line in Path("/proc/net/protocols").read_text().splitlines()[1:]
    }
