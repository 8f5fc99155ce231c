"""KRN025."""

from dataclasses import replace

from assess.model import Severity
from assess.rules.kernel.third_party_kernel_module import third_party_kernel_module
from inventory.model.kernel import Module
from inventory.observation import Found, value_or_none
from tests.support.estate_recordings import recorded_host
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder, origin


def test_modules_from_elsewhere_are_found() -> None:
    host = HostBuilder()
    kernel = value_or_none(host.build().kernel)
    assert kernel is not None
    modules = tuple(
        Module(name, 1, 2, (), taint, origin("kernel"))
        for name, taint in (("acme_agent", "POE"), ("signed_elsewhere", "E"), ("ext4", ""))
    )
    host.overrides["kernel"] = Found(replace(kernel, modules=modules))

    said = judge(third_party_kernel_module, host.build())

    assert said.about == [("web01", Severity.MINOR)]
    assert said.messages[0].endswith("acme_agent.")
    assert "proprietary and built out of tree" in said.findings[0].evidence[0].fact


def test_a_recorded_virtual_machine_has_none() -> None:
    assert judge(third_party_kernel_module, recorded_host("vm01")).silent
