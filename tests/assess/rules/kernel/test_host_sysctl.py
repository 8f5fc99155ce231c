"""KRN032."""

from assess.model import Severity
from assess.rules.kernel.host_sysctl import host_sysctl
from inventory.model.sysctls import Sysctl
from inventory.observation import Found
from inventory.snapshot import Snapshot
from tests.support.judging import judge, target
from tests.support.settings import setting
from tests.support.snapshots import HostBuilder


def tuned(*settings: Sysctl) -> Snapshot:
    host = HostBuilder()
    host.init()
    host.listen(host.process(50, "/usr/sbin/nginx"), 80)
    host.overrides["sysctls"] = Found(settings)
    return host.build()


def test_what_the_target_does_not_have_is_found_with_both_values() -> None:
    said = judge(
        host_sysctl,
        tuned(setting("net.core.rmem_max", "16777216")),
        targets=(target(sysctls={"net.core.rmem_max": "212992"}),),
    )

    assert said.about == [("web01/nginx", Severity.MINOR)]
    assert said.messages == ["The service ran with net.core.rmem_max = 16777216; box has 212992."]
    assert said.findings[0].remedy == "Set net.core.rmem_max = 16777216 on box, in a file in /etc/sysctl.d."
    assert "/etc/sysctl.conf:3" in said.findings[0].evidence[0].fact


def test_a_target_with_as_much_or_more_is_silent() -> None:
    assert judge(
        host_sysctl,
        tuned(setting("net.core.rmem_max", "16777216"), setting("vm.overcommit_memory", "1")),
        targets=(target(sysctls={"net.core.rmem_max": "33554432", "vm.overcommit_memory": "1"}),),
    ).silent


def test_a_target_whose_settings_are_not_known_is_undecided() -> None:
    said = judge(host_sysctl, tuned(setting("vm.overcommit_memory", "1")))

    assert [each.reason for each in said.undetermined] == ["the value of vm.overcommit_memory on box is unknown"]


def test_a_matter_of_speed_is_milder() -> None:
    said = judge(host_sysctl, tuned(setting("vm.swappiness", "1")), targets=(target(sysctls={}),))

    assert said.about == [("web01/nginx", Severity.INFO)]


def test_settings_of_a_name_space_are_for_another_rule() -> None:
    assert judge(host_sysctl, tuned(setting("net.core.somaxconn", "65535"))).silent
