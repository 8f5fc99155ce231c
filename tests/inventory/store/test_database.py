"""What was saved is there again, whatever happened after; what was not saved is not there by halves."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from inventory.errors import WorkspaceError
from inventory.host import Host
from inventory.observation import Found, Unknown
from inventory.platforms import Platform
from inventory.recording import Part, Recording, SectionRecording
from inventory.sections import SECTIONS
from inventory.store import database_tables
from inventory.store.database import Store
from inventory.store.scan_records import HostResult, Outcome
from inventory.store.workspace import Workspace

HOSTS = [Host("web01", "192.0.2.1", ("web", "all_of_them"), password="s3cret"), Host("db01", "192.0.2.2")]


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with Store(database_url) as store:
        yield store


def _recording(host: str, *sections: SectionRecording, **missing: str) -> Recording:
    return Recording(host, "posix", 1000.5, sections, "ops", True, b"motd \xff\n", dict(missing), redaction_policy=7)


def _answered(host: str, *sections: SectionRecording, **missing: str) -> HostResult:
    return HostResult(
        host,
        "192.0.2.1",
        ("web", "all_of_them"),
        Platform.POSIX,
        Outcome.ANSWERED,
        taken=1000.5,
        seconds=1.25,
        user="ops",
        privileged=True,
        recording=_recording(host, *sections, **missing),
    )


SOME = SectionRecording("system", (Part("uname", b"Linux\n"), Part("odd", b"\xff\0", 3, True)), b"err", True)


def test_a_scan_and_its_hosts_come_back(store: Store, database_url: str) -> None:
    scan = store.begin("/hosts.ini", HOSTS, {"limit": "web*"})
    store.save(scan, _answered("web01", SOME, sockets="the connection broke"))
    with Store(database_url) as again:
        latest = again.latest()
        assert latest == scan
        assert latest is not None
        assert latest.hosts == ("web01", "db01")
        (result,) = again.hosts(latest)
        assert result == replace(_answered("web01"), recording=None)
        recording = again.recording(latest, "web01")
        assert recording == _recording("web01", SOME, sockets="the connection broke")
        assert again.recording(latest, "db01") is None


def test_saving_a_host_again_replaces_what_was_there(store: Store) -> None:
    scan = store.begin("/hosts.ini", HOSTS)
    store.save(scan, _answered("web01", SOME, SectionRecording("kernel", ())))
    store.save(scan, _answered("web01", SOME))
    recording = store.recording(scan, "web01")
    assert recording is not None
    assert recording.sections == (SOME,)


def test_unfinished_scans_are_found_and_finished_ones_are_not(store: Store) -> None:
    assert store.unfinished("/hosts.ini") is None
    scan = store.begin("/hosts.ini", HOSTS)
    assert store.unfinished("/hosts.ini") == scan
    assert store.unfinished("/other.ini") is None
    finished = store.finish(scan)
    assert finished.finished is not None
    assert store.unfinished("/hosts.ini") is None
    assert store.latest() == finished
    second = store.begin("/hosts.ini", HOSTS)
    assert [one.id for one in store.scans()] == [scan.id, second.id]


def test_passwords_never_reach_the_file(tmp_path: Path) -> None:
    with Store(f"sqlite:///{tmp_path}/assessment.db") as store:
        store.begin("/hosts.ini", HOSTS)
    assert not any(b"s3cret" in file.read_bytes() for file in tmp_path.iterdir())


class TestSnapshots:
    def test_they_are_read_from_recordings_by_the_parsers_of_today(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        scan = store.begin("/hosts.ini", HOSTS)
        store.save(scan, _answered("web01", SOME, sockets="the connection broke"))
        snapshot = store.snapshot(scan, "web01")
        assert snapshot.status == "partial"
        assert (snapshot.host, snapshot.user, snapshot.privileged) == ("web01", "ops", True)
        asked = {section.name for section in SECTIONS if section.variant(Platform.POSIX)}
        assert set(snapshot.observations) == asked
        assert snapshot.sockets == Unknown("the connection broke")

    def test_hosts_that_were_not_reached_say_why(self, store: Store) -> None:
        scan = store.begin("/hosts.ini", HOSTS)
        blank = _answered("web01")
        gone = replace(blank, recording=None, platform=Platform.OTHER, outcome=Outcome.UNREACHABLE, reason="no route")
        store.save(scan, gone)
        first, second = store.snapshots(scan)
        assert (first.status, first.reason) == ("unreachable", "no route")
        assert first.platform == "", "nothing is known of its system; it is no AIX"
        assert first.sockets == Unknown("no route")
        assert second.status == "unreachable"
        assert "was not scanned yet" in second.reason

    def test_a_system_that_we_do_not_ask_is_no_error(self, store: Store) -> None:
        scan = store.begin("/hosts.ini", HOSTS)
        result = replace(_answered("web01"), recording=None, outcome=Outcome.UNSUPPORTED, reason="SunOS is not asked")
        store.save(scan, replace(result, platform=Platform.OTHER))
        snapshot = store.snapshot(scan, "web01")
        assert (snapshot.platform, snapshot.status) == ("other", "partial")
        assert snapshot.sockets == Unknown("SunOS is not asked")

    def test_a_damaged_recording_costs_its_section_only(self, store: Store) -> None:
        scan = store.begin("/hosts.ini", HOSTS)
        store.save(scan, _answered("web01", SOME, SectionRecording("kernel", ())))
        with store.writing() as connection:
            kernel = database_tables.sections.c.section == "kernel"
            connection.execute(sa.update(database_tables.sections).where(kernel).values(recording=b"\0"))
        recording = store.recording(scan, "web01")
        assert recording is not None
        assert recording.sections == (SOME,)
        assert "damaged" in recording.missing["kernel"]

    def test_an_unknown_host_is_one_sentence(self, store: Store) -> None:
        scan = store.begin("/hosts.ini", HOSTS)
        with pytest.raises(WorkspaceError, match="has no host 'nope'"):
            store.snapshot(scan, "nope")


def test_names_are_kept_from_scan_to_scan_and_never_change(store: Store) -> None:
    assert store.names("web01") == {}
    store.remember({"web01": {"unit apache2.service": "apache2", "exe /usr/bin/x": "x"}})
    store.remember({"web01": {"unit apache2.service": "httpd", "exe /usr/bin/y": "y"}})
    store.remember({"db01": {"unit apache2.service": "other"}})
    assert store.names("web01") == {"unit apache2.service": "apache2", "exe /usr/bin/x": "x", "exe /usr/bin/y": "y"}


class TestFaults:
    def test_a_file_that_is_no_database(self, tmp_path: Path) -> None:
        (tmp_path / "assessment.db").write_bytes(b"not a database, but long enough to be looked at" * 100)
        with pytest.raises(WorkspaceError, match="is not a database of assess"):
            Workspace(tmp_path).store()

    def test_a_damaged_database(self, tmp_path: Path) -> None:
        file = tmp_path / "assessment.db"
        with Store(f"sqlite:///{file}") as store:
            scan = store.begin("/hosts.ini", [Host(f"h{n}", "a" * 500) for n in range(200)])
        content = bytearray(file.read_bytes())
        content[4096:] = random.Random(1).randbytes(len(content) - 4096)
        file.write_bytes(content)
        with pytest.raises(WorkspaceError, match="damaged"), Store(f"sqlite:///{file}") as store:
            store.hosts(scan)

    @pytest.mark.parametrize(
        "url",
        [
            "nonsense",
            "nosuchdb://host/name",
            "oracle+nope://u:s3cret@host/name",
            "postgresql://u:s3cret@host:port/name",
            "postgresql:/u:s3cret@host",
        ],
    )
    def test_a_url_that_cannot_be_used_is_told_without_its_password(self, url: str) -> None:
        with pytest.raises(WorkspaceError, match="is not a usable database") as caught:
            Store(url)
        assert "s3cret" not in str(caught.value)

    @pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small file system")
    def test_a_disk_that_fills_up_loses_nothing_that_was_saved(self, tmp_path: Path) -> None:
        place = tmp_path / "small"
        place.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip("cannot mount a small file system")
        try:
            workspace = Workspace.create(place / "assessment")
            hosts = [Host(f"web{number:02}", "192.0.2.1") for number in range(40)]
            saved: list[str] = []
            with workspace.store() as store:
                scan = store.begin("/hosts.ini", hosts)
                with pytest.raises(WorkspaceError, match=r"no space left for|is full"):
                    for host in hosts:
                        noise = Part("uname", os.urandom(150_000))
                        store.save(scan, _answered(host.name, SectionRecording("system", (noise,))))
                        saved.append(host.name)
            assert 0 < len(saved) < 40
            # Some space for the journal, so that it can be read again.
            subprocess.run(["mount", "-o", "remount,size=4m", str(place)], check=True)
            with workspace.store() as store:
                assert [result.host for result in store.hosts(scan)] == saved
                for name in saved:
                    recording = store.recording(scan, name)
                    assert recording is not None
                    assert len(recording.sections[0].parts[0].content) == 150_000
        finally:
            subprocess.run(["umount", str(place)], check=True)


def test_text_of_a_host_comes_back_whatever_is_in_it(store: Store) -> None:
    """A path of a host is bytes; those that are no text, and NUL, are no reason for a database to refuse it."""
    odd = "exe /opt/\udcff\x00\n\u202e\U0001f600'\"\\u0000"
    store.remember({"we\udc80b": {odd: "app"}})
    scan = store.begin("/hosts\udcff.ini", [Host("we\udc80b", "a\x00b", ("g\udcff",))])
    failed = replace(_answered("we\udc80b"), outcome=Outcome.FAILED, reason=odd, recording=None, user=odd)
    store.save(scan, failed)
    assert store.names("we\udc80b") == {odd: "app"}
    (result,) = store.hosts(scan)
    assert (result.host, result.address, result.groups) == ("we\udc80b", "a\x00b", ("g\udcff",))
    assert (result.reason, result.user) == (odd, odd)
    assert store.unfinished("/hosts\udcff.ini") == scan
    store.save(scan, _answered("we\udc80b", SOME, sockets=odd))
    recording = store.recording(scan, "we\udc80b")
    assert recording is not None
    assert recording.missing == {"sockets": odd}


def test_a_report_can_be_read_while_a_scan_writes(store: Store, database_url: str) -> None:
    scan = store.begin("/hosts.ini", HOSTS)
    code = (
        "import sys; from inventory.store.database import Store\n"
        "store = Store(sys.argv[1]); scan = store.latest(); print(len(store.hosts(scan)))"
    )
    store.save(scan, _answered("web01", SOME))
    command = [sys.executable, "-c", code, database_url]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "1\n"


def test_a_real_section_is_found_again(store: Store) -> None:
    """Through the real parser of the first section that takes an empty answer for one."""
    scan = store.begin("/hosts.ini", HOSTS)
    section = SECTIONS[0]
    store.save(scan, _answered("web01", SectionRecording(section.name, ())))
    observation = store.snapshot(scan, "web01").observation(section.name)
    assert isinstance(observation, Found | Unknown)
