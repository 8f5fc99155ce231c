"""What was read and judged is there again for the next version to be compared with."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
import zstandard

from inventory.errors import WorkspaceError
from inventory.history.fingerprint import SectionFingerprint, fingerprint_of
from inventory.host import Host
from inventory.store import database_tables
from inventory.store.database import Store
from inventory.store.earlier_results import EarlierResults
from tests.support.estate_recordings import recorded_host

ODD = {
    "users": SectionFingerprint("found", "", {"user \\xff \U0001f600": "00ff"}),
    "cron": SectionFingerprint("unknown", "no\0", {}),
}


def test_a_reading_comes_back(database_url: str) -> None:
    with Store(database_url) as store:
        scan = store.begin("/hosts.ini", [Host("web01", ""), Host("db01", "")])
        history = EarlierResults(store)
        history.keep_readings(scan, [("web01", fingerprint_of(recorded_host("web01")))], "0.1")
        history.keep_readings(scan, [("web01", ODD)], "0.2")
        assert history.reading(scan, "web01") == (ODD, "0.2"), "the later one stands in place of the earlier"
        assert history.reading(scan, "db01") is None


def test_a_judgement_comes_back(database_url: str) -> None:
    with Store(database_url) as store:
        scan = store.begin("/hosts.ini", [])
        history = EarlierResults(store)
        assert history.judgement(scan) is None
        history.keep_judgement(scan, {"targets": []}, [], "0.1")
        of_hosts = [("web01", {"workloads": {"web01/a": 1}}), ("db\\xff", {})]
        history.keep_judgement(scan, {"targets": ["here"]}, iter(of_hosts), "0.2")
        kept = history.judgement(scan)
        assert kept is not None
        assert (kept.program, kept.about, list(kept.of_hosts())) == ("0.2", {"targets": ["here"]}, of_hosts)


def test_a_judgement_of_an_early_version_is_in_one_piece(database_url: str) -> None:
    with Store(database_url) as store:
        scan = store.begin("/hosts.ini", [])
        document: dict[str, dict[str, object]] = {"workloads": {"web01/a": {}}, "findings": {}}
        with store.writing() as connection:
            blob = zstandard.ZstdCompressor().compress(json.dumps(document).encode())
            row = {"scan_id": scan.id, "document": blob, "program": "0.1"}
            connection.execute(sa.insert(database_tables.judgements).values(row))
        kept = EarlierResults(store).judgement(scan)
        assert kept is not None
        assert (kept.about, list(kept.of_hosts())) == (document, [])


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"rubbish",
        zstandard.ZstdCompressor().compress(b"no JSON\n"),
        zstandard.ZstdCompressor().compress(b"[]\n"),
        zstandard.ZstdCompressor().compress(b'{"targets": []}\n')[:-4],
    ],
    ids=["empty", "rubbish", "no JSON", "a list", "cut off"],
)
def test_a_damaged_judgement_is_one_sentence(database_url: str, damaged: bytes) -> None:
    with Store(database_url) as store:
        scan = store.begin("/hosts.ini", [])
        with store.writing() as connection:
            row = {"scan_id": scan.id, "document": damaged, "program": "0.1"}
            connection.execute(sa.insert(database_tables.judgements).values(row))
        with pytest.raises(WorkspaceError, match="are damaged"):
            EarlierResults(store).judgement(scan)


def test_many_hosts_are_kept_in_a_few_transactions(database_url: str) -> None:
    with Store(database_url) as store:
        names = [f"web{number:03}" for number in range(120)]
        scan = store.begin("/hosts.ini", [Host(name, "") for name in names])
        EarlierResults(store).keep_readings(scan, ((name, ODD) for name in names), "0.1")
        assert all(EarlierResults(store).reading(scan, name) == (ODD, "0.1") for name in names)


def test_a_damaged_reading_is_one_sentence(database_url: str) -> None:
    with Store(database_url) as store:
        scan = store.begin("/hosts.ini", [Host("web01", "")])
        EarlierResults(store).keep_readings(scan, [("web01", ODD)], "0.1")
        with store.writing() as connection:
            connection.execute(sa.update(database_tables.readings).values(facts=b"\0"))
        with pytest.raises(WorkspaceError, match="are damaged"):
            EarlierResults(store).reading(scan, "web01")
