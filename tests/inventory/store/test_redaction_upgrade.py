"""Recordings of an earlier policy are redacted again, host by host, on every database."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from inventory.host import Host
from inventory.platforms import Platform
from inventory.privacy.secrets.policy_version import POLICY
from inventory.recording import Part, Recording, SectionRecording
from inventory.store import database_tables
from inventory.store.database import Store
from inventory.store.scan_records import HostResult, Outcome
from inventory.store.workspace import Workspace

SECRET = b"Winter7Night"
LINES = b"/etc/app.ini:7:password = Winter7Night\n/etc/app.ini:8:port = 80\n"


def answered(host: str, policy: int, *sections: SectionRecording) -> HostResult:
    recording = Recording(host, "posix", 1.0, sections, "root", True, b"motd", {}, redaction_policy=policy)
    return HostResult(host, "192.0.2.1", (), Platform.POSIX, Outcome.ANSWERED, recording=recording)


def kept(url: str, *results: HostResult) -> Store:
    store = Store(url)
    scan = store.begin("/hosts.ini", [Host(each.host, each.address) for each in results])
    for each in results:
        store.save(scan, each)
    store.finish(scan)
    return store


def lines(content: bytes) -> SectionRecording:
    return SectionRecording("configuration", (Part("lines", content), Part("secrets", b"")))


def test_what_an_earlier_policy_left_is_redacted_and_told(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept(database_url, answered("web01", 1, lines(LINES)), answered("db01", 1, lines(b""))).close()
    workspace = Workspace.create(tmp_path / "workspace")
    with workspace.store(database_url) as store:
        (scan,) = store.scans()
        recording = store.recording(scan, "web01")
        assert recording is not None
        assert recording.redaction_policy == POLICY
        (section,) = recording.sections
        assert SECRET not in section.to_text()
        assert b"/etc/app.ini:8:port = 80" in section.to_text()
        assert not store.older_than(POLICY)
    told = capsys.readouterr().err
    assert "web01: /etc/app.ini line 7" in told
    assert "line 8" not in told
    assert SECRET.decode() not in told
    workspace.store(database_url).close()
    assert capsys.readouterr().err == "", "it is done once"


def test_a_run_that_was_killed_goes_on_where_it_stopped(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(database_url, *(answered(f"web{number}", 1, lines(LINES)) for number in range(3))).close()
    workspace = Workspace.create(tmp_path / "workspace")
    from inventory.store import redaction_upgrade

    real, seen = redaction_upgrade.redact_recording, []

    def second_is_killed(recording: Recording, redactor: object) -> Recording:
        seen.append(recording.host)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return real(recording, redactor)  # type: ignore[arg-type]

    monkeypatch.setattr(redaction_upgrade, "redact_recording", second_is_killed)
    with pytest.raises(KeyboardInterrupt):
        workspace.store(database_url)
    with workspace.store(database_url) as store, store.reading() as connection:
        policies = list(connection.scalars(sa.select(database_tables.scan_hosts.c.policy)))
    assert policies == [POLICY] * 3
    assert seen == ["web0", "web1", "web1", "web2"]
