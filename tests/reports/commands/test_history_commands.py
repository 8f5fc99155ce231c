"""hosts, show, scans, diff and reparse, on recorded hosts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from assess.cli import assess
from assess.export.facts_schema import facts_schema
from assess.export.json_schema import schema_of
from inventory.fact_types import fact_type
from inventory.observation import value_or_none
from inventory.platforms import Platform
from inventory.recording import Part, Recording, SectionRecording
from inventory.sections import SECTIONS
from inventory.store import database_tables
from inventory.store.cache.snapshot_cache import SnapshotCache
from inventory.store.scan_records import HostResult, Outcome
from inventory.store.workspace import Workspace
from reports.forms.diff_schema import ScanDifference, VersionDifference
from tests.support.estate_recordings import recorded_result
from tests.support.workspaces import workspace_of


def without(result: HostResult, *sections: str) -> HostResult:
    """The host as one that did not answer these sections."""
    assert result.recording is not None
    kept = tuple(each for each in result.recording.sections if each.section not in sections)
    missing = dict.fromkeys(sections, "permission denied")
    return replace(result, recording=replace(result.recording, sections=kept, missing=missing))


def edited(result: HostResult, section: str, old: bytes, new: bytes) -> HostResult:
    """The host with other words in one section."""
    assert result.recording is not None

    def change(part: Part) -> Part:
        return replace(part, content=part.content.replace(old, new))

    sections = tuple(
        replace(each, parts=tuple(map(change, each.parts))) if each.section == section else each
        for each in result.recording.sections
    )
    assert sections != result.recording.sections
    return replace(result, recording=replace(result.recording, sections=sections))


GONE = HostResult("gone", "192.0.2.9", (), Platform.OTHER, Outcome.UNREACHABLE, "nobody answers\x1b[31m")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scans: of web01 and gone; and of web01, changed, and db01, of which the users could not be read."""
    web01, db01 = recorded_result("web01"), recorded_result("db01")
    later = edited(edited(web01, "users", b"www-data", b"www-dat\xff"), "users", b"games", b"g\x1b[31m")
    place = workspace_of(tmp_path_factory.mktemp("ws") / "a", [web01, GONE], [later, without(db01, "users")])
    return place.path


def run(workspace: Path, *arguments: str) -> Result:
    result = CliRunner().invoke(assess, [*arguments, "--workspace", str(workspace)], catch_exceptions=False)
    assert "\x1b" not in result.output
    return result


def document(workspace: Path, *arguments: str) -> dict[str, Any]:
    result = run(workspace, *arguments, "--json")
    assert result.exit_code == 0, result.output
    parsed: dict[str, Any] = json.loads(result.output)
    return parsed


class TestHosts:
    def test_each_is_listed_with_what_could_not_be_read(self, workspace: Path) -> None:
        rows = {row["name"]: row for row in document(workspace, "hosts")["hosts"]}
        assert list(rows) == ["web01", "db01"]
        assert "users" in rows["db01"]["unknown"]
        assert "users" not in rows["web01"]["unknown"]
        assert rows["db01"]["status"] == "partial"
        assert rows["web01"]["facts"] > 1000
        assert "users" in run(workspace, "hosts").output

    def test_of_an_earlier_scan(self, workspace: Path) -> None:
        rows = {row["name"]: row for row in document(workspace, "hosts", "--scan", "1")["hosts"]}
        assert rows["gone"]["reason"] == "nobody answers\x1b[31m"
        assert "nobody answers\\x1b[31m" in run(workspace, "hosts", "--scan", "1").output


class TestShow:
    def test_every_section_has_a_line(self, workspace: Path) -> None:
        output = run(workspace, "show", "db01").output
        assert all(section.name in output for section in SECTIONS if section.variant(Platform.POSIX))
        assert "permission denied" in output

    @pytest.mark.parametrize("section", [section.name for section in SECTIONS])
    def test_every_section_can_be_shown(self, workspace: Path, section: str) -> None:
        assert run(workspace, "show", "web01", section).output

    def test_facts_in_the_documented_form(self, workspace: Path) -> None:
        shown = document(workspace, "show", "web01")
        Draft202012Validator(facts_schema()).validate(shown)
        users = shown["sections"]["users"]["facts"]["users"]
        assert "www-dat\\xff" in [user["name"] for user in users]
        assert users[0]["origin"].startswith("users/")
        only = document(workspace, "show", "web01", "users")
        assert list(only["sections"]) == ["users"]
        assert only["sections"]["users"] == shown["sections"]["users"]

    def test_what_could_not_be_read_says_why(self, workspace: Path) -> None:
        users = document(workspace, "show", "db01", "users")["sections"]["users"]
        assert (users["status"], users["reason"], users["facts"]) == ("unknown", "permission denied", None)
        assert "users: not observed: permission denied" in run(workspace, "show", "db01", "users").output

    def test_every_section_has_a_type_of_its_own_in_the_schema(self) -> None:
        untyped = [section.name for section in SECTIONS if fact_type(section.name) is Any]
        assert untyped == []

    def test_what_there_is_not(self, workspace: Path) -> None:
        assert run(workspace, "show", "web01", "nonsense").exit_code == 2
        unknown = run(workspace, "show", "nope")
        assert unknown.exit_code == 2
        assert "there is no host 'nope' in this scan" in unknown.output
        for arguments, words in ((("hosts", "--scan", "9"), "there is no scan 9"),):
            with pytest.raises(Exception, match=words):
                run(workspace, *arguments)


def test_scans_are_listed(workspace: Path) -> None:
    rows = document(workspace, "scans")["scans"]
    assert [(row["id"], row["hosts"], row["answered"]) for row in rows] == [(1, 2, 1), (2, 2, 2)]
    assert "/hosts.ini" in run(workspace, "scans").output


