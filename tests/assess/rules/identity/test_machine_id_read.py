"""IDN003."""

import pytest

from assess.model import Severity
from assess.rules.identity.machine_id_read import machine_id_read
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder


def with_line(text: str) -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/x/x")
    host.config("/opt/x/x.conf", text)
    return host


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("cat /sys/class/net/eth0/address", Severity.MAJOR),
        ("id=`hostid`", Severity.MAJOR),
        ("open('/etc/hostid')", Severity.MAJOR),
        ("node_id_file = /etc/machine-id", Severity.MINOR),
        ("sudo dmidecode -s system-serial-number", Severity.MINOR),
        ("disk=/dev/disk/by-id/scsi-1", Severity.MINOR),
    ],
)
def test_what_reads_a_number_of_the_machine_is_found(text: str, severity: Severity) -> None:
    said = judge(machine_id_read, with_line(text).build())

    assert said.about == [("web01/x", severity)]
    assert said.messages[0].startswith("/opt/x/x.conf:1 reads ")


@pytest.mark.parametrize("text", ["hostid = 12", "vhostid 3", "path = /etc/machine-identity.conf", "/sys/class/net"])
def test_other_lines_pass(text: str) -> None:
    assert judge(machine_id_read, with_line(text).build()).silent


def test_an_init_script_that_does_is_found() -> None:
    host = HostBuilder()
    host.init()
    process = host.process(50, "/opt/x/x")
    host.init_script("x", "#!/bin/sh\n# dmidecode\nID=$(hostid)\n", process.pid)

    assert judge(machine_id_read, host.build()).messages == ["/etc/init.d/x:3 reads the host id."]


def test_configuration_that_could_not_be_read_is_no_pass() -> None:
    host = with_line("x")
    host.unknown("configuration")

    assert judge(machine_id_read, host.build()).missing == {"configuration"}
