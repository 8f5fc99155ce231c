"""scan, report and export on this machine itself, through the same probe as on any host."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from assess.export.export_schema import schema

pytestmark = pytest.mark.live


def assess(*arguments: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "assess", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "COLUMNS": "120", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A folder with hosts.ini, the workspace of a scan of it, and what the scan said."""
    folder = tmp_path_factory.mktemp("scanned")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = free.getsockname()[1]
    (folder / "hosts.ini").write_text(
        f"here ansible_connection=local\ngone ansible_host=127.0.0.1 ansible_port={closed} ansible_user=nobody\n"
    )
    return folder, assess("scan", "hosts.ini", "--connect-timeout", 3, cwd=folder)


def test_a_host_that_cannot_be_reached_stops_nobody_and_shows_in_the_status(
    scanned: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    _folder, done = scanned
    assert done.returncode == 1, done.stderr
    assert "gone" in done.stdout
    assert "Not reached" in done.stdout
    assert "here" in done.stdout
    assert done.stderr == ""


def test_the_last_line_is_where_the_report_is(scanned: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, done = scanned
    path = Path(done.stdout.splitlines()[-1].removeprefix("Report: "))
    assert path == folder / "assessment" / "report" / "index.html"
    assert path.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert "\x1b" not in done.stdout


def test_the_export_keeps_to_its_schema(scanned: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, _done = scanned
    done = assess("export", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    Draft202012Validator(schema()).validate(document)
    assert [(host["name"], host["status"] == "unreachable") for host in document["hosts"]] == [
        ("here", False),
        ("gone", True),
    ]
    into = assess("export", "--json", "-o", "export.json", cwd=folder)
    assert into.stdout == ""
    assert json.loads((folder / "export.json").read_text("utf-8")) == document


def test_the_report_is_written_again_where_it_is_wanted(
    scanned: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    folder, _done = scanned
    done = assess("report", "-o", tmp_path / "mine.html", "--workspace", folder / "assessment", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"{tmp_path / 'mine.html'}\n"), done.stderr
    assert (tmp_path / "mine.html").is_file()
    as_json = assess("report", "--json", cwd=tmp_path, ASSESS_WORKSPACE=str(folder / "assessment"))
    assert json.loads(as_json.stdout) == {"report": str(folder / "assessment" / "report" / "index.html")}


def test_scan_prints_the_export_with_scan_and_report_for_machines(tmp_path: Path) -> None:
    (tmp_path / "hosts.ini").write_text("here ansible_connection=local\n")
    done = assess("scan", "hosts.ini", "--json", "--workspace", "ws", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    assert Path(document.pop("report")) == tmp_path / "ws" / "report" / "index.html"
    assert set(document.pop("scan")) == {"id", "started", "finished", "resumed", "depth"}
    Draft202012Validator(schema()).validate(document)


def test_no_host_at_all_is_another_status(tmp_path: Path) -> None:
    (tmp_path / "hosts.ini").write_text("gone ansible_host=127.0.0.1 ansible_port=1 ansible_user=nobody\n")
    done = assess("scan", "hosts.ini", "--connect-timeout", 3, cwd=tmp_path)
    assert done.returncode == 3
    assert "No host could be reached." in done.stdout
    assert (tmp_path / "assessment" / "report" / "index.html").is_file()


def test_a_dry_run_says_what_would_run_and_makes_nothing(tmp_path: Path) -> None:
    (tmp_path / "hosts.ini").write_text(
        "web01 ansible_host=192.0.2.1 ansible_port=2222 ansible_user=ops ansible_become=yes\n"
    )
    done = assess("scan", "hosts.ini", "--dry-run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("web01: ssh ops@192.0.2.1 port 2222, as root through sudo\n")
    assert "exec nice -n 10 /bin/sh -s" in done.stdout
    assert "bf_sockets() {" in done.stdout
    as_json = json.loads(assess("scan", "hosts.ini", "--dry-run", "--json", cwd=tmp_path).stdout)
    assert as_json["hosts"] == [
        {"name": "web01", "address": "192.0.2.1", "connection": "ssh", "port": 2222, "user": "ops", "become": "sudo"}
        | {"platform": None}
    ]
    assert [each.name for each in tmp_path.iterdir()] == ["hosts.ini"]
    assert as_json["windows"]["command"].startswith("PowerShell ")
    assert as_json["windows"]["without_powershell"][0].startswith("cmd.exe ")


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("scan", "nowhere.ini"), 3, "there is no inventory at"),
        (("report",), 3, "there is no workspace at"),
        (("export", "--json"), 3, "there is no workspace at"),
        (("export",), 2, "choose a format: --json"),
        (("scan",), 2, "missing argument"),
        (("scan", "nowhere.ini", "--forks", "0"), 2, "invalid value for '--forks'"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    tmp_path: Path, arguments: tuple[str, ...], status: int, sentence: str
) -> None:
    done = assess(*arguments, cwd=tmp_path)
    assert done.returncode == status
    assert sentence in done.stderr
    assert done.stderr.startswith("assess: ")
    assert "Traceback" not in done.stderr
    if "--json" in arguments:
        assert json.loads(done.stdout) == {"error": done.stderr.splitlines()[0].removeprefix("assess: ")}
    else:
        assert done.stdout == ""


def test_a_workspace_without_a_scan_says_how_to_get_one(tmp_path: Path) -> None:
    (tmp_path / "assessment").mkdir()
    done = assess("report", cwd=tmp_path)
    assert done.returncode == 3
    assert done.stderr == "assess: there is no scan in this workspace yet; run: assess scan hosts.ini\n"