class TestDiff:
    def test_hosts_facts_and_verdicts(self, workspace: Path) -> None:
        difference = document(workspace, "diff")
        Draft202012Validator(schema_of(ScanDifference)).validate(difference)
        assert (difference["old"]["id"], difference["new"]["id"]) == (1, 2)
        assert (difference["hosts_added"], difference["hosts_removed"]) == (["db01"], ["gone"])
        (web01,) = difference["hosts"]
        changed = [(each["change"], each["kind"], each["key"]) for each in web01["facts"] if each["kind"] == "user"]
        assert ("added", "user", "www-dat\\xff") in changed
        assert ("removed", "user", "www-data") in changed
        assert {each["section"] for each in web01["facts"]} == {"users"}
        added = {each["workload"] for each in difference["verdicts"] if each["old"] is None}
        assert any(workload.startswith("db01/") for workload in added)

    def test_backwards_what_was_added_is_removed(self, workspace: Path) -> None:
        there, back = document(workspace, "diff", "1", "2"), document(workspace, "diff", "2", "1")
        assert there["hosts_added"] == back["hosts_removed"]
        added = {each["message"] for each in there["findings"] if each["change"] == "added"}
        assert added == {each["message"] for each in back["findings"] if each["change"] == "removed"}

    def test_a_scan_does_not_differ_from_itself(self, workspace: Path) -> None:
        same = document(workspace, "diff", "1", "1")
        assert [same[name] for name in ("hosts", "hosts_added", "hosts_removed", "verdicts", "findings")] == [[]] * 5

    def test_on_a_terminal(self, workspace: Path) -> None:
        output = run(workspace, "diff").output
        assert "+ host db01" in output
        assert "users: " in output
        assert "Different: " in output

    def test_with_nothing_before(self, workspace: Path, tmp_path: Path) -> None:
        only = workspace_of(tmp_path / "ws", [recorded_result("web01")])
        with pytest.raises(Exception, match="before scan 1 to compare it with"):
            run(only.path, "diff")


class TestReparse:
    def test_the_same_version_reads_the_same(self, workspace: Path) -> None:
        again = document(workspace, "reparse")
        Draft202012Validator(schema_of(VersionDifference)).validate(again)
        assert [(scan["scan"]["id"], scan["hosts"], scan["verdicts"]) for scan in again["scans"]] == [
            (1, [], []),
            (2, [], []),
        ]

    def test_a_later_version_says_what_it_sees_that_the_last_did_not(self, tmp_path: Path) -> None:
        """The earlier version could not read users, knew one package less, and had judged otherwise."""
        place = workspace_of(tmp_path / "ws", [without(recorded_result("web01"), "users")])
        users = recorded_result("web01").recording
        assert users is not None
        self._as_if_it_could_be_read_now(place, users)
        seen = document(place.path, "reparse", "--dry-run")
        ((host,),) = (scan["hosts"] for scan in seen["scans"])
        assert [(each["section"], each["old"], each["new"]) for each in host["sections"]] == [
            ("users", "unknown", "found")
        ]
        output = run(place.path, "reparse").output
        assert "users can be read now" in output
        assert "read and judged the same" in run(place.path, "reparse").output, "what was read then is kept now"

    def _as_if_it_could_be_read_now(self, place: Workspace, recording: Recording) -> None:
        users = recording.section("users")
        assert isinstance(users, SectionRecording)
        with place.store() as store, store.writing() as connection:
            row = {"scan_host_id": 1, "section": "users", "position": 99, "recording": users.compressed()}
            connection.execute(sa.insert(database_tables.sections).values(row))

    def test_a_database_from_before_there_was_a_history(self, tmp_path: Path) -> None:
        place = workspace_of(tmp_path / "ws", [recorded_result("web01")])
        with place.store() as store, store.writing() as connection:
            connection.execute(sa.delete(database_tables.readings))
            connection.execute(sa.delete(database_tables.judgements))
        assert "no facts of an earlier version are stored. They are stored now." in run(place.path, "reparse").output
        assert "read and judged the same" in run(place.path, "reparse").output


class TestKeptFacts:
    """What parsers made of the last scan is kept, and is no more than that."""

    def test_reparse_believes_recordings_only(self, tmp_path: Path) -> None:
        place = workspace_of(tmp_path / "ws", [recorded_result("web01"), recorded_result("db01")])
        self._swap(place)
        assert self._name(place) == "db01", "kept facts are used where nobody looks at the recording again"

        dry = document(place.path, "reparse", "--dry-run")
        assert dry["scans"][0]["hosts"] == []
        assert self._name(place) == "db01", "a dry run changes nothing"

        again = document(place.path, "reparse")
        assert again["scans"][0]["hosts"] == []
        assert self._name(place) == "web01"

    @staticmethod
    def _swap(place: Workspace) -> None:
        """Put the facts of db01 under the key of web01."""
        with place.store() as store, store.writing() as connection:
            kept = connection.execute(
                sa.select(database_tables.parsed_hosts).order_by(database_tables.parsed_hosts.c.scan_host_id)
            ).all()
            web01, db01 = kept
            own = database_tables.parsed_hosts.c.scan_host_id == web01.scan_host_id
            connection.execute(sa.update(database_tables.parsed_hosts).where(own).values(facts=db01.facts))

    @staticmethod
    def _name(place: Workspace) -> str:
        """What web01 calls itself, by the facts that are kept."""
        with place.store() as store:
            scan = store.latest()
            assert scan is not None
            system = value_or_none(SnapshotCache(store, scan, keep=False).host("web01").system)
        assert system is not None
        return system.hostname
