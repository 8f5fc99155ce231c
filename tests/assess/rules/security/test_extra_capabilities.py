"""SEC004."""

from assess.model import Severity
from assess.rules.security.extra_capabilities import extra_capabilities
from tests.support.judging import judge, target
from tests.support.snapshots import HostBuilder

SYS_TIME = 1 << 25
NET_RAW = 1 << 13
NET_BIND_SERVICE = 1 << 10


def holding(mask: int) -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/x/x", uid=33, capabilities=mask)
    return host


def test_a_capability_that_the_engine_takes_away_is_found() -> None:
    said = judge(extra_capabilities, holding(SYS_TIME | NET_BIND_SERVICE).build())

    assert said.about == [("web01/x", Severity.MINOR)]
    assert "SYS_TIME" in said.messages[0] and "NET_BIND_SERVICE" not in said.messages[0]
    assert "--cap-add SYS_TIME" in said.findings[0].remedy


def test_each_engine_leaves_others() -> None:
    host = holding(NET_RAW).build()

    assert judge(extra_capabilities, host, targets=[target(engine="docker")]).silent
    assert len(judge(extra_capabilities, host, targets=[target(engine="podman")]).findings) == 1


def test_what_root_was_born_with_says_nothing() -> None:
    assert judge(extra_capabilities, holding((1 << 41) - 1).build()).silent


def test_no_windows_host_is_asked_for_them() -> None:
    assert judge(extra_capabilities, holding(SYS_TIME).build(), targets=[target(system="windows")]).silent


def test_an_unknown_engine_is_no_pass() -> None:
    assert judge(extra_capabilities, holding(SYS_TIME).build(), targets=[target(engine="")]).missing == {""}
