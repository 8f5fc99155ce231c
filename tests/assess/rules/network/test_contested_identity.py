"""What one host reports of itself never hides another host, and never takes its place (NET034)."""

from __future__ import annotations

from dataclasses import replace

from assess.model import Severity
from assess.rules.network.contested_identity import contested_identity
from assess.subjects.estate_facts import EstateFacts
from assess.subjects.host_facts import HostFacts
from inventory.model.network import Address, Interface, Network, Resolver
from inventory.observation import Found, value_or_none
from inventory.snapshot import Snapshot
from tests.support.judging import assess, judge
from tests.support.snapshots import HostBuilder, origin


def web() -> Snapshot:
    host = HostBuilder("web01", "10.77.0.11")
    host.init()
    server = host.process(50, "/usr/sbin/nginx")
    host.listen(server, 80)
    host.connect(server, "10.77.0.12", 3306)
    return host.build()


def database(*, peer: str = "", address: str = "10.77.0.12") -> Snapshot:
    host = HostBuilder("db01", address)
    host.init()
    host.listen(host.process(50, "/usr/sbin/mariadbd"), 3306, address="10.77.0.12")
    return replace(host.build(), peer=peer)


def impostor(name: str = "evil01", *, hostname: str = "evil01", kind: str = "ethernet") -> Snapshot:
    """A host that has given itself db01's address, port and perhaps name."""
    host = HostBuilder(name, "10.77.0.66")
    host.init()
    host.listen(host.process(50, "/usr/sbin/mariadbd"), 3306, address="10.77.0.12")
    snapshot = host.build()
    system = value_or_none(snapshot.system)
    assert system is not None
    interface = Interface("eth0", 2, "", 1500, "up", 0, kind, kind == "ethernet", (), origin("network"))
    address = Address("eth0", "10.77.0.12", 24, "global", "eth0", False, False, origin("network", 7))
    network = Network(
        (interface,), (address,), (), (), (), (), (), (), Resolver((), (), ()), (), (), (), (), (), (), None
    )
    observations = {
        **snapshot.observations,
        "system": Found(replace(system, hostname=hostname)),
        "network": Found(network),
    }
    return replace(snapshot, observations=observations)


def owner_of(address: str, *snapshots: Snapshot) -> str | None:
    owner = estate(*snapshots).known.host_by_address.get(address)
    return owner.name if owner else None


def host_named(name: str, *snapshots: Snapshot) -> str | None:
    owner = estate(*snapshots).known.host_by_name.get(name)
    return owner.name if owner else None


def estate(*snapshots: Snapshot) -> EstateFacts:
    return EstateFacts(tuple(HostFacts(each, ()) for each in snapshots), (), 0.0)


def test_an_impostor_does_not_hide_the_host_that_the_inventory_names() -> None:
    assert owner_of("10.77.0.12", impostor(), database()) == "db01"
    assert owner_of("10.77.0.12", database(), impostor()) == "db01"
    clients = {(row.workload, row.port): row.clients for row in assess(web(), database(), impostor()).port_plan}
    assert clients["db01/mariadbd", 3306] == ("web01/nginx",)
    assert clients["evil01/mariadbd", 3306] == ()


def test_an_impostor_does_not_hide_the_host_that_the_connection_reached() -> None:
    assert owner_of("10.77.0.12", database(peer="10.77.0.12", address="db01.example.test"), impostor()) == "db01"


def test_an_address_that_nothing_proves_is_given_to_none_of_its_claimants() -> None:
    assert owner_of("10.77.0.12", database(address="db01.example.test"), impostor()) is None
    assert owner_of("10.77.0.12", database(address="db01.example.test")) == "db01"


def test_a_host_that_calls_itself_by_the_name_of_another_does_not_get_it() -> None:
    assert host_named("db01", impostor(hostname="DB01"), database()) == "db01"
    assert host_named("shop", impostor("a", hostname="shop"), impostor("b", hostname="shop")) is None
    assert host_named("shop", impostor("a", hostname="shop"), database()) == "a"


def test_what_hosts_report_of_others_is_a_finding() -> None:
    said = judge(contested_identity, database(), impostor(hostname="db01"))

    assert said.about == [("evil01", Severity.MINOR), ("evil01", Severity.MINOR)]
    assert "10.77.0.12, which the inventory or the connection assigns to db01" in said.messages[0]
    assert said.messages[1] == "evil01 reports the name db01, which belongs to host db01."


def test_what_nothing_proves_is_a_finding_about_each_claimant() -> None:
    said = judge(contested_identity, database(address="db01.example.test"), impostor())

    assert said.about == [("db01", Severity.INFO), ("evil01", Severity.INFO)]


def test_the_bridges_of_container_engines_are_no_finding() -> None:
    assert judge(
        contested_identity, impostor("a", hostname="a", kind="bridge"), impostor("b", hostname="b", kind="bridge")
    ).silent
