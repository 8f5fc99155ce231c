"""Files of no package: on recorded hosts, on this machine, and in an answer made by hand."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.model.unmanaged_files import DirectorySummary, UnmanagedFiles
from inventory.observation import Found, Unknown
from inventory.platforms import Platform
from inventory.section import ParseError
from inventory.sections.files.unmanaged_files import MOST_FILES, SECTION, parse
from tests.support.live import ask, found
from tests.support.recordings import answer, recorded

LIST = b"""\
41ed 4096 0 0 1700000000 /
81a4 120 0 0 1600000000 /etc/owned.conf
8180 33 1000 1000 1700000001 /etc/app/own secret.conf
a1ff 11 0 0 1650000000 /opt/app/current
41ed 4096 0 0 1650000000 /opt/app/.git
c1b6 0 33 33 1650000000 /srv/app.sock
89ed 8 0 0 1650000002.5 /opt/app/bin/tool
"""


def files(host: str) -> UnmanagedFiles:
    """What a recording says."""
    value = found(SECTION, recorded(host, "unmanaged_files"))
    assert isinstance(value, UnmanagedFiles)
    return value


def test_what_somebody_put_there_is_told_and_what_a_package_brought_is_not() -> None:
    """web01 has a shop in /var/www; the configuration of its Apache is of a package."""
    paths = {file.path for file in files("web01").files}

    assert "/var/www/app/lib/shop.php" in paths
    assert "/etc/apache2/sites-enabled/shop.conf" in paths
    assert "/etc/apache2/apache2.conf" not in paths


def test_rpm_owns_files_too() -> None:
    paths = {file.path for file in files("rpm01").files}

    assert "/opt/shop/index.php" in paths
    assert not paths & {"/opt/demo/lib/data", "/etc/demo/demo.conf"}


def test_an_ordinary_user_is_told_what_it_could_not_see() -> None:
    observation = SECTION.observe(recorded("app01-user", "unmanaged_files"), Platform.POSIX)

    assert isinstance(observation, Found)
    assert [gap.reason for gap in observation.gaps] == ["permission denied; scan with become"]


def test_size_owner_mode_kind_and_time() -> None:
    recording = answer("unmanaged_files", roots=b"/etc\n/opt\n", owned=b"/etc/owned.conf\n", list=LIST)
    value = found(SECTION, recording)

    assert [(file.path, file.kind, file.size_bytes, file.uid, file.mode, file.modified) for file in value.files] == [
        ("/etc/app/own secret.conf", "file", 33, 1000, 0o600, 1700000001),
        ("/opt/app/.git", "directory", 4096, 0, 0o755, 1650000000),
        ("/opt/app/bin/tool", "file", 8, 0, 0o4755, 1650000002),
        ("/opt/app/current", "link", 11, 0, 0o777, 1650000000),
        ("/srv/app.sock", "socket", 0, 33, 0o666, 1650000000),
    ]
    assert value.by_directory == (
        DirectorySummary("/etc", 1, 33, 1700000001),
        DirectorySummary("/etc/app", 1, 33, 1700000001),
        DirectorySummary("/opt", 3, 4115, 1650000002),
        DirectorySummary("/opt/app", 3, 4115, 1650000002),
        DirectorySummary("/srv", 1, 0, 1650000000),
    )
    assert [file.path for file in value.below("/opt/app/")] == [
        "/opt/app/.git",
        "/opt/app/bin/tool",
        "/opt/app/current",
    ]


def test_more_files_than_are_listed_are_a_gap() -> None:
    many = b"".join(b"81a4 1 0 0 1 /srv/%d\n" % number for number in range(MOST_FILES))
    observation = SECTION.observe(answer("unmanaged_files", roots=b"/srv\n", list=many), Platform.POSIX)

    assert isinstance(observation, Found)
    assert [gap.reason for gap in observation.gaps] == ["there are more than are listed"]


def test_a_host_without_stat_cannot_be_described() -> None:
    recording = answer("unmanaged_files", b"xargs: stat: No such file or directory\n", roots=b"/srv\n", list=b"")

    assert isinstance(SECTION.observe(recording, Platform.POSIX), Unknown)


def test_a_host_with_none_of_the_places_has_no_such_files() -> None:
    assert found(SECTION, answer("unmanaged_files", roots=b"\n")).files == ()


def test_a_new_file_is_seen_and_one_of_a_package_is_not(tmp_path: Path) -> None:
    """On this machine; dpkg itself says who owns what was not listed."""
    if shutil.which("dpkg-query") is None or not os.access("/srv", os.W_OK):
        pytest.skip("needs dpkg, and root")
    place = Path("/srv") / f"brownfield-test-{os.getpid()}"
    place.mkdir()
    try:
        (place / "a name").write_text("four")
        (place / "two\nlines").write_text("")
        (place / "node_modules" / "left").mkdir(parents=True)
        (place / "node_modules" / "left" / "pad.js").write_text("")
        value = found(SECTION, ask(SECTION)["unmanaged_files"])
        ours = {file.path: file for file in value.files}
    finally:
        shutil.rmtree(place)

    assert [(Path(file.path).name, file.size_bytes) for file in value.below(str(place)) if file.kind == "file"] == [
        ("a name", 4)
    ]
    assert ours[f"{place}/node_modules"].kind == "directory"
    sample = [path for path in ours if path.startswith("/etc/")][:40]
    owned = subprocess.run(["dpkg-query", "-S", *sample], capture_output=True, text=True, check=False).stdout
    assert not [line for line in owned.splitlines() if not line.startswith("diversion by")]


@given(
    st.sampled_from(["roots", "owned", "list"]),
    st.one_of(st.binary(max_size=80), st.text("\n/a081 .ef", max_size=60).map(str.encode)),
)
def test_nothing_but_a_parse_error_comes_of_rubbish(name: str, content: bytes) -> None:
    try:
        parse(answer("unmanaged_files", **{"roots": b"/srv\n", "list": LIST, name: content}))
    except ParseError as error:
        assert str(error)
