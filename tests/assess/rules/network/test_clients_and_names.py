"""NET023, NET024 and NET031: whom a service takes its clients for, and what it takes itself for."""

from __future__ import annotations

import pytest

from assess.model import Severity
from assess.rules.network.client_address_check import client_address_check
from assess.rules.network.hairpin_connection import hairpin_connection
from assess.rules.network.host_name_identity import host_name_identity
from tests.support.estate_recordings import recorded_host
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder


def configured(*lines: str, path: str = "/etc/x/x.conf") -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.listen(host.process(50, "/opt/x/x", "--config", path), 80)
    host.config(path, *lines)
    return host


@pytest.mark.parametrize(
    "line",
    [
        "allow 10.0.0.0/8;",
        "  Allow from 192.168",
        "  Require ip 10.1.2.0/24",
        "host all all 10.0.0.0/8 md5",
        "mynetworks = 127.0.0.0/8 10.20.0.0/16",
        "acl office src 10.3.0.0/16",
        "hosts allow = 10.4.",
        "allow-transfer { 10.5.0.2; };",
        "allow 2001:db8::/32;",
    ],
)
def test_a_list_of_addresses_of_clients_is_found(line: str) -> None:
    said = judge(client_address_check, configured(line).build())

    assert said.about == [("web01/x", Severity.MINOR)]


@pytest.mark.parametrize(
    "line",
    [
        "allow 127.0.0.1;",
        "deny all;",
        "host all all 127.0.0.1/32 md5",
        "host all all ::1/128 md5",
        "# allow 10.0.0.0/8;",
        "proxy_pass http://10.0.0.5:8080;",
        "allowance 10.0.0.5",
    ],
)
def test_loopback_everybody_comments_and_other_settings_are_not(line: str) -> None:
    assert judge(client_address_check, configured(line).build()).silent


def test_tcp_wrappers_count_for_programs_that_use_them() -> None:
    host = configured("x = 1")
    host.config("/etc/hosts.allow", "x: 10.0.0.0/255.0.0.0")

    assert judge(client_address_check, host.build()).silent
    host.map("/lib/x86_64-linux-gnu/libwrap.so.0.7.6", host.processes[1])
    assert "TCP wrappers" in judge(client_address_check, host.build()).messages[0]


def test_a_connection_to_an_own_address_is_found_once() -> None:
    host = configured()
    process = host.processes[1]
    host.connect(process, host.address, 80)
    host.connect(process, host.address, 80, local_port=40_001)

    said = judge(hairpin_connection, host.build())

    assert said.messages == ["The service reaches itself through 10.77.0.11:80, its own host's address."]


def test_connections_to_others_and_over_loopback_are_not() -> None:
    host = configured()
    host.connect(host.processes[1], "10.77.0.12", 80)
    host.connect(host.processes[1], "127.0.0.1", 80, local="127.0.0.1")

    assert judge(hairpin_connection, host.build()).silent


def test_a_keytab_and_ident_tie_a_service_to_its_name() -> None:
    keytab = judge(host_name_identity, configured("krb5_keytab = /etc/x/http.keytab").build())
    ident = judge(host_name_identity, configured("host all all 10.0.0.0/8 ident", path="/etc/x/pg_hba.conf").build())

    assert "Kerberos" in keytab.messages[0]
    assert "ident" in ident.messages[0]


def test_ident_over_loopback_asks_nobody_else() -> None:
    lines = ("host all all 127.0.0.1/32 ident", "local all all peer")

    assert judge(host_name_identity, configured(*lines, path="/etc/x/pg_hba.conf").build()).silent


def test_a_real_web_server_shows_none_of_them() -> None:
    for rule in (client_address_check, hairpin_connection, host_name_identity):
        assert not judge(rule, recorded_host("web01")).findings
