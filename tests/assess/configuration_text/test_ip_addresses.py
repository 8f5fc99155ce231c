"""Addresses in text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.configuration_text.ip_addresses import addresses_in, is_local_address, plain_address


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("host = 10.77.0.12", ["10.77.0.12"]),
        ("http://10.77.0.12:8080/x and 192.168.1.5", ["10.77.0.12", "192.168.1.5"]),
        ("10.0.0.7/32", ["10.0.0.7"]),
        ("10.0.0.7/24", []),
        ("('10.77.0.12', 3306)", ["10.77.0.12"]),
        ("see 10.77.0.12.", ["10.77.0.12"]),
        ("999.1.1.1", []),
        ("openssl-1.1.1.1", []),
        ("listen [2001:db8::7]:80", ["2001:db8::7"]),
        ("fe80::1 ::1 ff02::1", []),
        ("std::vector<a> b::c 10:20", []),
        ("at 12:30:59", []),
        ("fd00::10", ["fd00::10"]),
    ],
)
def test_addresses_of_single_hosts_are_found(text: str, found: list[str]) -> None:
    assert list(addresses_in(text)) == found


@given(st.text(alphabet="0123456789abcdef:./[] -", max_size=80))
def test_any_text_is_read(text: str) -> None:
    list(addresses_in(text))


def test_mapped_addresses_are_those_of_ipv4() -> None:
    assert plain_address("::ffff:10.0.0.1") == "10.0.0.1"
    assert plain_address("fe80::1%eth0") == "fe80::1"
    assert is_local_address("::ffff:127.0.0.1")
    assert not is_local_address("db01")


def test_an_oid_of_an_ldap_schema_is_no_address() -> None:
    assert tuple(addresses_in("olcAttributeTypes: ( 2.5.4.4 NAME ( 'sn' 'surname' )")) == ()
    assert tuple(addresses_in("peer 2.5.4.4 NAMED")) == ("2.5.4.4",)
