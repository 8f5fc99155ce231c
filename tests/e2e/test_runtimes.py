"""The same image passes on every runtime."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from containerize.runtimes import RUNTIMES, choose
from containerize.runtimes.runtime import RuntimeUnavailable
from tests.e2e.command import Done, assess
from tests.e2e.traces import nothing_left_behind

pytestmark = [pytest.mark.estate, pytest.mark.engine, pytest.mark.timeout(900)]


@pytest.mark.parametrize("runtime", [backend.name for backend in RUNTIMES])
def test_one_image_passes_on_every_runtime(builds: Done, workspace: Path, runtime: str) -> None:
    try:
        choose(runtime).close()
    except RuntimeUnavailable as error:
        pytest.skip(str(error))
    with nothing_left_behind() as ours:
        done = assess(workspace, "pilot", "app01/inventory-app", "--runtime", runtime, "--json")
        ours.append(done.pid)
    (pilot,) = done.document["pilots"]
    assert [check for check in pilot["checks"] if check["verdict"] != "pass"] == []
    assert (done.status, pilot["verdict"], pilot["runtime"]) == (0, "pass", runtime)
    digest = next(row["digest"] for row in builds.document["builds"] if row["workload"] == "app01/inventory-app")
    assert pilot["digest"] == digest
    saved = workspace / "builds" / "app01" / "inventory-app" / "pilot.json"
    assert json.loads(saved.read_text()) == done.document
