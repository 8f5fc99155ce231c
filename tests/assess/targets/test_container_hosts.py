"""Container hosts as targets."""

from dataclasses import replace

import pytest

from assess.targets.container_hosts import ia32_emulation, target_of, targets_of, vsyscall_mode
from assess.targets.local_target import local_target
from inventory.model.kernel import Kernel
from inventory.model.sysctls import Sysctl
from inventory.observation import Found, value_or_none
from tests.support.judging import assess
from tests.support.snapshots import HostBuilder, origin, unreachable

KERNEL = value_or_none(HostBuilder().build().kernel)
assert KERNEL is not None


def kernel(command_line: str = "", **config: str) -> Kernel:
    assert KERNEL is not None
    return replace(KERNEL, command_line=command_line, config=tuple(config.items()) or None)


def container_host() -> HostBuilder:
    host = HostBuilder("box1", "10.0.0.9", groups=("container_hosts",))
    host.init()
    host.listen(host.process(40, "/usr/sbin/sshd"), 22)
    host.listen(host.process(50, "/usr/bin/dockerd"), 2375, address="127.0.0.1")
    host.package("docker-ce", version="5:27.3.1-1~debian.12~bookworm")
    return host


def test_a_host_of_the_group_is_a_target_with_its_kernel_engine_and_ports() -> None:
    made = target_of(container_host().build())

    assert made is not None
    assert (made.name, made.system, made.architecture, made.kernel_release) == ("box1", "linux", "x86_64", "6.12.1")
    assert (made.engine, made.engine_version) == ("docker", "5:27.3.1-1~debian.12~bookworm")
    assert made.listening_ports == (("tcp", 22),)


def test_what_it_does_with_ports_is_read_from_its_settings_and_processes() -> None:
    host = container_host()
    values = {"net.ipv4.ip_local_port_range": "40000 50000", "net.ipv4.ip_local_reserved_ports": "41000-41010"}
    host.overrides["sysctls"] = Found(
        tuple(Sysctl(name, value, "", origin("sysctls")) for name, value in values.items())
    )
    host.listen(host.processes[2], 7946)

    made = target_of(host.build())

    assert made is not None
    assert (made.ephemeral_ports, made.reserved_ports) == ((40_000, 50_000), ((41_000, 41_010),))
    assert (made.rootless, made.swarm, made.node_ports) == (False, True, None)


def test_settings_that_were_not_seen_are_not_guessed() -> None:
    host = container_host()
    host.unknown("sysctls")

    made = target_of(host.build())

    assert made is not None
    assert (made.ephemeral_ports, made.unprivileged_port_start) == (None, None)


def test_legacy_hosts_and_unreachable_ones_are_none() -> None:
    assert target_of(HostBuilder().build()) is None
    gone = replace(unreachable("box2"), groups=("container_hosts",))
    assert targets_of((HostBuilder().build(), gone)) == ()


def test_the_programs_of_a_container_host_are_not_judged() -> None:
    assessment = assess(container_host().build())

    assert not assessment.workloads
    assert [host.snapshot.host for host in assessment.hosts] == ["box1"]


@pytest.mark.parametrize(
    ("given", "mode"),
    [
        (kernel("ro vsyscall=xonly quiet"), "xonly"),
        (kernel("vsyscall=native"), "emulate"),
        (kernel("", CONFIG_LEGACY_VSYSCALL_NONE="y"), "none"),
        (kernel("vsyscall=emulate", CONFIG_LEGACY_VSYSCALL_NONE="y"), "emulate"),
        (kernel(), ""),
    ],
)
def test_the_vsyscall_mode_is_that_of_the_boot_else_of_the_build(given: Kernel, mode: str) -> None:
    assert vsyscall_mode(given) == mode


@pytest.mark.parametrize(
    ("given", "runs"),
    [
        (kernel("", CONFIG_IA32_EMULATION="y"), True),
        (kernel("", CONFIG_X86="y"), False),
        (kernel("ia32_emulation=0", CONFIG_IA32_EMULATION="y"), False),
        (kernel("", CONFIG_IA32_EMULATION="y", CONFIG_IA32_EMULATION_DEFAULT_DISABLED="y"), False),
        (kernel(), None),
    ],
)
def test_whether_32_bit_programs_run_is_known_from_the_configuration(given: Kernel, runs: bool | None) -> None:
    assert ia32_emulation(given) is runs


def test_a_target_of_which_little_is_known_says_so() -> None:
    host = container_host()
    for section in ("kernel", "system", "packages", "sockets"):
        host.unknown(section)
    host.processes = [process for process in host.processes if process.name != "dockerd"]
    made = target_of(host.build())

    assert made is not None
    assert (made.kernel_release, made.cpu_flags, made.engine, made.vsyscall) == ("", (), "", "")


def test_a_target_with_a_running_engine_of_no_package_is_known_by_its_process() -> None:
    host = container_host()
    host.overrides["packages"] = Found(value_or_none(HostBuilder().build().packages))
    made = target_of(host.build())

    assert made is not None and (made.engine, made.engine_version) == ("docker", "")


def test_this_machine_is_a_target() -> None:
    import platform

    made = local_target()

    assert (made.name, made.architecture) == ("local", platform.machine())
    assert made.kernel_release == platform.release()
    assert made.cpu_flags


def test_without_an_engine_this_machine_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    made = local_target()

    assert (made.engine, made.engine_version) == ("", "")
    assert "none found" in made.origin
