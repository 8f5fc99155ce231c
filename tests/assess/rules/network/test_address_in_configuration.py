"""NET004."""

import pytest

from assess.model import Severity
from assess.rules.network.address_in_configuration import address_in_configuration
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder


def shop(*lines: str, code: bool = False) -> HostBuilder:
    host = HostBuilder("web01", "10.77.0.11")
    host.init()
    host.process(50, "/opt/shop/shop", "--config", "/etc/shop/shop.ini")
    host.config("/etc/shop/shop.ini", *lines, code=code)
    return host


def database() -> HostBuilder:
    host = HostBuilder("db01", "10.77.0.12")
    host.init()
    server = host.process(50, "/usr/sbin/mariadbd")
    host.listen(server, 3306)
    host.connect(server, "10.77.0.11", 40000, local="10.77.0.12", local_port=3306)
    return host


def test_the_address_of_another_host_of_the_estate_is_found_with_its_name() -> None:
    said = judge(address_in_configuration, shop("[db]", "host = 10.77.0.12").build(), database().build())

    assert said.about == [("web01/shop", Severity.MINOR)]
    assert said.messages == ["/etc/shop/shop.ini:2 names 10.77.0.12, which is host db01."]
    assert said.findings[0].evidence[0].text == "host = 10.77.0.12"
    assert said.findings[0].evidence[0].origin is not None


def test_with_its_port_it_is_known_which_workload_is_meant() -> None:
    said = judge(address_in_configuration, shop("dsn = mysql://10.77.0.12:3306/x").build(), database().build())

    assert "port 3306 is db01/mariadbd" in said.messages[0]


def test_the_hosts_own_address_cannot_be_bound_elsewhere() -> None:
    said = judge(address_in_configuration, shop("bind = 10.77.0.11:80").build())

    assert "an address of the old host itself" in said.messages[0]


def test_addresses_of_hosts_that_were_not_scanned_are_found_too() -> None:
    said = judge(address_in_configuration, shop("smtp = 192.168.9.9", "ntp = 8.8.8.8").build())

    assert [message.split(", ")[-1] for message in said.messages] == [
        "a host that was not scanned.",
        "a public address.",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "# host = 10.77.0.12", "bind = 0.0.0.0", "host = 127.0.0.1", "allow = 10.0.0.0/8", "mask = 255.255.255.0",
        "version = 1.2.3.4-5", "oid = 1.3.6.1.4.1", "group = 239.1.2.3", "net = 10.77.0.0", "at = 12:30:59",
        "v = 10.77.0.12.5", "mac = 02:42:ac:11:00:02", "file = backup-10.77.0.12.tar",
    ],
)  # fmt: skip
def test_what_names_no_single_host_is_not_found(line: str) -> None:
    assert judge(address_in_configuration, shop(line).build()).silent


def test_code_counts_as_well_and_an_address_is_told_once() -> None:
    said = judge(address_in_configuration, shop('DB = "10.77.0.12"', 'OLD = "10.77.0.12"', code=True).build())

    assert len(said.findings) == 1
    assert len(said.findings[0].evidence) == 2


def test_lines_of_other_programs_are_theirs() -> None:
    host = shop("x = 1")
    host.config("/etc/other/other.ini", "host = 10.77.0.12")

    assert judge(address_in_configuration, host.build()).silent


def test_without_the_section_it_is_undetermined() -> None:
    host = shop()
    host.unknown("configuration")

    assert judge(address_in_configuration, host.build()).missing == {"configuration"}
