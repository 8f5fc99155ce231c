"""A build that was finished is not made again by the same command, unless its plan, image or files changed."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from containerize.build.builder import BuildFolders, BuildResult, finish
from containerize.commands.build_journal import JOURNAL, SECONDS, BuildJournal, command_key, still_there
from containerize.commands.build_run import BuildOutcome
from containerize.commands.build_table import print_outcome, time_left
from containerize.content_store import ContentStore
from containerize.emitters.emission import WrittenFile
from tests.containerize.plans import make_plan, planned


@pytest.fixture
def result(tmp_path: Path) -> BuildResult:
    places = BuildFolders(tmp_path / "content", tmp_path / "builds" / "web01" / "apache2")
    plan = make_plan([planned(ContentStore(places.content), "/usr/sbin/apache2", b"x" * 100)])
    built = finish(plan, places)
    (places.build / "README.md").write_text("read me")
    return BuildResult(built, plan, 100, (WrittenFile("readme", "README.md"),))


def _folder(tmp_path: Path) -> Path:
    return tmp_path / "builds" / "web01" / "apache2"


def test_the_same_command_finds_what_was_finished(tmp_path: Path, result: BuildResult) -> None:
    journal = BuildJournal(tmp_path, command_key(["1"]))
    assert journal.begin(new=False) == {}
    journal.add(_folder(tmp_path), result, 2.5)
    row = BuildJournal(tmp_path, command_key(["1"])).begin(new=False)["web01/apache2"]
    again = still_there(_folder(tmp_path), row)
    assert again is not None
    assert (again.built, again.plan, again.fetched, again.written) == (
        result.built, result.plan, result.fetched, result.written
    )  # fmt: skip


def test_another_command_an_old_record_and_a_new_start_find_nothing(tmp_path: Path, result: BuildResult) -> None:
    def recorded() -> None:
        journal = BuildJournal(tmp_path, "a")
        journal.begin(new=True)
        journal.add(_folder(tmp_path), result, 2.5)

    recorded()
    assert BuildJournal(tmp_path, "b").begin(new=False) == {}
    recorded()
    assert BuildJournal(tmp_path, "a").begin(new=True) == {}
    recorded()
    old = time.time() - SECONDS - 60
    os.utime(tmp_path / JOURNAL, (old, old))
    assert BuildJournal(tmp_path, "a").begin(new=False) == {}
    recorded()
    BuildJournal(tmp_path, "a").remove()
    assert BuildJournal(tmp_path, "a").begin(new=False) == {}


def test_half_a_line_of_a_killed_run_is_not_a_build(tmp_path: Path, result: BuildResult) -> None:
    journal = BuildJournal(tmp_path, "a")
    journal.begin(new=False)
    with (tmp_path / JOURNAL).open("ab") as file:
        file.write(b'{"workload":"db01/mari')
    journal.add(_folder(tmp_path), result, 1.0)
    assert list(journal.begin(new=False)) == ["web01/apache2"]


@pytest.mark.parametrize("changed", ["plan.json", "README.md", "image/index.json", "build.json"])
def test_what_is_not_as_it_was_is_built_again(tmp_path: Path, result: BuildResult, changed: str) -> None:
    journal = BuildJournal(tmp_path, "a")
    journal.begin(new=False)
    journal.add(_folder(tmp_path), result, 1.0)
    path = _folder(tmp_path) / changed
    if changed == "plan.json":
        path.write_text(path.read_text() + " ")
    elif changed == "image/index.json":
        manifest = path.parent / "blobs" / "sha256" / result.built.digest.removeprefix("sha256:")
        manifest.unlink()
    else:
        path.unlink()
    assert still_there(_folder(tmp_path), journal.begin(new=False)["web01/apache2"]) is None


def test_results_are_in_the_order_of_the_request(result: BuildResult, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = BuildOutcome(failed={"a/b": "no\x1b route"}, built={"web01/apache2": result}, seconds={"a/b": 1.26})
    outcome.before.add("web01/apache2")
    outcome.sort(["a/b", "web01/apache2"])
    rows = [(each.workload, each.result, each.seconds, each.reason) for each in outcome.results()]
    assert rows == [("a/b", "failed", 1.3, "no\x1b route"), ("web01/apache2", "built before", None, "")]
    print_outcome(outcome)
    out, err = capsys.readouterr()
    table = [" ".join(line.split()) for line in out.splitlines()][-3:]
    assert table[0] == "WORKLOAD RESULT SIZE SECONDS REASON"
    assert table[1] == "a/b failed 1 no? route"
    assert table[2].startswith("web01/apache2 built before ")
    assert "1 of 2 were built by an earlier run of this command; --new builds them again" in err


def test_the_time_left_follows_from_what_is_done() -> None:
    assert time_left(5, 20, 10) == ", about 30 s left"
    assert time_left(2, 20, 60) == ", about 9 min left"
