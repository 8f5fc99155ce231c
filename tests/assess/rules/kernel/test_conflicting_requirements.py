"""KRN037 and KRN038, and how the plan keeps apart what cannot share a kernel."""

from assess.model import Severity
from assess.planning.model import EstatePlan
from assess.rules.kernel.conflicting_kernel_module import conflicting_kernel_module
from assess.rules.kernel.conflicting_requirements import conflicting_requirements
from inventory.snapshot import Snapshot
from tests.support.judging import assess, judge, target
from tests.support.kernel_choices import confined, machines

BIG = target(servers=2, cpus=16, memory_bytes=1 << 36)


KVM = machines("a", "/usr/bin/firecracker", "kvm", "kvm_intel")
VIRTUALBOX = machines("b", "/usr/lib/virtualbox/VBoxHeadless", "vboxdrv")


def test_machines_of_two_makers_are_both_told() -> None:
    said = judge(conflicting_requirements, KVM, VIRTUALBOX, targets=(target(servers=1),))

    assert [severity for _, severity in said.about] == [Severity.MAJOR, Severity.MAJOR]
    assert said.messages[0].startswith("The service needs KVM (hardware virtualization); b/")
    assert said.findings[0].evidence[0].fact == "module kvm_intel is loaded"
    assert {each.severity for each in judge(conflicting_requirements, KVM, VIRTUALBOX, targets=(BIG,)).findings} == {
        Severity.MINOR
    }


def test_a_module_that_no_program_of_the_workload_uses_is_no_claim() -> None:
    assert judge(conflicting_requirements, machines("a", "/usr/sbin/nginx", "kvm_intel"), VIRTUALBOX).silent
    assert judge(conflicting_requirements, machines("a", "/usr/bin/firecracker"), VIRTUALBOX).silent
    assert judge(conflicting_requirements, KVM, machines("c", "/usr/bin/firecracker", "kvm_amd")).silent


def test_profiles_of_two_security_modules_exclude_each_other() -> None:
    apparmor = confined("a", "AppArmorProfile", "shop")

    said = judge(conflicting_requirements, apparmor, confined("b", "SELinuxContext", "system_u:system_r:shop_t:s0"))

    assert len(said.findings) == 2
    assert "needs apparmor (security module)" in said.messages[0]
    assert judge(
        conflicting_requirements, apparmor, confined("b", "SELinuxContext", "-system_u:system_r:shop_t:s0")
    ).silent
    assert judge(conflicting_requirements, apparmor, confined("b", "AppArmorProfile", "other")).silent


def placed(*snapshots: Snapshot) -> list[set[str]]:
    plan = assess(*snapshots, targets=(BIG,)).plan
    assert isinstance(plan, EstatePlan)
    assert not plan.unplaced
    return [{name.split("/")[0] for name in each.workloads} for each in plan.placements]


def test_the_plan_keeps_them_on_different_container_hosts() -> None:
    apart = placed(confined("a", "AppArmorProfile", "shop"), confined("b", "SELinuxContext", "u:r:shop_t:s0"))
    together = placed(confined("a", "AppArmorProfile", "shop"), confined("b", "AppArmorProfile", "other"))

    assert sorted(map(sorted, apart)) == [["a"], ["b"]]
    assert together == [{"a", "b"}]


def test_a_target_whose_kernel_gave_the_part_to_another_is_told() -> None:
    taken = target(modules=frozenset({"kvm", "kvm_amd"}))

    said = judge(conflicting_kernel_module, VIRTUALBOX, targets=(taken,))

    assert [severity for _, severity in said.about] == [Severity.MAJOR]
    assert said.messages == ["The service needs hardware virtualization for VirtualBox; on box, KVM uses it (kvm_amd)."]
    assert judge(conflicting_kernel_module, KVM, targets=(taken,)).silent
    assert judge(conflicting_kernel_module, VIRTUALBOX, targets=(target(modules=frozenset()),)).silent
    assert judge(conflicting_kernel_module, VIRTUALBOX, targets=(target(modules=None),)).missing == {""}
    assert judge(
        conflicting_kernel_module, confined("a", "AppArmorProfile", "x"), targets=(target(modules=None),)
    ).silent
