"""The known estate of 13 hosts and 62 services, against what was written down of it before it was scanned."""

from __future__ import annotations

from collections import Counter

import pytest

from assess.planning.unused_services import retire_candidates
from tests.assess.known_estate.expectation import Comparison, expected, hosts, recorded
from tests.support.judging import assess


@pytest.fixture(scope="module")
def known_estate() -> Comparison:
    return Comparison(assess(*(recorded(host) for host in hosts())))


def test_the_estate_is_as_large_as_it_should_be() -> None:
    assert len(hosts()) >= 12
    assert len(expected().services) >= 60


def test_every_service_is_found_with_its_ports_and_nothing_else(known_estate: Comparison) -> None:
    assert known_estate.missing_services() == set()
    assert known_estate.surplus_services() == set()
    assert list(known_estate.wrong_ports()) == []


def test_no_dependency_is_wrong_or_missing(known_estate: Comparison) -> None:
    found, right = known_estate.dependencies(), known_estate.expected_dependencies()

    assert found - right == set()
    assert right - found == set()


def test_listeners_without_a_visible_owner_are_shown_as_such(known_estate: Comparison) -> None:
    assert known_estate.unidentified() == set(expected().unidentified)
    for listener, clients in expected().unidentified.items():
        assert {client for client, server in known_estate.dependencies() if server == listener} == clients


def test_no_conflict_is_missed_or_invented(known_estate: Comparison) -> None:
    assert list(known_estate.missed_conflicts()) == []
    assert sorted(set(known_estate.invented_conflicts())) == []


def test_verdicts_are_right_but_for_exceptions_that_are_explained(known_estate: Comparison) -> None:
    assert known_estate.verdicts().items() <= expected().exceptions.items()


def test_at_most_two_findings_of_a_service_rest_on_text_that_it_does_not_use(known_estate: Comparison) -> None:
    counts = Counter(service for service, _, _ in known_estate.unused_text())

    assert {service: count for service, count in counts.items() if count > 2} == {}


def test_the_services_that_nobody_uses_are_found_and_no_others(known_estate: Comparison) -> None:
    found = {known_estate.known(each.workload) for each in retire_candidates(known_estate.assessment)}

    assert found == {service.id for service in expected().services.values() if service.retire}
