"""``assess pilot`` lists what a workload would need, records what a person allows, and has limits with headroom."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from docs.generator.documents import PILOT
from tests.e2e.command import Done, assess

pytestmark = [pytest.mark.estate, pytest.mark.timeout(600)]

WORKLOAD = "db01/mariadb"


def test_a_dry_run_prints_needs_and_limits_and_records_nothing(builds: Done, workspace: Path) -> None:
    assert builds.status == 0
    asked = ("--allow-device", "/dev/net/tun", "--reason", "a test")
    done = assess(workspace, "pilot", WORKLOAD, "--dry-run", "--json", *asked)
    jsonschema.validate(done.document, PILOT)
    (planned,) = done.document["planned"]
    assert (done.status, done.document["pilots"], planned["workload"]) == (0, [], WORKLOAD)
    assert [(grant["name"], grant["reason"]) for grant in planned["grants"]] == [("/dev/net/tun", "a test")]
    assert planned["limits"]["memory_bytes"] >= 256 << 20
    assert planned["limits"]["pids"] >= 128
    assert planned["limits"]["basis"]
    assert not (workspace / "builds" / "db01" / "mariadb" / "grants.json").exists()


def test_what_is_allowed_at_build_time_is_recorded_and_can_be_withdrawn(builds: Done, workspace: Path) -> None:
    folder = workspace / "builds" / "app01" / "inventory-app"
    asked = ("--allow-capability", "SYS_ADMIN", "--reason", "a test")
    done = assess(workspace, "build", "app01/inventory-app", "--json", *asked)
    assert done.status == 0
    assert "CAP_SYS_ADMIN mounts file systems" in done.errors, "a dangerous one has a warning"
    (grant,) = json.loads((folder / "grants.json").read_text())["grants"]
    assert (grant["kind"], grant["name"], grant["reason"]) == ("capability", "CAP_SYS_ADMIN", "a test")
    planned = assess(workspace, "pilot", "app01/inventory-app", "--dry-run", "--json").document["planned"][0]
    assert [each["name"] for each in planned["grants"]] == ["CAP_SYS_ADMIN"]
    withdrawn = assess(workspace, "build", "app01/inventory-app", "--json", "--withdraw")
    assert withdrawn.status == 0
    assert json.loads((folder / "grants.json").read_text())["grants"] == []
