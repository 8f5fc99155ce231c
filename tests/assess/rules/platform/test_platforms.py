"""PLT001, PLT002, PLT003."""

from assess.model import Severity
from assess.rules.platform.linux_host_windows_target import linux_host_windows_target
from assess.rules.platform.other_unix_host import other_unix_host
from assess.rules.platform.windows_host_linux_target import windows_host_linux_target
from tests.support.judging import TARGET, judge, target
from tests.support.snapshots import HostBuilder, unreachable

WINDOWS = target(name="win", system="windows")
LINUX_HOST = HostBuilder().build()
WINDOWS_HOST = HostBuilder("files01", platform="windows").build("unreachable", "windows is not asked yet")


def test_a_windows_server_needs_a_windows_target() -> None:
    said = judge(windows_host_linux_target, WINDOWS_HOST, LINUX_HOST, targets=(TARGET, WINDOWS))

    assert said.about == [("files01", Severity.BLOCKER)]
    assert said.findings[0].target == "box"


def test_a_linux_server_needs_a_linux_target() -> None:
    said = judge(linux_host_windows_target, WINDOWS_HOST, LINUX_HOST, targets=(TARGET, WINDOWS))

    assert said.about == [("web01", Severity.BLOCKER)]
    assert said.findings[0].target == "win"
    assert said.findings[0].evidence[0].origin is not None


def test_other_systems_have_no_target_at_all() -> None:
    said = judge(other_unix_host, unreachable("aix01", "AIX is not asked", platform="other"), LINUX_HOST, WINDOWS_HOST)

    assert said.about == [("aix01", Severity.BLOCKER)]
    assert said.findings[0].target is None


def test_a_posix_host_with_another_kernel_is_one_of_them() -> None:
    from dataclasses import replace

    from inventory.observation import Found, value_or_none

    host = HostBuilder("bsd01")
    kernel = value_or_none(host.build().kernel)
    assert kernel is not None
    host.overrides["kernel"] = Found(replace(kernel, name="FreeBSD"))

    assert judge(other_unix_host, host.build()).about == [("bsd01", Severity.BLOCKER)]


def test_windows_is_no_unix() -> None:
    """It has a kernel of another name, and a target that offers it."""
    from dataclasses import replace

    from inventory.observation import Found, value_or_none

    host = HostBuilder("win01", platform="windows")
    kernel = value_or_none(host.build().kernel)
    assert kernel is not None
    host.overrides["kernel"] = Found(replace(kernel, name="Windows NT"))

    assert judge(other_unix_host, host.build()).about == []
