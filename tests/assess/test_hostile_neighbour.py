"""What one host reports changes nothing that is said of the others, whatever it reports.

An honest estate is judged alone and beside a hostile host. Only what is about that host, or names it, may differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assess.assessment import Assessment
from assess.planning.unused_services import retire_candidates
from assess.totals import totals_of
from inventory.model.network import Address, HostsEntry, Resolver
from inventory.observation import Found, value_or_none
from inventory.snapshot import Snapshot
from tests.support.judging import assess
from tests.support.networks import interface, network
from tests.support.snapshots import HostBuilder, origin

EVIL = "evil01"
SECOND = "10.99.0.12"
"""An address of db01 that neither the inventory nor a connection proves."""


def addressed(host: HostBuilder, *addresses: str, **changes: Any) -> None:
    """The network of a host that reports these addresses."""
    own = tuple(Address("eth0", each, 24, "global", "eth0", False, False, origin("network")) for each in addresses)
    host.overrides["network"] = Found(network(interfaces=(interface("eth0"),), addresses=own, **changes))


def web() -> Snapshot:
    host = HostBuilder("web01", "10.77.0.11")
    host.init()
    host.unit("shop", 50)
    shop = host.process(50, "/opt/shop/shopd", unit="shop.service")
    host.listen(shop, 8080)
    host.connect(shop, SECOND, 3306)
    host.connect(shop, "10.77.0.11", 6379)
    host.connect(shop, "172.17.0.1", 6380)
    host.config(
        "/opt/shop/shop.ini",
        "charset = utf-8",
        "ledger = http://books.corp.example:9000/",
        "",
        "",
        "",
        "",
        "orders = http://orders:9001/",
        "",
        "",
        "",
        "",
        "[store]",
        "url = http://store02:9002/",
    )
    host.unit("redis", 60)
    redis = host.process(60, "/usr/bin/redis-server", unit="redis.service")
    host.listen(redis, 6379)
    host.listen(redis, 6380)
    entry = HostsEntry("10.77.0.14", ("orders",), origin("network"))
    addressed(
        host, "10.77.0.11", "172.17.0.1", hosts=(entry,), resolver=Resolver((), ("corp.example", "lab.example"), ())
    )
    return host.build()


def server(name: str, address: str, program: str, port: int, *more: str) -> HostBuilder:
    host = HostBuilder(name, address)
    host.init()
    unit = program.rpartition("/")[2]
    host.unit(unit, 50)
    host.listen(host.process(50, program, unit=f"{unit}.service"), port)
    addressed(host, address, *more)
    return host


def database() -> Snapshot:
    host = server("db01", "10.77.0.12", "/usr/sbin/mariadbd", 3306, SECOND)
    daemon = host.processes[1]
    host.connect(daemon, "10.77.0.11", 41000, local=SECOND, local_port=3306)
    host.connect(daemon, "10.55.0.9", 41001, local="10.77.0.12", local_port=3306)
    return host.build()


def honest() -> tuple[Snapshot, ...]:
    return (
        web(),
        database(),
        server("books", "10.77.0.13", "/opt/books/booksd", 9000).build(),
        server("srv14", "10.77.0.14", "/opt/orders/ordersd", 9001).build(),
        server("store02.lab.example", "10.77.0.15", "/opt/store/stored", 9002).build(),
        server("old01", "10.77.0.16", "/opt/wiki/wikid", 8090).build(),
    )


def hostile(
    change: Callable[[HostBuilder], None] = lambda _host: None,
    *,
    hostname: str = EVIL,
    addresses: tuple[str, ...] = (),
    **of_network: Any,
) -> Snapshot:
    """A host that listens on whatever the others use, and reports what it likes."""
    host = HostBuilder(EVIL, "10.77.0.66")
    host.init()
    host.unit("trap", 50)
    trap = host.process(50, "/opt/trap/trapd", unit="trap.service")
    for port in (22, 443, 3306, 6379, 6380, 9000, 9001, 9002):
        host.listen(trap, port)
    addressed(host, "10.77.0.66", *addresses, **of_network)
    change(host)
    snapshot = host.build()
    system = value_or_none(snapshot.system)
    assert system is not None
    named = Found(replace(system, hostname=hostname))
    return replace(snapshot, observations={**snapshot.observations, "system": named})


def statements(assessment: Assessment) -> set[str]:
    """All that is said of the honest hosts without a word of the hostile one."""
    return {said for said in _statements(assessment) if EVIL not in said}


def _statements(assessment: Assessment) -> Iterator[str]:
    plan = assessment.plan
    assert plan is not None
    wave = {member: each.number for each in plan.waves for move in each.moves for member in _members(plan, move)}
    for each in plan.dependencies:
        yield f"{each.client} depends on {each.server}, {each.tie}, port {each.port}: {each.evidence.fact}"
        if EVIL not in each.client + each.server and each.client in wave and each.server in wave:
            yield f"{each.client} moves before {each.server}: {wave[each.client] < wave[each.server]}"
    for judged in assessment.workloads:
        yield f"{judged.workload.id} is {judged.verdict}, {judged.score}, {judged.confidence}, {judged.settings}"
    for finding in assessment.findings:
        yield f"{finding.rule} of {finding.workload or finding.host}: {finding.severity}, {finding.message}"
    for row in assessment.port_plan:
        where = f"{row.host} {row.workload or row.likely_owner} {row.protocol} {row.address} {row.port}, {row.set_in}"
        yield f"{where} is listened on"
        for client in row.clients:
            yield f"{where} has the client {client}"
        for other in row.wanted_by:
            yield f"{where} is wanted by {other}"
    for unused in retire_candidates(assessment):
        yield f"{unused.workload} is used by nobody"
    tally = totals_of(assessment)
    for name in tally.freed:
        yield f"{name} is freed"
    for name, outlook in tally.of.items():
        yield f"{name} moves {outlook}"


def _members(plan: Any, move: Any) -> tuple[str, ...]:
    return next(each.members for each in plan.applications if each.name == move.application)


ALONE = statements(assess(*honest()))


def beside(evil: Snapshot, *, first: bool) -> set[str]:
    return statements(assess(evil, *honest()) if first else assess(*honest(), evil))


def edges_to_it(evil: Snapshot) -> list[str]:
    """The honest services that are said to depend on the hostile host."""
    plan = assess(*honest(), evil).plan
    assert plan is not None
    return [each.client for each in plan.dependencies if EVIL in each.server and EVIL not in each.client]


def test_the_honest_estate_has_what_a_hostile_host_could_take() -> None:
    said = "\n".join(sorted(ALONE))
    for words in (
        "web01/shop depends on db01/mariadbd, connection, port 3306",
        "web01/shop depends on web01/redis, connection, port 6379",
        "web01/shop depends on web01/redis, connection, port 6380",
        "web01/shop depends on books/booksd, configuration, port 9000",
        "web01/shop depends on srv14/ordersd, configuration, port 9001",
        "web01/shop depends on store02.lab.example/stored, configuration, port 9002",
        "old01/wikid is used by nobody",
        "has the client 10.55.0.9",
    ):
        assert words in said, said


def called(name: str) -> Snapshot:
    return hostile(hostname=name)


ATTACKS: dict[str, Callable[[], Snapshot]] = {
    "nothing": hostile,
    "takes a name that a search domain gives to another": lambda: called("books.corp.example"),
    "takes a name that /etc/hosts gives to another": lambda: called("orders"),
    "takes a name from an earlier search domain": lambda: called("store02.corp.example"),
    "takes a word of configuration for its name": lambda: called("utf-8"),
    "takes a name of the inventory": lambda: called("db01"),
    "takes the address of a container bridge": lambda: hostile(addresses=("172.17.0.1",)),
    "takes the address of a client that was not scanned": lambda: hostile(addresses=("10.55.0.9",)),
    "takes proven addresses": lambda: hostile(addresses=("10.77.0.11", "10.77.0.12")),
    "writes others into /etc/hosts": lambda: hostile(
        hosts=(HostsEntry("10.77.0.66", ("db01", "books", "orders", "utf-8"), origin("network")),),
        resolver=Resolver((), ("corp.example",), ()),
    ),
}


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("attack", ATTACKS)
def test_a_hostile_host_changes_nothing_that_is_said_of_others(attack: str, first: bool) -> None:
    evil = ATTACKS[attack]()
    found = beside(evil, first=first)

    assert ALONE - found == set()
    assert found - ALONE == set()
    assert edges_to_it(evil) == []


@pytest.mark.parametrize("first", [True, False])
def test_what_depends_on_a_contested_address_still_depends_on_something(first: bool) -> None:
    """Nothing proves whose the address is. The edge stays, to neither of the two."""
    evil = hostile(addresses=(SECOND,))
    assessment = assess(evil, *honest()) if first else assess(*honest(), evil)

    assert edges_to_it(evil) == []
    plan = assessment.plan
    assert plan is not None
    (edge,) = [each for each in plan.dependencies if SECOND in each.server]
    assert (edge.client, edge.server) == ("web01/shop", f"unidentified listener tcp/3306 on {SECOND}")
    claimants = ("evil01, db01", "db01, evil01")[not first]
    assert edge.evidence.fact == f"shop was connected to {SECOND}:3306, an address of {claimants}"
    clients = {row.workload: row.clients for row in assessment.port_plan if row.port == 3306}
    assert clients["db01/mariadbd"] == ("10.55.0.9", "web01")
    assert clients[f"{EVIL}/trap"] == ()
    assert {each.host for each in assessment.findings if each.rule == "NET034"} == {"db01", EVIL}


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("word", ["tickets", "10.99.0.17"])
def test_no_host_makes_the_service_of_another_a_candidate_for_the_end(word: str, first: bool) -> None:
    """Only configuration says that the service is used, by a name or an address that the hostile host reports too."""
    user = server("app02", "10.77.0.18", "/opt/desk/deskd", 8085)
    user.config("/opt/desk/desk.ini", f"tickets = http://{word}:8086/")
    used = server("srv17", "10.77.0.17", "/opt/tickets/ticketsd", 8086, "10.99.0.17").build()
    system = value_or_none(used.system)
    assert system is not None
    used = replace(used, observations={**used.observations, "system": Found(replace(system, hostname="tickets"))})
    pair = (user.build(), used)
    evil = hostile(hostname="tickets", addresses=("10.99.0.17",))

    alone, attacked = (retire_candidates(assess(*each)) for each in (pair, (evil, *pair) if first else (*pair, evil)))

    assert "srv17/ticketsd" not in {each.workload for each in alone}
    assert "srv17/ticketsd" not in {each.workload for each in attacked}


WORDS = (
    "db01", "web01", "books", "orders", "store02", "srv14", "old01", "utf-8", "charset", "ledger", "localhost",
    "books.corp.example", "store02.corp.example", "orders.lab.example", "10.77.0.12", "shop.ini", "evil01",
)  # fmt: skip
ADDRESSES = (
    "10.77.0.11", "10.77.0.12", "10.77.0.13", "10.77.0.14", "10.77.0.16", "10.55.0.9", "172.17.0.1", "127.0.0.1",
    "::ffff:10.77.0.12", "0.0.0.0", "10.77.0.66",
)  # fmt: skip
PORTS = (22, 3306, 6379, 8080, 8090, 9000, 9001, 9002)

entries = st.builds(
    lambda address, names: HostsEntry(address, tuple(names), origin("network")),
    st.sampled_from(ADDRESSES),
    st.lists(st.sampled_from(WORDS), max_size=4),
)
connections = st.tuples(st.sampled_from(ADDRESSES), st.sampled_from(PORTS), st.sampled_from((*PORTS, 40000)))
lines = st.builds("{} = http://{}:{}/".format, *map(st.sampled_from, (WORDS, (*WORDS, *ADDRESSES), PORTS)))


@given(
    hostname=st.sampled_from(WORDS),
    addresses=st.lists(st.sampled_from(ADDRESSES), max_size=4, unique=True),
    hosts=st.lists(entries, max_size=4),
    search=st.lists(st.sampled_from(("corp.example", "lab.example", "example", "")), max_size=2),
    connected=st.lists(connections, max_size=8),
    configured=st.lists(lines, max_size=8),
    first=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_whatever_a_host_reports_the_others_stay_as_they_are(
    hostname: str,
    addresses: list[str],
    hosts: list[HostsEntry],
    search: list[str],
    connected: list[tuple[str, int, int]],
    configured: list[str],
    first: bool,
) -> None:
    """It may say that it uses others. That is believed, since who wrongly takes a service for used only keeps it: such
    a service is not called unused, and moves no earlier than what is said to use it.
    """

    def claims(host: HostBuilder) -> None:
        for remote, port, local_port in connected:
            host.connect(host.processes[1], remote, port, local_port=local_port)
        host.config("/opt/trap/trap.ini", *configured)

    resolver = Resolver((), tuple(search), ())
    evil = hostile(claims, hostname=hostname, addresses=tuple(addresses), hosts=tuple(hosts), resolver=resolver)
    found = beside(evil, first=first)

    assert {each for each in ALONE - found if "is used by nobody" not in each and " moves " not in each} == set()
    assert {each for each in found - ALONE if " moves " not in each} == set()
    assert {each for each in ALONE - found if " moves before " in each} == set()
    assert edges_to_it(evil) == []


def test_a_host_with_many_copies_is_no_model_for_the_services_of_others() -> None:
    """The image of an application is built from a member with the commonest configuration."""

    def copies(name: str, address: str, line: str, units: tuple[str, ...]) -> Snapshot:
        host = HostBuilder(name, address)
        host.init()
        for number, unit in enumerate(units, 1):
            host.unit(unit, 100 * number)
            server = host.process(100 * number, "/usr/sbin/apache2", unit=f"{unit}.service")
            host.listen(server, 80, address=f"{address[:-1]}{number}")
        host.config(
            "/etc/apache2/sites.conf", "ServerName shop", "DocumentRoot /srv", "Timeout 30", "KeepAlive On", line
        )
        return host.build()

    evil = copies(EVIL, "10.77.0.61", "LoadModule trap", ("apache2", "apache2b", "apache2c"))
    others = [copies(f"web0{each}", f"10.77.{each}.11", "LoadModule ssl", ("apache2",)) for each in (1, 2)]
    for snapshots in ((evil, *others), (*others, evil)):
        plan = assess(*snapshots).plan
        assert plan is not None
        (application,) = plan.applications
        assert (application.instances, application.model) == (5, "web01/apache2")
