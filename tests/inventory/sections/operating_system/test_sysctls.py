"""Kernel settings, and who asks for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from inventory.model.sysctls import Sysctl
from inventory.observation import Found, Unknown
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import ParseError
from inventory.sections.operating_system.sysctls import SECTION, dotted, in_force, parse, read_settings
from tests.support.live import REDACTOR, ask, found
from tests.support.recordings import answer, recorded

VALUES = b"net/ipv4/ip_forward:1\nnet/ipv4/tcp_rmem:4096\t131072\t6291456\nkernel/shmmax:68719476736\n"


def settings(recording: SectionRecording) -> dict[str, Sysctl]:
    """By name."""
    return {setting.name: setting for setting in found(SECTION, recording)}


def test_values_of_a_machine() -> None:
    value = settings(recorded("vm01", "sysctls"))

    assert value["kernel.ostype"].value == "Linux"
    assert value["net.ipv4.ip_local_port_range"].value == "32768 60999"
    assert "net.ipv4.conf.all.rp_filter" in value
    assert "net.ipv4.conf.eth0.rp_filter" not in value, "interfaces would repeat it"
    assert not {"net.ipv4.tcp_fastopen_key", "net.ipv6.conf.all.stable_secret"} & set(value), "keys are not read"
    assert not [name for name in value if name.startswith("fs.binfmt_misc")], "looking there would mount it"


def test_the_file_that_sets_a_value_is_named() -> None:
    value = settings(recorded("vm01", "sysctls"))

    assert value["kernel.pid_max"].configured_in == "/usr/lib/sysctl.d/50-pid-max.conf"
    assert value["kernel.pid_max"].configured_value == "4194304"
    assert value["kernel.ostype"].configured_in == ""


def test_an_ordinary_user_is_told_what_is_missing() -> None:
    observation = parse(recorded("vm01-sudo", "sysctls"))

    assert isinstance(observation, Found)
    assert [(gap.what, gap.reason) for gap in observation.gaps] == [
        ("13 settings", "only root may read them; scan with become")
    ]


def test_the_order_of_files_is_that_of_the_host() -> None:
    """By name, not by directory; a file in /etc replaces its namesake elsewhere; sysctl.conf comes last."""
    files = (
        b"/usr/lib/sysctl.d/50-a.conf:net.ipv4.ip_forward = 0\n"
        b"/usr/lib/sysctl.d/90-z.conf:kernel.shmmax = 1\n"
        b"/etc/sysctl.d/50-a.conf:# net.ipv4.ip_forward = 5\n"
        b"/etc/sysctl.d/50-a.conf:net.ipv4.ip_forward=1\n"
        b"/etc/sysctl.d/60-b.conf:kernel.shmmax = 2\n"
        b"/etc/sysctl.conf:net.ipv4.tcp_rmem = 4096 131072 6291456\n"
    )
    value = settings(answer("sysctls", user=b"0\n", values=VALUES, files=files))

    assert (value["net.ipv4.ip_forward"].configured_in, value["net.ipv4.ip_forward"].configured_value) == (
        "/etc/sysctl.d/50-a.conf",
        "1",
    )
    assert value["kernel.shmmax"].configured_in == "/usr/lib/sysctl.d/90-z.conf"
    assert value["net.ipv4.tcp_rmem"].configured_in == "/etc/sysctl.conf"
    assert value["net.ipv4.tcp_rmem"].value == "4096 131072 6291456"


def test_patterns_and_slashes() -> None:
    """A name beats a pattern, wherever they stand; slashes are separators, and then a dot belongs to a name."""
    part = Part(
        "files",
        b"/etc/sysctl.d/10-x.conf:net.ipv4.conf.all.rp_filter = 1\n"
        b"/etc/sysctl.d/20-y.conf:net.ipv4.conf.*.rp_filter = 2\n"
        b"/etc/sysctl.d/20-y.conf:-net/ipv4/conf/eth0.100/forwarding = 1\n",
    )
    value = settings(
        answer(
            "sysctls", values=b"net/ipv4/conf/all/rp_filter:1\nnet/ipv4/conf/default/rp_filter:2\n", files=part.content
        )
    )

    assert value["net.ipv4.conf.all.rp_filter"].configured_value == "1"
    assert value["net.ipv4.conf.default.rp_filter"].configured_value == "2"
    assert [setting.pattern for setting in in_force(read_settings(part))][-1] == "net.ipv4.conf.eth0/100.forwarding"
    assert dotted("net/ipv4/conf/eth0.100/forwarding") == "net.ipv4.conf.eth0/100.forwarding"


def test_a_setting_that_the_kernel_does_not_have_is_kept_as_such() -> None:
    """Old hosts ask for what later kernels dropped."""
    files = b"/etc/sysctl.conf:net.ipv4.tcp_tw_recycle = 1\n"
    value = settings(answer("sysctls", values=VALUES, files=files))["net.ipv4.tcp_tw_recycle"]

    assert (value.live, value.value, value.configured_value) == (False, "", "1")
    assert value.origin.part == "files"


def test_keys_in_files_are_redacted() -> None:
    raw = answer(
        "sysctls",
        files=b"/etc/sysctl.conf:net.ipv4.tcp_fastopen_key = a1b2c3d4-e5f60718-293a4b5c-6d7e8f90\n"
        b"/etc/sysctl.conf:net.ipv6.conf.all.stable_secret=2001:db8::1\n/etc/sysctl.conf:kernel.shmmax = 1\n",
    )
    kept = SECTION.redact(raw, REDACTOR).to_text()

    assert b"a1b2c3d4" not in kept
    assert b"2001:db8" not in kept
    assert b"kernel.shmmax = 1" in kept


def test_unnameable_lines_are_errors() -> None:
    with pytest.raises(ParseError, match="values:2"):
        parse(answer("sysctls", values=b"kernel/shmmax:1\nwhat is this\n"))
    with pytest.raises(ParseError, match="files:1"):
        parse(answer("sysctls", values=VALUES, files=b"stray line\n"))


def test_the_line_of_the_file_is_named() -> None:
    """Lines that assign nothing are not sent, so it is not the line of the recording."""
    asked = answer(
        "sysctls",
        values=VALUES,
        settings=b"/etc/sysctl.d/90-web.conf:3:# net.ipv4.ip_forward = 0\n"
        b"/etc/sysctl.d/90-web.conf:12:net.ipv4.ip_forward = 1\n/etc/sysctl.conf:7:net.ipv4.gone = 1:2\n",
    )
    value = settings(asked)

    forward, gone = value["net.ipv4.ip_forward"], value["net.ipv4.gone"]
    assert (forward.configured_in, forward.configured_line) == ("/etc/sysctl.d/90-web.conf", 12)
    assert forward.configured_origin is not None
    assert (forward.configured_origin.part, forward.configured_origin.line) == ("settings", 2)
    assert (gone.configured_line, gone.configured_value, gone.live) == (7, "1:2", False)
    with pytest.raises(ParseError, match="settings:1"):
        parse(answer("sysctls", values=VALUES, settings=b"/etc/sysctl.conf:a = 1\n"))


def test_the_line_is_that_of_the_file_on_a_recorded_machine() -> None:
    value = settings(recorded("vm01-root", "sysctls"))["fs.protected_regular"]

    assert (value.configured_in, value.configured_line) == ("/usr/lib/sysctl.d/protect-links.conf", 9)
    assert (value.default, value.changed, value.deviates) == ("0", True, True)


def test_an_older_recording_does_not_know_the_line() -> None:
    value = settings(recorded("vm01", "sysctls"))["kernel.pid_max"]

    assert (value.configured_in, value.configured_line) == ("/usr/lib/sysctl.d/50-pid-max.conf", 0)


def test_what_somebody_wants_is_set_in_a_file_or_unlike_the_kernels_own() -> None:
    """A web server that was tuned by hand: one setting in a file, one only in the kernel, the rest untouched."""
    value = settings(
        answer(
            "sysctls",
            values=b"kernel/osrelease:3.10.0-1160.el7.x86_64\nnet/core/somaxconn:1024\nvm/swappiness:60\n"
            b"net/ipv4/tcp_fin_timeout:60\nfs/file-max:99\n",
            settings=b"/etc/sysctl.conf:2:net.ipv4.tcp_fin_timeout = 60\n",
        )
    )

    assert {name for name, setting in value.items() if setting.deviates} == {
        "net.core.somaxconn",
        "net.ipv4.tcp_fin_timeout",
    }
    assert (value["net.core.somaxconn"].default, value["net.core.somaxconn"].changed) == ("128", True)
    assert value["vm.swappiness"].changed is False
    assert value["fs.file-max"].changed is None


def test_of_a_fresh_machine_only_what_its_system_sets_deviates() -> None:
    """Debian 11 in a virtual machine that nobody tuned. systemd sets one without any file."""
    deviating = {
        setting.name: setting for setting in settings(recorded("vm01", "sysctls")).values() if setting.deviates
    }
    by_a_file = {name for name, setting in deviating.items() if setting.configured_in}

    assert by_a_file == {
        "fs.protected_fifos",
        "fs.protected_hardlinks",
        "fs.protected_regular",
        "fs.protected_symlinks",
        "kernel.pid_max",
    }
    assert {(name, deviating[name].value) for name in deviating.keys() - by_a_file} == {
        ("net.unix.max_dgram_qlen", "512")
    }


def test_without_proc_nothing_is_known() -> None:
    assert isinstance(SECTION.observe(answer("sysctls"), Platform.POSIX), Unknown)


def test_a_value_that_looks_like_a_heading_is_none() -> None:
    """As ``head`` prints files: a directory (of which it complains), an empty value, two lines, and a sly name."""
    text = b"==> vm/table <==\n\n==> kernel/modprobe <==\n\n\n==> net/core/two <==\na\tb\nc\n\n"
    text += b"==> kernel/hostname <==\n==> vm/swappiness <==\n\n==> vm/swappiness <==\n60\n"
    value = settings(answer("sysctls", kernel=text))

    assert {name: setting.value for name, setting in value.items()} == {
        "kernel.modprobe": "",
        "net.core.two": "a b\nc",
        "kernel.hostname": "==> vm/swappiness <==",
        "vm.swappiness": "60",
    }
    assert value["vm.swappiness"].origin.line == 14
    with pytest.raises(ParseError, match="kernel:1"):
        parse(answer("sysctls", kernel=b"60\n"))


def test_live_values_are_the_files_contents() -> None:
    value = settings(ask(SECTION)["sysctls"])

    for name in ("kernel.ostype", "kernel.pid_max", "vm.overcommit_memory", "net.ipv4.ip_forward", "fs.file-max"):
        path = Path("/proc/sys", *name.split("."))
        assert value[name].value == path.read_text().strip().replace("\t", " ")


def test_what_can_only_be_written_is_no_gap() -> None:
    """The shell lists it among the others, and the kernel refuses to read it, to root as well."""
    errors = b"grep: vm/compact_memory: Permission denied\ngrep: kernel/cad_pid: Permission denied\n"
    own = b"grep: kernel/of_a_vendor: Permission denied\n"

    def gaps(values: bytes) -> list[str]:
        observation = parse(answer("sysctls", errors + own, values=values))
        assert isinstance(observation, Found)
        return [gap.what for gap in observation.gaps]

    assert gaps(VALUES) == ["2 settings"]
    assert gaps(VALUES + b"kernel/cad_pid:1\n") == []
