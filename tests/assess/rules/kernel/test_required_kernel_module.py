"""KRN024."""

from dataclasses import replace

import pytest

from assess.model import Severity
from assess.rules.kernel.required_kernel_module import required_kernel_module
from inventory.model.kernel import Module
from inventory.observation import Found, value_or_none
from inventory.snapshot import Snapshot
from tests.support.judging import judge, target
from tests.support.snapshots import HostBuilder, origin


def running(program: str, *modules: str) -> Snapshot:
    host = HostBuilder()
    host.init()
    host.process(50, program)
    kernel = value_or_none(host.build().kernel)
    assert kernel is not None
    loaded = tuple(Module(name, 1, 1, (), "", origin("kernel")) for name in modules)
    host.overrides["kernel"] = Found(replace(kernel, modules=loaded))
    return host.build()


@pytest.mark.parametrize(
    ("program", "module", "severity"),
    [
        ("/usr/sbin/asterisk", "dahdi", Severity.BLOCKER),
        ("/usr/sbin/openvpn", "tun", Severity.MINOR),
        ("/usr/sbin/xl2tpd", "l2tp_ppp", Severity.MAJOR),
    ],
)
def test_a_program_with_its_module_is_found(program: str, module: str, severity: Severity) -> None:
    said = judge(required_kernel_module, running(program, module, "ext4"))

    assert [each for _, each in said.about] == [severity]
    assert module in said.messages[0]


def test_what_the_target_has_loaded_is_a_smaller_matter() -> None:
    said = judge(
        required_kernel_module,
        running("/usr/sbin/xl2tpd", "l2tp_ppp"),
        targets=(target(modules=frozenset({"l2tp_ppp"})),),
    )

    assert [each for _, each in said.about] == [Severity.MINOR]


def test_neither_the_program_nor_the_module_alone_is_one() -> None:
    assert judge(required_kernel_module, running("/usr/sbin/asterisk", "ext4")).silent
    assert judge(required_kernel_module, running("/opt/s/s", "dahdi")).silent
