"""KRN034."""

import pytest

from assess.model import Severity
from assess.rules.kernel.removed_sysctl import removed_sysctl
from inventory.model.sysctls import Sysctl
from inventory.observation import Found
from tests.support.judging import judge
from tests.support.settings import setting
from tests.support.snapshots import HostBuilder


@pytest.mark.parametrize(
    ("one", "found"),
    [
        (setting("net.ipv4.tcp_tw_recycle", "1"), True),
        (setting("net.ipv4.tcp_tw_recycle", "1", live=False), True),
        (setting("net.ipv4.netfilter.ip_conntrack_max", "65536"), True),
        (setting("net.ipv4.tcp_tw_recycle", "0", path=""), False),
        (setting("vm.swappiness", "1"), False),
    ],
)
def test_what_newer_kernels_lack_is_told_where_a_file_sets_it(one: Sysctl, found: bool) -> None:
    host = HostBuilder()
    host.overrides["sysctls"] = Found((one,))

    said = judge(removed_sysctl, host.build())

    assert said.about == ([("web01", Severity.INFO)] if found else [])
