"""IDN004."""

import pytest

from assess.model import Severity
from assess.rules.identity.own_host_name import own_host_name
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder


def with_line(text: str, name: str = "web01") -> HostBuilder:
    host = HostBuilder(name=name)
    host.init()
    host.process(50, "/opt/x/x")
    host.config("/opt/x/x.conf", text)
    return host


@pytest.mark.parametrize("text", ["node = web01", "peers = web02, web01", "member web01.example.org:80"])
def test_the_servers_own_name_is_found(text: str) -> None:
    said = judge(own_host_name, with_line(text).build())

    assert said.about == [("web01/x", Severity.MINOR)]
    assert "--hostname web01" in said.findings[0].remedy


@pytest.mark.parametrize("text", ["node = web010", "node = db-web01", "# node web01", "path = /srv/web01"])
def test_other_words_pass(text: str) -> None:
    assert judge(own_host_name, with_line(text).build()).silent


def test_a_name_that_is_a_word_says_nothing_alone() -> None:
    assert judge(own_host_name, with_line("type = mail", "mail").build()).silent


def test_a_host_without_a_known_name_is_no_pass() -> None:
    host = with_line("node = web01")
    host.unknown("system")

    assert judge(own_host_name, host.build()).missing == {"system"}
