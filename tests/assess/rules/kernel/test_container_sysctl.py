"""KRN033."""

import pytest

from assess.model import Severity
from assess.rules.kernel.container_sysctl import container_sysctl
from inventory.model.ipc import Ipc, SemaphoreSet
from inventory.model.sysctls import Sysctl
from inventory.observation import Found
from tests.support.judging import Verdicts, judge
from tests.support.settings import setting
from tests.support.snapshots import HostBuilder, origin


def tuned(*settings: Sysctl, semaphores: bool = False, listens: bool = True) -> Verdicts:
    host = HostBuilder()
    host.init()
    process = host.process(50, "/opt/s/s", uid=100)
    if listens:
        host.listen(process, 80)
    sets = (SemaphoreSet(1, 1, 0o600, 1, 100, 100, 100, 0, origin("ipc")),) if semaphores else ()
    host.overrides["ipc"] = Found(Ipc((), (), sets, ()))
    host.overrides["sysctls"] = Found(settings)
    return judge(container_sysctl, host.build())


def test_settings_of_the_network_become_options_of_the_container() -> None:
    said = tuned(setting("net.ipv4.tcp_keepalive_time", "60"), setting("net.ipv4.ip_local_port_range", "1024 65000"))

    assert said.about == [("web01/s", Severity.MINOR)]
    assert said.findings[0].remedy == (
        "Start the container with --sysctl net.ipv4.tcp_keepalive_time=60 "
        '--sysctl "net.ipv4.ip_local_port_range=1024 65000".'
    )


@pytest.mark.parametrize(
    "one",
    [
        setting("net.core.somaxconn", "1024"),  # newer kernels have more
        setting("net.ipv4.tcp_wmem", "4096 65536 9999999"),  # comes from the container host
        setting("net.ipv4.ip_forward", "1"),  # a matter of the host
        setting("net.ipv4.tcp_fin_timeout", "30", path="/usr/lib/sysctl.d/50-default.conf"),
        setting("vm.max_map_count", "262144"),
        setting("kernel.sem", "250 256000 100 1024"),  # no semaphores
    ],
)
def test_what_a_container_has_or_does_not_need_is_not(one: Sysctl) -> None:
    assert tuned(one).silent


def test_limits_of_ipc_count_for_who_uses_ipc() -> None:
    raised = setting("kernel.sem", "250 2048000000 100 64000")

    assert tuned(raised, semaphores=True).about == [("web01/s", Severity.MINOR)]
    assert tuned(setting("kernel.shmmax", "68719476736"), semaphores=True).silent


def test_who_is_reached_by_nobody_needs_no_settings_of_the_network() -> None:
    assert tuned(setting("net.ipv4.tcp_keepalive_time", "60"), listens=False).silent
