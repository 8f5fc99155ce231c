"""A real command line of Windows, as far as there is one here: Wine, live and recorded."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory.host import Host
from inventory.observation import Absent, Found, Observation, Unknown
from inventory.platforms import Platform
from inventory.probe.execution import ProbeOptions, run_probe
from inventory.recording import Recording, SectionRecording
from inventory.scan.collect_host import CollectionRequest, collect_host
from inventory.section import Section, Variant
from inventory.sections import SECTIONS
from inventory.sections.windows.iis import SECTION as IIS
from inventory.store.scan_records import Outcome
from inventory.transports import connect
from tests.inventory.probe.windows_shells.wine import VARIABLES, cygwin_host, has_wine, wine_host
from tests.inventory.sshd import Sshd, stop
from tests.support.live import REDACTOR

RECORDED = Path(__file__).parents[3] / "fixtures" / "windows" / "wine01"
WINDOWS: dict[str, Section[object]] = {each.name: each for each in SECTIONS if each.variant(Platform.WINDOWS)}
# What Wine has no program for, or a program that says nothing.
UNKNOWN = {"mounts", "cron", "windows_features", "http_sys", "drivers", "certificate_stores", "shares", "network"}


def recorded(section: str) -> SectionRecording:
    return SectionRecording.from_text(section, (RECORDED / f"{section}.txt").read_bytes())


@pytest.mark.parametrize("name", sorted(WINDOWS))
def test_what_wine_said_is_understood(name: str) -> None:
    observation = WINDOWS[name].observe(recorded(name), Platform.WINDOWS)

    if name in UNKNOWN:
        assert isinstance(observation, Unknown)
        assert "could not be read" not in observation.reason or name == "certificate_stores"
    else:
        assert isinstance(observation, Found | Absent)


@pytest.mark.parametrize("name", sorted(WINDOWS))
def test_what_was_recorded_is_redacted(name: str) -> None:
    assert WINDOWS[name].redacted(recorded(name), REDACTOR, Platform.WINDOWS) == recorded(name)


def test_iis_is_not_on_it() -> None:
    assert isinstance(IIS.observe(recorded("iis"), Platform.WINDOWS), Absent)


@pytest.fixture(scope="module")
def wine(tmp_path_factory: pytest.TempPathFactory, sshd_program: str) -> Iterator[tuple[Sshd, Path]]:
    if not has_wine():
        pytest.skip("no Wine on this machine")
    with wine_host(tmp_path_factory.mktemp("wine"), sshd_program) as running:
        yield running


@pytest.fixture(scope="module")
def recording(wine: tuple[Sshd, Path]) -> Recording:
    sshd, _ = wine
    asked = collect_host(_as_windows(sshd), CollectionRequest(sshd.options(connect_timeout=60.0), b"k" * 32))
    assert asked.bug == ""
    assert asked.result.outcome is Outcome.ANSWERED, asked.result.reason
    assert asked.result.platform is Platform.WINDOWS
    assert asked.result.recording is not None
    return asked.result.recording


@pytest.mark.live
class TestLive:
    def observation(self, recording: Recording, name: str) -> Observation[object]:
        return WINDOWS[name].observe(recording.section(name), Platform.WINDOWS, recording.missing.get(name, ""))

    def test_every_section_is_answered(self, recording: Recording) -> None:
        assert recording.missing == {}
        assert {each.section for each in recording.sections} == set(WINDOWS)

    def test_what_the_witnesses_say(self, recording: Recording, wine: tuple[Sshd, Path]) -> None:
        """``ver`` and the registry agree; the processes have the program that listed them."""
        sshd, _ = wine
        with connect(_as_windows(sshd), sshd.options()) as transport:
            said = transport.run_verbatim("ver").stdout.decode()  # type: ignore[attr-defined]
        system = self.observation(recording, "system")
        processes = self.observation(recording, "processes")
        assert isinstance(system, Found)
        assert isinstance(processes, Found)
        assert system.value.distribution.version in said  # type: ignore[attr-defined]
        assert "tasklist.exe" in [each.name for each in processes.value]  # type: ignore[attr-defined]
        assert "services.exe" in [each.name for each in processes.value]  # type: ignore[attr-defined]

    def test_services_come_from_the_registry(self, recording: Recording) -> None:
        services = self.observation(recording, "services")
        assert isinstance(services, Found)
        names = [each.name for each in services.value.services]  # type: ignore[attr-defined]
        assert "PlugPlay" in names
        assert services.gaps

    def test_a_question_that_hangs_costs_none_of_the_others(self, wine: tuple[Sshd, Path]) -> None:
        sshd, _ = wine
        sections: tuple[Section[object], ...] = tuple(
            Section(name, "", (Variant(Platform.WINDOWS, f"run said {words}", lambda _: Absent("")),))
            for name, words in (("before", "ver"), ("hangs", "ping -n 600 127.0.0.1"), ("behind", "ver"))
        )
        with connect(_as_windows(sshd), sshd.options(connect_timeout=60.0)) as transport:
            recording = run_probe(
                transport, Platform.WINDOWS, REDACTOR, "win01", time.time, ProbeOptions(sections=sections, timeout=60.0)
            )
        assert recording.missing == {}
        assert {each.section: each.unfinished for each in recording.sections} == {
            "before": False,
            "hangs": True,
            "behind": False,
        }

    def test_behind_the_shell_of_cygwin_the_answers_are_the_same(
        self, wine: tuple[Sshd, Path], recording: Recording, sshd_program: str, tmp_path: Path
    ) -> None:
        """A POSIX shell in which ``uname`` names Cygwin and ``cmd.exe`` is a program: quotes must reach the latter."""
        _, drive = wine
        sshd = cygwin_host(tmp_path, sshd_program, drive.parent)
        try:
            asked = collect_host(sshd.host("win02"), CollectionRequest(sshd.options(connect_timeout=60.0), b"k" * 32))
        finally:
            stop(sshd)
        assert asked.bug == ""
        assert asked.result.platform is Platform.WINDOWS, asked.result.reason
        found = asked.result.recording
        assert found is not None
        assert found.missing == {}
        for name in ("system", "services", "packages"):
            ours, theirs = self.observation(found, name), self.observation(recording, name)
            assert isinstance(ours, Found), ours
            assert isinstance(theirs, Found)
            assert type(ours.value) is type(theirs.value)
            assert [part.status for part in found.section(name).parts] == [  # type: ignore[union-attr]
                part.status
                for part in recording.section(name).parts  # type: ignore[union-attr]
            ]

    def test_nothing_is_written_on_the_host(self, wine: tuple[Sshd, Path]) -> None:
        sshd, drive = wine
        host = _as_windows(sshd)
        before = _files(drive)
        collect_host(host, CollectionRequest(sshd.options(connect_timeout=60.0), b"k" * 32))
        time.sleep(0.1)
        assert _files(drive) == before


def _as_windows(sshd: Sshd) -> Host:
    return sshd.host("win01", variables=VARIABLES)


def _files(drive: Path) -> dict[str, int]:
    """Files with their times; not the folder where the stand-in for the SSH server puts the command line."""
    return {
        str(path): path.stat().st_mtime_ns
        for path in drive.rglob("*")
        if path.is_file() and not path.is_symlink() and "windows/temp" not in str(path)
    }
