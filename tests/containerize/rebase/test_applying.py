"""When a newer image takes the place of the older one, and the way back. What pilots say is made up here."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from assess.subjects.estate_facts import EstateFacts
from assess.subjects.host_facts import HostFacts
from assess.workloads import find_workloads
from containerize.build.builder import BuildFolders, finish
from containerize.commands.build_run import EstateBuilder
from containerize.commands.rebase_pilots import Image
from containerize.commands.rebase_run import Rebasing, package_names
from containerize.commands.rebase_table import print_rebase
from containerize.estate import Estate
from containerize.pilot.result import CheckResult, CheckVerdict, PilotResult
from containerize.plan.model import BuiltImage
from containerize.plan.plan_json import load_build, load_plan
from containerize.plan.request import Reporting
from containerize.rebase.errors import RebaseError
from inventory.host import Host
from inventory.store.scan_records import Scan
from inventory.store.workspace import Workspace
from inventory.transports import ConnectOptions
from tests.containerize.rebase.roots import Package, make_root, plan_of
from tests.support.estate_recordings import recorded_host

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(os.geteuid() != 0 or shutil.which("dpkg-deb") is None, reason="needs root and dpkg"),
]

PASS, FAIL, OPEN = CheckVerdict.PASS, CheckVerdict.FAIL, CheckVerdict.INCONCLUSIVE


def package(version: str) -> Package:
    return Package("tool", version, {"/usr/bin/tool": version.encode(), "/usr/share/tool/data": b"x" * 1000})


@pytest.fixture
def rebase(tmp_path: Path) -> Rebasing:
    """A workspace with one build, on a recorded host that is never asked."""
    workspace = Workspace.create(tmp_path / "w")
    places = BuildFolders(workspace.content, workspace.build("web01", "apache2"))
    root = make_root(tmp_path / "old", [package("1")], {"opt/app": b"the application"})
    finish(plan_of(root, places.store), places)
    make_root(tmp_path / "new", [package("2")])
    snapshot = recorded_host("web01")
    facts = EstateFacts((HostFacts(snapshot, find_workloads(snapshot)),), (), 0.0)
    estate = Estate(facts, Scan(1, 0.0, 1.0, "/hosts.ini", ("web01",)))
    hosts = {"web01": Host("web01", "192.0.2.1")}
    builder = EstateBuilder(estate, hosts, workspace, ConnectOptions(), lambda _workload: Reporting())
    (workload,) = estate.find("web01/apache2")
    return Rebasing(builder, workload)


class MadeUp:
    """Pilots with these verdicts, on no engine; ``seen`` are the images that were piloted."""

    def __init__(self, before: CheckVerdict, after: CheckVerdict) -> None:
        self._verdicts = (before, after)
        self.seen: list[BuiltImage] = []

    def __call__(self, older: Image, newer: Image) -> tuple[PilotResult, PilotResult]:
        first, second = (self._result(*each) for each in zip((older, newer), self._verdicts, strict=True))
        return first, second

    def _result(self, image: Image, verdict: CheckVerdict) -> PilotResult:
        _, built = image
        assert Path(built.layout, "index.json").exists()
        self.seen.append(built)
        check = CheckResult("http tcp/80", verdict, "200", "500" if verdict is FAIL else "200")
        return PilotResult("web01/apache2", "docker", verdict, "x", built.digest, 1.0, 1.0, (check,))


@pytest.mark.parametrize(
    ("before", "after", "applied"),
    [(PASS, PASS, True), (OPEN, PASS, True), (OPEN, OPEN, True), (PASS, FAIL, False), (PASS, OPEN, False),
     (FAIL, FAIL, False), (FAIL, PASS, False)],
)  # fmt: skip
def test_only_what_does_as_well_takes_the_place(
    before: CheckVerdict,
    after: CheckVerdict,
    applied: bool,
    rebase: Rebasing,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = rebase.places.build
    was = load_build(folder)
    pilots = MadeUp(before, after)
    outcome = rebase.run(str(tmp_path / "new"), pilots)
    assert outcome.applied is applied and outcome.built is not None
    assert [each.digest for each in pilots.seen] == [was.digest, outcome.built.digest]
    assert load_build(folder).digest == (outcome.built.digest if applied else was.digest)
    assert (folder / "rebase.json").exists() is (folder / "before").exists() is applied
    assert (folder / "README.md").exists() is applied
    assert not list(folder.glob(".*"))
    print_rebase(outcome)
    told = capsys.readouterr().out
    assert ("is stored for --back" in told) is applied
    assert ("its own pilot fails" in told) is (before is FAIL)
    assert ("worse: http tcp/80: " in told) is (not applied and before is PASS)


def test_without_a_pilot_it_takes_the_place_and_nothing_is_said_to_be_proved(rebase: Rebasing, tmp_path: Path) -> None:
    folder = rebase.places.build
    (folder / "pilot.json").write_text("{}")
    was = load_build(folder)
    outcome = rebase.run(str(tmp_path / "new"), None)
    assert outcome.applied and outcome.pilots is None and not (folder / "pilot.json").exists()
    assert json.loads((folder / "rebase.json").read_text())["pilot"] == {}
    assert [layer.name for layer in outcome.unchanged] == ["application"]
    now, again = rebase.back()
    assert (now.digest, again.digest) == (load_build(folder / "before" / now.digest[7:19]).digest, was.digest)
    assert load_build(folder) == was and (folder / "pilot.json").exists() and not (folder / "rebase.json").exists()
    with pytest.raises(RebaseError, match="nothing to go back to"):
        rebase.back()


def test_nothing_newer_changes_nothing(rebase: Rebasing, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    was = load_build(rebase.places.build)
    outcome = rebase.run(str(tmp_path / "old"), MadeUp(PASS, PASS))
    assert (outcome.applied, outcome.built, load_build(rebase.places.build)) == (False, None, was)
    print_rebase(outcome)
    assert "no package can be replaced" in capsys.readouterr().out


def test_after_another_build_there_is_nothing_to_go_back_to(rebase: Rebasing, tmp_path: Path) -> None:
    rebase.run(str(tmp_path / "new"), None)
    places = rebase.places
    finish(plan_of(tmp_path / "old", places.store), places)
    with pytest.raises(RebaseError, match="is not as a rebase left it"):
        rebase.back()


def test_the_packages_are_named_for_mmdebstrap(rebase: Rebasing) -> None:
    assert package_names(load_plan(rebase.places.build), rebase.places.store) == ("tool",)
