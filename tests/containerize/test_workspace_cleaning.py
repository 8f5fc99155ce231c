"""A workspace of an earlier version is rid of the secrets that it kept, on first use, and says which to rotate."""

from __future__ import annotations

import struct
import subprocess
import tarfile
from pathlib import Path

import pytest
import zstandard

from assess.pipeline import assess_scan
from inventory.privacy.secrets.policy_version import POLICY
from inventory.store.workspace import Workspace
from tests.e2e.command import ASSESS

FIXTURE = Path(__file__).parents[1] / "fixtures" / "workspaces" / "policy-2.tar.gz"
ROOT_ONLY = b"".join(b" %10d" % word for word in struct.unpack("<4I", b"RootOnly7Spring!"))
LEAKED = (b"Proxy7Winter", b"Java7Summer", b"Cache7Autumn", ROOT_ONLY, b"Jar7Monday")
"""What policy 2 left in clear: in recordings and what is derived from them, in an image, its plan and its files, in the
report and in a log; and the words of a file that only root may read.
"""


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A workspace that the version with policy 2 made."""
    with tarfile.open(FIXTURE) as archive:
        # Python before 3.11.4 has no filters and takes the attribute for nothing.
        archive.extraction_filter = getattr(tarfile, "data_filter", None)
        archive.extractall(tmp_path)  # noqa: S202 - a fixture of this repository
    return tmp_path / "assessment"


def on_disk(folder: Path) -> bytes:
    """All bytes of a workspace, and those of its database as they are when they are unpacked."""
    import sqlite3

    content = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    with sqlite3.connect(folder / "assessment.db") as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = [row for table in tables for row in database.execute(f'SELECT * FROM "{table}"')]  # noqa: S608
    for value in (value for row in rows for value in row if isinstance(value, bytes)):
        try:
            content += zstandard.ZstdDecompressor().decompress(value, max_output_size=1 << 26)
        except zstandard.ZstdError:
            continue
    return content


def test_the_fixture_holds_what_the_earlier_version_left(older: Path) -> None:
    held = on_disk(older)
    assert [value for value in LEAKED if value not in held] == []


def test_on_first_use_no_secret_is_left_and_the_places_are_told(
    older: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Workspace.open(older).store() as store:
        scans = store.scans()
        assessed = assess_scan(store, scans[-1])

    assert [value for value in LEAKED if value in on_disk(older)] == []
    assert assessed.workloads, "the scan can still be judged"
    told = capsys.readouterr().err
    assert not any(value.decode() in told for value in LEAKED)
    for place in (
        "apk01: /etc/yum.conf line 3",
        "apk01: /opt/stock/stock.jar",
        "apk01: the variable MEMCACHED_PASSWORD of apk01/stock",
        "apk01: argument 1 of apk01/stock",
        "apk01: the command line of nc",
        "apk01: processes/environ line",
    ):
        assert place in told
        assert place in (older / "rotate.txt").read_text()
    assert "/etc/yum.conf line 4" not in told, "the earlier version had redacted it"
    assert "Builds removed: 1." in told
    assert (older / "rotate.txt").stat().st_mode & 0o777 == 0o600
    assert (older / "policy").read_text() == f"{POLICY}\n"


def test_it_is_done_once(older: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Workspace.open(older).store().close()
    capsys.readouterr()
    (older / "report").mkdir()
    Workspace.open(older).store().close()
    assert capsys.readouterr().err == ""
    assert (older / "report").is_dir()


def test_a_run_that_is_killed_while_it_removes_does_not_take_the_places_along(
    older: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("containerize.workspace_cleaning._remove", killed)
    with pytest.raises(KeyboardInterrupt):
        Workspace.open(older)
    assert "apk01: /opt/stock/stock.jar" in (older / "rotate.txt").read_text()
    monkeypatch.undo()
    place = Workspace.open(older)
    monkeypatch.setattr("inventory.store.database.Store.forget_freed", killed)
    with pytest.raises(KeyboardInterrupt):
        place.store()
    assert "apk01: /etc/yum.conf line 3" in (older / "rotate.txt").read_text()


def test_the_key_and_the_decisions_of_people_stay(older: Path) -> None:
    key = (older / "redaction.key").read_bytes()
    build = older / "builds" / "apk01" / "stock"
    (build / "grants.json").write_text("{}")
    Workspace.open(older)
    assert (older / "redaction.key").read_bytes() == key
    assert [path.name for path in build.iterdir()] == ["grants.json"]


def test_a_new_workspace_has_nothing_to_clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Workspace.create(tmp_path / "a")
    Workspace.open(tmp_path / "a").store().close()
    assert capsys.readouterr().err == ""


def test_whichever_command_comes_first_cleans_and_does_its_work(older: Path) -> None:
    command = [str(ASSESS), "hosts", "--workspace", str(older)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "Rotate them" in done.stderr
    assert "apk01" in done.stdout
