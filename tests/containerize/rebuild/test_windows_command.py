"""``assess rebuild`` for hosts of Windows, and options that belong to one mode."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from assess.cli import assess
from assess.subjects.estate_facts import EstateFacts
from assess.subjects.host_facts import HostFacts
from assess.workloads import find_workloads
from containerize.commands.build_run import EstateBuilder
from containerize.commands.rebuild_run import rebuild
from containerize.data_tables import data_table
from containerize.estate import Estate
from containerize.plan.request import Reporting
from inventory.store.scan_records import Scan
from inventory.store.workspace import Workspace
from inventory.transports import ConnectOptions
from tests.support.windows_snapshots import WindowsHost

MICROSOFT = data_table("registries")["images"]["microsoft"]


@pytest.fixture
def builder(tmp_path: Path) -> EstateBuilder:
    host = WindowsHost()
    host.shop()
    snapshot = host.build()
    facts = HostFacts(snapshot, find_workloads(snapshot, {}))
    scan = Scan(1, 0.0, 0.0, "hosts.ini", ("win01",))
    estate = Estate(EstateFacts((facts,), (), 0.0), scan)
    workspace = Workspace.create(tmp_path / "workspace")
    return EstateBuilder(estate, {}, workspace, ConnectOptions(), lambda _workload: Reporting())


def test_a_dockerfile_is_written_and_nobody_is_asked(builder: EstateBuilder) -> None:
    (workload,) = builder.estate.host("win01").workloads
    outcome = rebuild(builder, [workload], None, "", "", "windows-2019")
    recipe = outcome.recipes[workload.id]

    assert recipe.base == f"{MICROSOFT}/windows/servercore:ltsc2019"
    assert recipe.path.read_text().startswith("# escape=`\n")
    assert recipe.path == builder.workspace.build("win01", workload.name) / "rebuild/Dockerfile"
    assert str(recipe.path) in outcome.failed[workload.id]
    assert not outcome.built


def test_a_target_of_linux_is_none(builder: EstateBuilder) -> None:
    (workload,) = builder.estate.host("win01").workloads
    outcome = rebuild(builder, [workload], None, "", "", "debian-13")

    assert "debian-13 runs no Windows images" in outcome.failed[workload.id]
    assert not outcome.recipes


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("rebuild", ["--level", "lean"]),
        ("rebuild", ["--dry-run"]),
        ("build", ["--base-image", "debian:12"]),
        ("build", ["--build-network", "host"]),
        ("build", ["--target", "windows-2022"]),
        ("build", ["--mode", "rebuild"]),
        ("build", ["--why", "/etc/passwd"]),
    ],
)
def test_options_of_the_other_command_are_refused(tmp_path: Path, command: str, arguments: list[str]) -> None:
    Workspace.create(tmp_path / "workspace")
    result = CliRunner().invoke(assess, [command, "web01/x", *arguments, "--workspace", str(tmp_path / "workspace")])

    assert result.exit_code == 2, result.output
    assert f"No such option '{arguments[0]}'" in result.output
