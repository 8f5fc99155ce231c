"""DAT007, DAT008, DAT009."""

from dataclasses import replace

import pytest

from assess.model import Severity
from assess.rules.state.self_written_configuration import self_written_configuration
from assess.rules.state.syslog_logging import syslog_logging
from assess.rules.state.user_state import user_state
from inventory.model.sockets import Sockets, UnixPeer, UnixSocket
from inventory.observation import Found
from tests.support.estate_recordings import recorded_host
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder, origin


def running() -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.user("x", 500)
    host.process(50, "/opt/x/x", uid=500)
    return host


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("/opt/x/wp-content/uploads/a.jpg", "uploaded files"),
        ("/var/lib/php/sessions/sess_1", "user sessions"),
        ("/var/spool/postfix/active/1", "queued or delivered mail"),
        ("/var/spool/cups/d00001", "queued print jobs"),
    ],
)
def test_state_that_changes_until_the_switch_is_found(path: str, what: str) -> None:
    host = running()
    host.open(host.processes[-1], path)

    said = judge(user_state, host.build())

    assert said.about == [("web01/x", Severity.MINOR)]
    assert what in said.messages[0]


def test_uploads_of_a_real_shop_are_found() -> None:
    assert judge(user_state, recorded_host("web01")).messages == ["/var/lib/app/uploads stores uploaded files."]


def test_other_files_pass() -> None:
    host = running()
    host.open(host.processes[-1], "/opt/x/data/a.db")

    assert judge(user_state, host.build()).silent
    assert judge(user_state, recorded_host("db01")).silent


def test_unknown_directories_are_no_pass() -> None:
    host = running()
    host.unknown("directories")

    assert judge(user_state, host.build()).missing == {"directories"}


def test_a_program_that_writes_its_configuration_is_found() -> None:
    host = running()
    host.open(host.processes[-1], "/etc/x/state.xml")

    assert judge(self_written_configuration, host.build()).messages == ["The service writes /etc/x/state.xml."]


def test_one_that_may_is_found_too() -> None:
    host = running()
    host.package("x", "/opt/x/x")
    host.config("/etc/x/x.conf", "port = 80")
    host.directory("/etc/x", uid=500)

    assert judge(self_written_configuration, host.build()).messages == [
        "The service can write its configuration in /etc/x."
    ]


def test_one_that_only_reads_it_passes() -> None:
    host = running()
    host.open(host.processes[-1], "/etc/x/x.conf", writable=False)

    assert judge(self_written_configuration, host.build()).silent
    assert judge(self_written_configuration, recorded_host("web01")).silent


def test_a_line_that_names_the_system_log_is_found() -> None:
    host = running()
    host.config("/opt/x/x.conf", "log /dev/log local0", "# /dev/log")

    assert judge(syslog_logging, host.build()).messages == ["/opt/x/x.conf:1 names the system log."]


def test_a_connection_to_the_system_log_is_found() -> None:
    host = running()
    logger = host.process(60, "/usr/sbin/rsyslogd")
    host.open(logger, "socket:[7001]", descriptor=3)
    host.open(host.processes[1], "socket:[7002]", descriptor=3)
    where = origin("sockets")
    peers = (UnixPeer("/dev/log", "dgram", 7001, 7002, where), UnixPeer("", "dgram", 7002, 7001, where))
    named = (UnixSocket("/dev/log", "dgram", False, 7001, where),)
    host.overrides["sockets"] = Found(replace(Sockets((), (), named), unix_peers=peers))

    assert judge(syslog_logging, host.build()).messages == ["The service logs to the system log."]


def test_a_service_that_does_not_passes() -> None:
    assert judge(syslog_logging, running().build()).silent
    assert judge(syslog_logging, recorded_host("web01")).silent
