"""What was read and judged is there again for the next version to be compared with."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from inventory.errors import WorkspaceError
from inventory.host import Host
from inventory.reading import SectionReading, reading_of
from inventory.store import tables
from inventory.store.database import Store
from inventory.store.history import History
from tests.support.estate_recordings import recorded_host

ODD = {
    "users": SectionReading("found", "", {"user \\xff \U0001f600": "00ff"}),
    "cron": SectionReading("unknown", "no\0", {}),
}


def test_a_reading_comes_back(database_url: str) -> None:
    with Store(database_url) as store:
        scan = store.begin("/hosts.ini", [Host("web01", ""), Host("db01", "")])
        history = History(store)
        history.keep_readings(scan, [("web01", reading_of(recorded_host("web01")))], "0.1")
        history.keep_readings(scan, [("web01", ODD)], "0.2")
        assert history.reading(scan, "web01") == (ODD, "0.2"), "the later one stands in place of the earlier"
        assert history.reading(scan, "db01") is None


def test_a_judgement_comes_back(database_url: str) -> None:
    with Store(database_url) as store:
        scan = store.begin("/hosts.ini", [])
        history = History(store)
        assert history.judgement(scan) is None
        history.keep_judgement(scan, {"workloads": {}}, "0.1")
        history.keep_judgement(scan, {"workloads": {"web01/a": 1}}, "0.2")
        assert history.judgement(scan) == ({"workloads": {"web01/a": 1}}, "0.2")


def test_many_hosts_are_kept_in_a_few_transactions(database_url: str) -> None:
    with Store(database_url) as store:
        names = [f"web{number:03}" for number in range(120)]
        scan = store.begin("/hosts.ini", [Host(name, "") for name in names])
        History(store).keep_readings(scan, ((name, ODD) for name in names), "0.1")
        assert all(History(store).reading(scan, name) == (ODD, "0.1") for name in names)


def test_a_damaged_reading_is_one_sentence(database_url: str) -> None:
    with Store(database_url) as store:
        scan = store.begin("/hosts.ini", [Host("web01", "")])
        History(store).keep_readings(scan, [("web01", ODD)], "0.1")
        with store.writing() as connection:
            connection.execute(sa.update(tables.readings).values(facts=b"\0"))
        with pytest.raises(WorkspaceError, match="is damaged"):
            History(store).reading(scan, "web01")
