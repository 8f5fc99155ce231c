"""Names with and without a domain mean the host that the machine itself would reach by them."""

from __future__ import annotations

from typing import Any

import pytest

from assess.subjects.estate_facts import EstateFacts
from assess.subjects.host_facts import HostFacts
from assess.subjects.resolved_names import ResolvedNames
from assess.workloads.discovery import find_workloads
from inventory.model.network import HostsEntry, Resolver
from inventory.observation import Found
from tests.support.networks import network
from tests.support.snapshots import HostBuilder, origin


def names(*others: str, **changes: Any) -> ResolvedNames:
    """What web01 calls the hosts ``others``, the first of which has the address 10.77.0.12."""
    web = HostBuilder("web01", "10.77.0.11")
    web.overrides["network"] = Found(network(**changes))
    hosts = [HostBuilder(name, f"10.77.0.{number}") for number, name in enumerate(others, 12)]
    snapshots = [each.build() for each in (web, *hosts)]
    facts = tuple(HostFacts(each, find_workloads(each)) for each in snapshots)
    return ResolvedNames(EstateFacts(facts, (), 0.0).known, snapshots[0])


def entry(address: str, *names: str) -> HostsEntry:
    return HostsEntry(address, names, origin("network"))


@pytest.mark.parametrize(
    ("inventory", "word", "changes"),
    [
        ("db01", "db01", {}),
        ("db01", "db01.corp.example", {"hosts": (entry("10.77.0.12", "DB01.corp.example", "db01"),)}),
        ("db01", "ledger", {"hosts": (entry("10.77.0.12", "ledger"),)}),
        ("db01", "db01.corp.example", {"resolver": Resolver((), ("Corp.example.",), ())}),
        ("db01.corp.example", "db01", {"resolver": Resolver((), ("lab.example", "corp.example"), ())}),
    ],
)
def test_a_name_that_resolves_to_a_host_means_it(inventory: str, word: str, changes: dict[str, Any]) -> None:
    found = names(inventory, **changes)

    assert (owner := found.owner(word)) is not None and owner.name == inventory
    assert found.may_be_in({"and", word})


@pytest.mark.parametrize(
    ("inventory", "word", "changes"),
    [
        ("db01", "db01.corp.example", {}),
        ("db01", "db01.corp.example", {"resolver": Resolver((), ("lab.example",), ())}),
        ("db01.corp.example", "db01", {"resolver": Resolver((), ("lab.example",), ())}),
        ("db01", "ledger", {"hosts": (entry("127.0.1.1", "ledger"), entry("192.0.2.7", "ledger"))}),
        ("db01", "example", {"resolver": Resolver((), ("corp.example", "."), ())}),
    ],
)
def test_a_name_that_resolves_to_no_host_means_none(inventory: str, word: str, changes: dict[str, Any]) -> None:
    found = names(inventory, **changes)

    assert found.owner(word) is None
    assert not found.may_be_in({"and", word})


def test_the_inventory_wins_over_what_a_host_believes() -> None:
    found = names("db01", "db02", hosts=(entry("10.77.0.13", "db01"),))

    assert (owner := found.owner("db01")) is not None and owner.name == "db01"
