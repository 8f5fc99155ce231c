"""NET025, NET026, NET027, NET028, NET029, NET030 and NET032: protocols in which a port is not just a number."""

from __future__ import annotations

import pytest

from assess.model import Severity
from assess.rule import Rule
from assess.rules.network.advertised_address import advertised_address
from assess.rules.network.ftp_data_connections import ftp_data_connections
from assess.rules.network.java_remote_ports import java_remote_ports
from assess.rules.network.many_ports import many_ports
from assess.rules.network.portmapper_ports import portmapper_ports
from assess.rules.network.reserved_client_ports import reserved_client_ports
from assess.rules.network.voice_addresses import voice_addresses
from tests.support.estate_recordings import recorded_host
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder


def running(program: str, *arguments: str, tcp: tuple[int, ...] = (), udp: tuple[int, ...] = ()) -> HostBuilder:
    host = HostBuilder()
    host.init()
    process = host.process(50, program, *arguments)
    for port in tcp:
        host.listen(process, port)
    for port in udp:
        host.listen(process, port, protocol="udp")
    return host


KAFKA = ("/usr/bin/java", "-Xmx1G", "kafka.Kafka", "/etc/kafka/server.properties")


@pytest.mark.parametrize(
    ("rule", "host", "severity"),
    [
        (ftp_data_connections, running("/usr/sbin/vsftpd", tcp=(21,)), Severity.MINOR),
        (ftp_data_connections, running("/opt/own/transfer", tcp=(21,)), Severity.MINOR),
        (voice_addresses, running("/usr/sbin/asterisk", udp=(5060,)), Severity.MAJOR),
        (portmapper_ports, running("/usr/sbin/ypserv", udp=(834,)), Severity.MAJOR),
        (advertised_address, running(*KAFKA, tcp=(9092,)), Severity.MINOR),
        (advertised_address, running("/usr/bin/mongod", "--replSet", "rs0", tcp=(27017,)), Severity.MINOR),
        (advertised_address, running("/usr/bin/redis-server", "*:7000", "[cluster]", tcp=(7000,)), Severity.MINOR),
        (reserved_client_ports, running("/usr/sbin/lpd", tcp=(515,)), Severity.MINOR),
        (reserved_client_ports, running("/usr/sbin/xinetd", tcp=(514,)), Severity.MINOR),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_a_service_is_known_by_its_program_or_its_port(rule: Rule, host: HostBuilder, severity: Severity) -> None:
    said = judge(rule, host.build())

    assert [each for _, each in said.about] == [severity]


@pytest.mark.parametrize(
    ("rule", "host"),
    [
        (ftp_data_connections, running("/usr/sbin/sshd-sftp", tcp=(2222,))),
        (voice_addresses, running("/opt/x/x", udp=(5061 + 1,))),
        (advertised_address, running("/usr/bin/mongod", tcp=(27017,))),
        (advertised_address, running("/usr/bin/redis-server", "*:6379", tcp=(6379,))),
        (advertised_address, running("/usr/bin/java", "-jar", "shop.jar", tcp=(8080,))),
        (reserved_client_ports, running("/opt/logs/collector", tcp=(514,))),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_one_that_only_looks_alike_is_not(rule: Rule, host: HostBuilder) -> None:
    assert judge(rule, host.build()).silent


def test_the_setting_that_it_tells_is_quoted() -> None:
    host = running(*KAFKA, tcp=(9092,))
    host.config(
        "/etc/kafka/server.properties", "# advertised.listeners=x", "advertised.listeners=PLAINTEXT://10.0.0.5:9092"
    )
    (finding,) = judge(advertised_address, host.build()).findings

    assert finding.evidence[-1].fact == "/etc/kafka/server.properties:2 sets advertised.listeners"
    assert "advertised.listeners" in finding.remedy


def test_jmx_wants_its_second_port_and_the_name_set() -> None:
    jmx = "-Dcom.sun.management.jmxremote"
    bare = running("/usr/bin/java", f"{jmx}.port=9010", "App", tcp=(9010, 41_234))
    whole = running(
        "/usr/bin/java",
        f"{jmx}.port=9010",
        f"{jmx}.rmi.port=9010",
        "-Djava.rmi.server.hostname=app.example.org",
        "App",
        tcp=(9010,),
    )
    said = judge(java_remote_ports, bare.build())

    assert [severity for _, severity in said.about] == [Severity.MINOR]
    assert f"{jmx}.rmi.port=9010" in said.findings[0].remedy
    assert judge(java_remote_ports, whole.build()).silent


def test_more_than_fifty_ports_in_a_row_are_many() -> None:
    said = judge(many_ports, running("/opt/rtp/rtp", udp=tuple(range(10_000, 10_051))).build())

    assert said.messages == ["The service listens on 51 ports, 10000 to 10050/udp."]
    assert judge(many_ports, running("/opt/rtp/rtp", udp=tuple(range(10_000, 10_050))).build()).silent
    assert judge(many_ports, running("/opt/rtp/rtp", udp=tuple(range(10_000, 10_200, 2))).build()).silent


@pytest.mark.parametrize(
    "rule",
    [ftp_data_connections, voice_addresses, java_remote_ports, advertised_address, reserved_client_ports, many_ports],
    ids=lambda rule: rule.name,
)
def test_a_real_web_server_shows_none_of_them(rule: Rule) -> None:
    assert not judge(rule, recorded_host("web01")).findings


def test_a_turn_server_speaks_turn_and_not_sip() -> None:
    host = HostBuilder()
    host.init()
    server = host.process(50, "/usr/bin/turnserver", "-c", "/etc/turnserver.conf")
    host.listen(server, 3478, protocol="udp")
    host.listen(server, 5349)

    said = judge(voice_addresses, host.build())

    assert [message.split(",")[0] for message in said.messages] == ["The service speaks TURN"]
