"""assess bundle, on a recorded host."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assess.cli import assess
from inventory.errors import WorkspaceError
from inventory.platforms import Platform
from inventory.privacy.recording_bundle import unpack
from inventory.recording import Part, SectionRecording
from inventory.store.scan_records import HostResult, Outcome
from tests.support.estate_recordings import recorded_result
from tests.support.workspaces import workspace_of

GONE = HostResult("gone", "192.0.2.9", (), Platform.OTHER, Outcome.UNREACHABLE, "nobody answers")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workspace_of(tmp_path_factory.mktemp("ws") / "a", [recorded_result("web01"), GONE]).path


def run(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(assess, ["bundle", *arguments, "--workspace", str(workspace)], catch_exceptions=False)


def test_it_is_written_and_what_is_in_it_is_printed(workspace: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.tar.gz"
    done = run(workspace, "web01", "-o", str(path))
    assert done.exit_code == 0
    recording = unpack(path)
    assert recording.host == "host1"
    assert all(section.section in done.output for section in recording.sections)
    assert "IP addresses" in done.output
    assert "Look into it before you send it" in done.output
    assert f"Bundle: {path}" in done.output


def test_for_machines_and_without_writing(workspace: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.tar.gz"
    document = json.loads(run(workspace, "web01", "-o", str(path), "--dry-run", "--json").output)
    assert document["bundle"] is None
    assert not path.exists()
    assert document["replaced"]["host"] >= 1
    assert {row["section"] for row in document["sections"]} >= {"system", "users", "sockets"}


def test_what_an_earlier_version_stored_is_redacted_again_and_only_the_owner_reads_it(tmp_path: Path) -> None:
    """It stored the first bytes of a root-only file as words, and a password of a kind that it did not know."""
    result = recorded_result("web01")
    assert result.recording is not None
    secret = b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r"
    words = b" ".join(b"%d" % word for word in struct.unpack("12I", secret))
    stored = (
        SectionRecording("executables", (Part("heads", b"file /root/.ssh/id_ed25519\nat 0\n " + words + b"\n"),)),
        SectionRecording("cron", (Part("crontabs", b"/etc/crontab:PASSWORD=tr0ub4dor-and-3\n"),)),
    )
    recording = replace(result.recording, sections=stored, redaction_policy=1)
    place = workspace_of(tmp_path / "a", [replace(result, recording=recording)]).path
    path = tmp_path / "mine.tar.gz"
    path.write_bytes(b"")
    path.chmod(0o644)

    assert run(place, "web01", "-o", str(path)).exit_code == 0

    text = b"".join(section.to_text() for section in unpack(path).sections)
    assert b"other\n" in text
    assert words.split()[0] not in text
    assert b"tr0ub4dor" not in text
    assert path.stat().st_mode & 0o777 == 0o600


def test_its_name_tells_nothing(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(workspace, "web01").exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["host1.tar.gz"]


def test_a_host_that_did_not_answer(workspace: Path) -> None:
    with pytest.raises(WorkspaceError, match="gone has not answered"):
        run(workspace, "gone")


def test_a_place_that_cannot_be_written(workspace: Path, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="choose another place with -o"):
        run(workspace, "web01", "-o", str(tmp_path / "no" / "b.tar.gz"))
