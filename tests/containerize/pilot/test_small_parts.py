"""Addresses, order, accounts, counts, results on disk."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.export.json_stream import document_text
from containerize.pilot.account_names import account_names
from containerize.pilot.checks.stored_data import differing_counts
from containerize.pilot.pilot_addresses import (
    Attribution,
    free_subnet,
    legacy_addresses,
    local_routes,
    names_of,
    pilot_network,
)
from containerize.pilot.reference_service import dialled_address, parse_addresses
from containerize.pilot.result import CheckResult, CheckVerdict, PilotResult, verdict_of
from containerize.pilot.result_json import load_pilot, pilot_document, save_pilot
from containerize.pilot.seeds.seeding import Measured
from containerize.pilot.start_order import start_order
from containerize.runtimes.hosts_file import hosts_file
from containerize.runtimes.runtime import ContainerSpec

from .plans import make_plan

ROUTES = """Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
brownfield0\t00004D0A\t00000000\t0001\t0\t0\t0\t00FEFFFF\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
"""


def test_local_routes_are_read_and_the_default_route_is_none() -> None:
    assert [str(network) for network in local_routes(ROUTES)] == ["10.77.0.0/23", "192.0.2.0/24"]


@given(st.integers(0, (1 << 15) - 1))
def test_a_free_subnet_overlaps_nothing_that_is_taken(start: int) -> None:
    taken = [ipaddress.IPv4Network("10.128.0.0/18"), ipaddress.IPv4Network("10.200.7.0/24")]
    subnet = free_subnet(taken, start)
    assert subnet.prefixlen == 24
    assert not any(subnet.overlaps(other) for other in taken)


def test_each_host_is_a_node_with_its_own_addresses() -> None:
    claimed = {"web01": ["10.77.0.11", "127.0.77.11", "fe80::1"], "db01": ["10.77.0.12"]}
    network = pilot_network(legacy_addresses(claimed, {})[0])
    web, database = network.nodes
    assert web.legacy_addresses == ("10.77.0.11",)
    assert database.legacy_addresses == ("10.77.0.12",)
    assert {web.address, database.address}.isdisjoint({"10.77.0.11", "10.77.0.12"})


@pytest.mark.parametrize("proven", [{"db01": ["10.77.0.12"]}, {"db01": ["db01.example", "10.77.0.12"]}])
def test_the_copy_of_an_impostor_does_not_get_the_address_of_another_host(proven: dict[str, list[str]]) -> None:
    claimed = {"evil01": ["10.77.0.66", "10.77.0.12"], "db01": ["10.77.0.12", "10.99.0.12"]}
    given, refused = legacy_addresses(claimed, proven)
    assert given == {"evil01": ("10.77.0.66",), "db01": ("10.77.0.12", "10.99.0.12")}
    assert [sentence.split(",")[0] for sentence in refused] == ["evil01 reports the address 10.77.0.12"]


def test_an_address_that_two_hosts_claim_and_neither_proves_goes_to_none() -> None:
    given, refused = legacy_addresses({"evil01": ["10.77.0.12"], "db01": ["10.77.0.12"]}, {})
    assert given == {"evil01": (), "db01": ()}
    assert len(refused) == 2


@pytest.mark.parametrize("owner", ["db01", ""])
def test_the_copy_of_an_impostor_does_not_get_the_address_of_a_host_outside_the_pilot(owner: str) -> None:
    attribution = Attribution({"10.77.0.12": owner, "10.77.0.66": "evil01"})
    given, _ = legacy_addresses({"evil01": ["10.77.0.66", "10.77.0.12"]}, {}, attribution)
    assert given == {"evil01": ("10.77.0.66",)}


def test_a_host_that_calls_itself_by_the_name_of_another_does_not_get_its_clients() -> None:
    web = make_plan("web01/apache2")
    evil = make_plan("evil01/mariadb", hostname="db01.evil.example")
    database = make_plan("db01/mariadb", hostname="db01")
    network = pilot_network({"web01": ["10.77.0.11"], "evil01": ["10.77.0.66"], "db01": ["10.77.0.12"]})
    names = dict(names_of(web, network, [web, evil, database]))
    assert names["db01"] == "10.77.0.12"
    outside = Attribution(names={"db01": "db01"})
    assert "db01" not in dict(names_of(web, network, [web, evil], outside))
    assert dict(names_of(evil, network, [web, evil], outside))["db01"] == "10.77.0.66", "it is what it calls itself"


def test_names_lead_to_the_copies_and_others_nowhere_new() -> None:
    web = replace(
        make_plan("web01/apache2", hostname="web01.estate.example"),
        host_aliases=(("db01", "10.77.0.12"), ("archive", "10.77.0.99")),
        peers=(("database.internal", 3306, "db01/mariadb"), ("10.77.0.12", 3306, "db01/mariadb")),
    )
    database = make_plan("db01/mariadb", hostname="db01")
    network = pilot_network({"web01": ["10.77.0.11"], "db01": ["10.77.0.12"]})
    names = dict(names_of(web, network, [web, database]))
    assert names == {
        "web01.estate.example": "10.77.0.11",
        "web01": "10.77.0.11",
        "db01": "10.77.0.12",
        "archive": "10.77.0.99",
        "database.internal": "10.77.0.12",
    }


def test_the_own_names_of_a_host_are_one_line_with_the_canonical_name_first() -> None:
    names = ("web01.estate.example", "web01", "www")
    web = replace(make_plan("web01/apache2", hostname="web01"), own_names=names)
    network = pilot_network({"web01": ["10.77.0.11"]})
    spec = ContainerSpec("x", "x", ("/x",), hosts=names_of(web, network, [web]))

    assert hosts_file(spec).decode().split("\n")[2] == "10.77.0.11\tweb01.estate.example web01 www"


def test_names_lead_to_the_pilots_own_address_where_the_legacy_one_could_not_be_given() -> None:
    web = replace(make_plan("web01/apache2"), host_aliases=(("db01", "10.77.0.12"),))
    database = make_plan("db01/mariadb", hostname="db01")
    network = pilot_network({"web01": [], "db01": []})
    assert dict(names_of(web, network, [web, database]))["db01"] == network.nodes[1].address


def test_whoever_is_asked_starts_first_and_a_circle_ends() -> None:
    web = replace(make_plan("web01/apache2"), peers=(("db01", 3306, "db01/mariadb"), ("10.0.0.9", 25, "")))
    database = replace(make_plan("db01/mariadb"), peers=(("web01", 80, "web01/apache2"),))
    lonely = make_plan("app01/app")
    ordered = [plan.workload for plan in start_order([web, lonely, database])]
    assert ordered == ["db01/mariadb", "web01/apache2", "app01/app"]


def test_account_names_are_the_first_for_a_uid() -> None:
    assert account_names(b"root:x:0:0::/:/bin/sh\ntoor:x:0:0::/:\nbroken\nwww-data:x:33:33::/:\n") == {
        0: "root",
        33: "www-data",
    }


def test_addresses_of_a_host_without_loopback_and_broadcast() -> None:
    shown = (
        "2: eth0  inet 10.77.0.11/23 brd 10.77.1.255 scope global eth0\n3: eth1  inet 172.16.4.2/25 brd 172.16.4.1\n"
    )
    assert parse_addresses(shown) == ("10.77.0.11", "172.16.4.2")
    assert parse_addresses("10.77.0.11 127.0.0.1 fd00::2 \n") == ("10.77.0.11",)
    assert parse_addresses("sh: ip: not found\n") == ()


def test_what_listens_everywhere_is_dialled_at_the_loopback() -> None:
    assert [dialled_address(each) for each in ("0.0.0.0", "::", "10.77.0.12", "127.0.0.1", "::1")] == [
        "127.0.0.1",
        "127.0.0.1",
        "10.77.0.12",
        "127.0.0.1",
        "::1",
    ]


def measured(rows: dict[str, int], **settings: str) -> Measured:
    return Measured(rows, settings)


def test_a_copy_made_while_rows_came_in_may_have_any_number_between() -> None:
    before, after = (
        measured({"table shop.orders": 10, "accounts": 4}),
        measured({"table shop.orders": 12, "accounts": 4}),
    )
    assert differing_counts(before, after, measured({"table shop.orders": 11, "accounts": 4})) == []
    assert differing_counts(before, after, measured({"table shop.orders": 9, "accounts": 4})) == [
        ("table shop.orders", "10 to 12", "9")
    ]


def test_a_table_or_an_account_that_is_missing_is_a_difference() -> None:
    live = measured({"table shop.orders": 0, "table shop.view": -1, "accounts": 4})
    assert differing_counts(live, live, measured({"table shop.orders": 0, "accounts": 3})) == [
        ("accounts", "4", "3"),
        ("table shop.view", "-1", "none"),
    ]


def test_another_setting_is_a_difference() -> None:
    live = measured({}, time_zone="SYSTEM", version="10.11.18")
    assert differing_counts(live, live, measured({}, time_zone="+00:00", version="10.11.18")) == [
        ("time_zone", "SYSTEM", "+00:00")
    ]


RESULT = PilotResult(
    "web01/apache2",
    "docker",
    CheckVerdict.FAIL,
    "localhost/brownfield/web01/apache2:lift",
    "sha256:00",
    1700000000.0,
    12.5,
    (CheckResult("starts", CheckVerdict.PASS, "runs", "up"), CheckResult("http", CheckVerdict.FAIL, "a", "b", "c\nd")),
)


def test_a_result_is_kept_for_the_report(tmp_path: Path) -> None:
    assert load_pilot(tmp_path) is None
    save_pilot(tmp_path, RESULT)
    assert load_pilot(tmp_path) == RESULT
    (tmp_path / "pilot.json").write_text('{"schema_version": "0.9", "pilots": []}')
    assert load_pilot(tmp_path) is None


def test_the_document_has_what_its_readers_were_promised() -> None:
    (pilot,) = json.loads(document_text(pilot_document([RESULT])))["pilots"]
    assert {"workload", "runtime", "verdict", "checks"} <= pilot.keys()
    assert pilot["verdict"] == "fail"
    assert {"name", "verdict", "expected", "actual"} <= pilot["checks"][0].keys()


def test_a_failure_wins_over_doubt_and_doubt_over_passes() -> None:
    def check(verdict: CheckVerdict) -> CheckResult:
        return CheckResult("x", verdict, "", "")

    assert verdict_of(()) is CheckVerdict.INCONCLUSIVE
    assert verdict_of((check(CheckVerdict.PASS),)) is CheckVerdict.PASS
    assert verdict_of((check(CheckVerdict.PASS), check(CheckVerdict.INCONCLUSIVE))) is CheckVerdict.INCONCLUSIVE
    assert verdict_of((check(CheckVerdict.INCONCLUSIVE), check(CheckVerdict.FAIL))) is CheckVerdict.FAIL
