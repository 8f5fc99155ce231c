"""SEC009 and SEC010: what of SELinux and AppArmor must be on a target."""

from dataclasses import replace

from assess.model import Severity
from assess.rules.security.missing_security_module import missing_security_module
from assess.rules.security.volume_labels import volume_labels
from assess.targets.container_hosts import target_of
from inventory.observation import Found, value_or_none
from inventory.snapshot import Snapshot
from tests.support.judging import judge, target
from tests.support.kernel_choices import confined
from tests.support.snapshots import HostBuilder

SHOP = confined("a", "AppArmorProfile", "shop")


def test_a_profile_of_another_security_module_cannot_be_loaded() -> None:
    said = judge(missing_security_module, SHOP, targets=(target(security_modules=("lockdown", "selinux")),))

    assert said.about == [("a/x", Severity.MINOR)]
    assert said.messages == ["The unit confines the service with apparmor (shop), which box does not run."]


def test_where_the_target_runs_it_the_option_is_told() -> None:
    said = judge(missing_security_module, SHOP, targets=(target(security_modules=("apparmor",)),))
    context = confined("a", "SELinuxContext", "system_u:system_r:shop_t:s0")
    other = judge(missing_security_module, context, targets=(target(security_modules=("selinux",)),))

    assert said.about == [("a/x", Severity.INFO)]
    assert "--security-opt apparmor=shop" in said.findings[0].remedy
    assert "--security-opt label=type:shop_t" in other.findings[0].remedy


def test_a_target_that_is_not_known_is_undetermined_for_those_who_ask() -> None:
    assert judge(missing_security_module, SHOP).missing == {""}
    assert judge(missing_security_module, confined("a", "AppArmorProfile", "-shop")).silent


def database() -> Snapshot:
    host = HostBuilder()
    host.init()
    process = host.process(50, "/usr/sbin/mysqld")
    host.listen(process, 3306)
    host.open(process, "/var/lib/mysql/ibdata1", writable=True)
    return host.build()


def test_data_on_a_target_that_enforces_needs_a_label() -> None:
    said = judge(volume_labels, database(), targets=(target(selinux="enforcing"),))

    assert [severity for _, severity in said.about] == [Severity.INFO]
    assert "/var/lib/mysql" in said.messages[0]
    assert judge(volume_labels, database(), targets=(target(selinux="permissive"),)).silent
    assert judge(volume_labels, SHOP, targets=(target(selinux="enforcing"),)).silent


def test_a_scanned_container_host_says_what_it_runs() -> None:
    host = HostBuilder(groups=("container_hosts",))
    host.init()
    kernel = value_or_none(host.build().kernel)
    assert kernel is not None
    host.overrides["kernel"] = Found(replace(kernel, security_modules=("lockdown", "selinux"), selinux="enforcing"))
    found = target_of(host.build())
    host.overrides["kernel"] = Found(replace(kernel, security_modules=()))
    unknown = target_of(host.build())

    assert found is not None and unknown is not None
    assert (found.security_modules, found.selinux) == (("lockdown", "selinux"), "enforcing")
    assert (unknown.security_modules, unknown.selinux) == (None, "")
