"""Which port is meant where a host is named without one."""

from __future__ import annotations

import pytest

from assess.knowledge.default_ports import port_of_scheme, port_of_setting


@pytest.mark.parametrize(
    ("before", "port"),
    [
        ("url = http://", 80),
        ("LDAP_URI=ldap://", 389),
        ('uri="jdbc:postgresql://', 5432),
        ("amqp://orders:estate-password@", 5672),
        ("unknown://", None),
        ("see http://www.example/ and ", None),
        ("http://www.example/?to=a@", None),
        ("host = ", None),
        ("", None),
    ],
)
def test_the_scheme_of_a_url(before: str, port: int | None) -> None:
    assert port_of_scheme(before) == port


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("    forward-addr: 10.77.0.12", 53),
        ("forwarders { 10.77.0.12; };", 53),
        ("relayhost = [mail01.corp.example]", 25),
        ("dc_smarthost='mail01'", 25),
        ("host = mail01", None),
        ("relayhost", None),
        ("", None),
    ],
)
def test_the_server_that_a_setting_names(text: str, port: int | None) -> None:
    assert port_of_setting(text) == port
