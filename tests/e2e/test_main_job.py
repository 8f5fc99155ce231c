"""Scan, build and pilot of the whole estate, as a user asks for them and as a program reads the answers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.e2e.command import Done, assess
from tests.e2e.conftest import WORKLOADS, WORKLOADS_OF_VM

DOCS = Path(__file__).parents[2] / "docs/reference"

pytestmark = [pytest.mark.estate, pytest.mark.engine, pytest.mark.timeout(900)]

ALL = [*WORKLOADS, *(pytest.param(name, marks=pytest.mark.vm) for name in WORKLOADS_OF_VM)]


def keeps(document: dict[str, Any], schema: str) -> None:
    """The document is as the documentation in the repository says."""
    jsonschema.validate(document, json.loads((DOCS / schema).read_text("utf-8")))


def rows(done: Done, name: str, key: str = "workload") -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in done.document[name]}


def test_the_scan_reads_every_host_in_full(scan: Done, workspace: Path, with_vm: bool) -> None:
    assert scan.status == 0, scan.errors
    keeps(scan.document, "schema.json")
    hosts = rows(scan, "hosts", "name")
    assert {"web01", "db01", "app01"} <= set(hosts)
    for host in hosts.values():
        assert (host["name"], host["status"], host["reason"]) == (host["name"], "complete", None)
        assert host["privileged"]
    assert Path(scan.document["report"]) == workspace / "report" / "index.html"
    assert Path(scan.document["report"]).stat().st_size > 10_000
    if with_vm:
        assert hosts["vm01"]["kernel"].startswith("5.10.")
        assert hosts["vm01"]["kernel"] != hosts["web01"]["kernel"]


def test_the_scan_finds_the_services_and_what_tells_them_apart(scan: Done) -> None:
    workloads = rows(scan, "workloads", "id")
    services = {name for name, row in workloads.items() if row["kind"] == "service"}
    assert {*WORKLOADS, "app01/label-printer"} <= services
    assert {"web01/ssh", "web01/cron", "web01/exim4", "db01/rsyslog", "app01/init"} <= set(workloads) - services
    assert {(each["protocol"], each["port"]) for each in workloads["web01/apache2"]["listeners"]} == {("tcp", 80)}
    assert {each["port"] for each in workloads["app01/tomcat9"]["listeners"]} == {8080}
    assert {each["path"] for each in workloads["web01/apache2"]["data"]} == {"/var/lib/app"}
    assert {each["path"] for each in workloads["db01/mariadb"]["data"]} == {"/var/lib/mysql"}


def test_the_scan_names_what_stands_in_the_way(scan: Done) -> None:
    findings = {(row["workload"], row["name"]): row for row in scan.document["findings"]}
    clash = findings["app01/inventory-app", "shared-port"]
    assert "web01/apache2" in json.dumps(clash)
    fixed = findings["app01/inventory-app", "hard-coded-port"]
    assert any("/opt/app/app.py" in each["fact"] + (each["text"] or "") for each in fixed["evidence"])
    address = findings["web01/apache2", "address-in-configuration"]
    assert "10.77.0.12" in json.dumps(address)
    assert ("web01/apache2", "state-in-volumes") in findings
    assert not [row for row in scan.document["undetermined"] if row["failed"]]


def test_the_export_is_the_scan_without_its_own_fields(scan: Done, workspace: Path) -> None:
    export = assess(workspace, "export", "--json")
    assert export.status == 0, export.errors
    keeps(export.document, "schema.json")
    added = {"scan", "report"}
    assert set(scan.document) - set(export.document) == added
    # When it was made, and how the local target is right now, may differ.
    same = ("hosts", "workloads", "findings", "port_plan", "inventory", "schema_version")
    assert {name: export.document[name] for name in same} == {name: scan.document[name] for name in same}


def test_no_secret_of_the_estate_is_in_an_answer_or_in_the_workspace(
    scan: Done, builds: Done, pilots: Done, workspace: Path
) -> None:
    """Layers are compressed; that they hold none is shown where images are tested."""
    secrets = ("estate-db-password", "estate-session-secret", "estate-meter-token")
    said = "".join(done.output + done.errors for done in (scan, builds, pilots))
    assert [secret for secret in secrets if secret in said] == []
    pattern = re.compile("|".join(secrets).encode())
    assert [path for path in workspace.rglob("*") if path.is_file() and pattern.search(path.read_bytes())] == []


def test_the_build_says_what_it_made(builds: Done, workloads: tuple[str, ...]) -> None:
    assert builds.status == 0, builds.errors
    keeps(builds.document, "schema-build.json")
    assert builds.document["failed"] == []
    made = rows(builds, "builds")
    assert tuple(made) == workloads
    for row in made.values():
        assert row["size"] > row["compressed_size"] > 1_000_000
        layout = Path(row["layout"])
        assert json.loads((layout / "oci-layout").read_text()) == {"imageLayoutVersion": "1.0.0"}
        beside = {path.name for path in layout.parent.iterdir()}
        assert {"plan.json", "build.json", "Containerfile", "compose.yaml", "files.json"} <= beside
        files = json.loads((layout.parent / "files.json").read_text())["files"]
        assert len([file for file in files if file["kind"] != "directory"]) == row["files"]


def test_the_pilot_prints_what_is_documented(pilots: Done, builds: Done, workloads: tuple[str, ...]) -> None:
    keeps(pilots.document, "schema-pilot.json")
    assert tuple(rows(pilots, "pilots")) == workloads
    for name, row in rows(pilots, "pilots").items():
        assert row["digest"] == rows(builds, "builds")[name]["digest"]
        assert row["runtime"] == "docker"


@pytest.mark.parametrize("workload", ALL)
def test_the_copy_of_every_service_passes(pilots: Done, workload: str, with_vm: bool) -> None:
    if workload in WORKLOADS_OF_VM and not with_vm:
        pytest.skip("needs QEMU")
    pilot = rows(pilots, "pilots")[workload]
    assert [check for check in pilot["checks"] if check["verdict"] != "pass"] == []
    assert pilot["verdict"] == "pass"
    names = {check["name"].partition(" ")[0] for check in pilot["checks"]}
    speaks = "mysql" if workload == "db01/mariadb" else "http"
    assert {"starts", "port", "processes", speaks, "stays", "stops", "restarts"} <= names


def test_the_pilot_of_all_ends_with_status_0(pilots: Done) -> None:
    assert pilots.status == 0, pilots.output


def test_pages_were_compared_and_not_only_counted(pilots: Done) -> None:
    """The front page with rows of the database is among those that were the same."""
    checks = rows(pilots, "pilots")["web01/apache2"]["checks"]
    pages = "\n".join(check["detail"] for check in checks if check["name"].startswith("http"))
    assert {"/: same", "/report: same", "/brownfield-pilot-asks-for-no-such-page: same"} <= set(pages.splitlines())


def test_the_report_shows_what_was_proved(pilots: Done, workspace: Path) -> None:
    made = assess(workspace, "report", "--json")
    assert made.status == 0, made.errors
    page = Path(made.document["report"]).read_text("utf-8")
    assert "web01/apache2" in page and "<img src=x onerror" not in page
