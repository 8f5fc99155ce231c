"""SEC006, SEC007, SEC008: what the host's kernel and its units do for security."""

from dataclasses import replace

import pytest

from assess.model import Severity
from assess.rule import Rule
from assess.rules.security.host_selinux_policy import host_selinux_policy
from assess.rules.security.kernel_keyring import kernel_keyring
from assess.rules.security.unit_confinement import unit_confinement
from inventory.model.kernel import Kernel, KernelKey
from inventory.model.services import UnitSetting
from inventory.observation import Found
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder, origin


def with_kernel(*keys: tuple[str, str], known: bool = True, selinux: str = "") -> HostBuilder:
    host = HostBuilder()
    rows = tuple(
        KernelKey(number, kind, text, 0, origin("kernel", number)) for number, (kind, text) in enumerate(keys, 1)
    )
    kernel = Kernel("Linux", "6.1.0", "", "x86_64", "", 0, (), (), None, origin("kernel"))
    host.overrides["kernel"] = Found(replace(kernel, selinux=selinux, keys=rows if known else None))
    return host


def test_a_host_that_enforces_selinux_is_found() -> None:
    assert judge(host_selinux_policy, with_kernel(selinux="enforcing").build()).about == [("web01", Severity.INFO)]


@pytest.mark.parametrize("mode", ["", "permissive"])
def test_a_host_that_does_not_passes(mode: str) -> None:
    assert judge(host_selinux_policy, with_kernel(selinux=mode).build()).silent


@pytest.mark.parametrize(
    ("kind", "text"),
    [("keyring", "_krb_65534"), ("cifs.spnego", "ver=2"), ("user", "krb_ccache:primary"), ("logon", "fscrypt:12")],
)
def test_keys_in_keyrings_are_found(kind: str, text: str) -> None:
    assert judge(kernel_keyring, with_kernel((kind, text)).build()).about == [("web01", Severity.MINOR)]


def test_the_keyrings_that_every_host_has_pass() -> None:
    host = with_kernel(("keyring", "_ses"), ("keyring", "_uid.0"), ("asymmetric", "Debian"), ("user", "invocation_id"))

    assert judge(kernel_keyring, host.build()).silent


def test_keys_that_could_not_be_read_are_no_pass() -> None:
    assert judge(kernel_keyring, with_kernel(known=False).build()).missing == {"kernel"}
    user = replace(with_kernel().build(), privileged=False)
    assert judge(kernel_keyring, user).missing == {"kernel"}, "whose keys an ordinary user does not see may be there"


@pytest.mark.parametrize("rule", [host_selinux_policy, kernel_keyring])
def test_an_unknown_kernel_is_no_pass(rule: Rule) -> None:
    host = HostBuilder()
    host.unknown("kernel")

    assert judge(rule, host.build()).missing == {"kernel"}


def confined(**settings: str) -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/x/x", unit="x.service")
    path = "/etc/systemd/system/x.service"
    lines = tuple(UnitSetting(path, name, value, origin("services", 3)) for name, value in settings.items())
    host.services.append(replace(host.unit("x", 50), settings=lines))
    del host.services[0]
    return host


def test_a_unit_that_confines_is_told_with_the_options_that_do_the_same() -> None:
    said = judge(unit_confinement, confined(ProtectSystem="strict", MemoryMax="2G", User="x").build())

    assert said.about == [("web01/x", Severity.INFO)]
    assert "--read-only" in said.findings[0].remedy and "--memory" in said.findings[0].remedy


def test_a_unit_that_does_not_passes() -> None:
    assert judge(unit_confinement, confined(ProtectSystem="no", User="x").build()).silent
