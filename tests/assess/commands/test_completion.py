"""Completion in real shells, of what the last scan holds."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from assess.cli import assess
from inventory.store.workspace import Workspace
from tests.support.estate_recordings import recorded_result
from tests.support.workspaces import keep_scan


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("completion")
    (folder / "hosts.ini").write_text("app01 ansible_host=127.0.0.1\nweb01 ansible_host=127.0.0.2\n")
    place = Workspace.create(folder / "workspace")
    with place.store() as store:
        results = [recorded_result("app01", "root"), recorded_result("web01", "root")]
        keep_scan(store, results, str(folder / "hosts.ini"))
    return place.path


def completed(words: str, workspace: Path) -> list[str]:
    """What bash is told for a line that ends where the cursor is."""
    position = str(len(words.split()) - (0 if words.endswith(" ") else 1))
    environment = {"_ASSESS_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": position}
    result = CliRunner(env={**environment, "ASSESS_WORKSPACE": str(workspace)}).invoke(
        assess, prog_name="assess", catch_exceptions=False
    )
    return [line.partition(",")[2] for line in result.output.splitlines() if line]


def test_commands_and_options_are_completed(workspace: Path) -> None:
    assert completed("assess wor", workspace) == ["workloads"]
    assert completed("assess workloads --verd", workspace) == ["--verdict"]
    assert completed("assess workloads --verdict st", workspace) == ["stay"]


def test_hosts_workloads_and_rules_are_completed(workspace: Path) -> None:
    assert completed("assess log w", workspace) == ["web01"]
    assert completed("assess build web01/apa", workspace) == ["web01/apache2"]
    assert completed("assess explain privileged-p", workspace) == ["privileged-port"]
    assert {"app01", "app01/inventory-app"} <= set(completed("assess explain app01", workspace))
    assert completed("assess ports --host a", workspace) == ["app01"]


def test_the_workspace_on_the_line_counts(workspace: Path, tmp_path: Path) -> None:
    assert completed(f"assess -w {tmp_path} build web01/apa", workspace) == []
    assert completed(f"assess -w {workspace} build web01/apa", tmp_path) == ["web01/apache2"]


def test_no_workspace_is_no_error(tmp_path: Path) -> None:
    assert completed("assess build ", tmp_path / "nowhere") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_gets_its_script(shell: str) -> None:
    result = CliRunner().invoke(assess, ["completion", shell], prog_name="assess")

    assert result.exit_code == 0, result.output
    assert f"_ASSESS_COMPLETE={shell}_complete" in result.output


@pytest.mark.live
def test_bash_completes_a_workload(workspace: Path) -> None:
    program = Path(sys.executable).parent
    script = """
    PATH=$1:$PATH
    eval "$(assess completion bash)"
    COMP_WORDS=(assess build web01/apa) COMP_CWORD=2
    _assess_completion assess
    printf '%s\n' "${COMPREPLY[@]}"
    """
    bash = shutil.which("bash")
    assert bash
    ran = subprocess.run(
        [bash, "-c", script, "bash", str(program)],
        capture_output=True,
        text=True,
        check=True,
        env={"ASSESS_WORKSPACE": str(workspace), "PATH": "/usr/bin:/bin"},
    )
    assert ran.stdout.split() == ["web01/apache2"], ran.stderr
