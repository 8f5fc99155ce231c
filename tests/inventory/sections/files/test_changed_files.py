"""Files that differ from what their package brought.

web01 is a recording of a real host, rpm01 of a real rpm database (see its host.toml); apk's answers follow the
description of its database.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.model.changed_files import ChangedFiles
from inventory.observation import Absent, Found, Gap, Unknown
from inventory.platforms import Platform
from inventory.recording import SectionRecording
from inventory.section import ParseError
from inventory.sections.files.changed_files import SECTION, parse
from inventory.sections.software.packages import rpm_invocation
from tests.support.live import ask, found
from tests.support.recordings import answer, recorded

EMPTY = hashlib.md5(b"", usedforsecurity=False).hexdigest()
OTHER = "0" * 32


def differences(recording: SectionRecording) -> dict[str, tuple[str, ...]]:
    """By path."""
    value = found(SECTION, recording)
    assert isinstance(value, ChangedFiles)
    return {file.path: file.differences for file in value.files}


def test_edited_configuration_is_found_with_its_package() -> None:
    value = found(SECTION, recorded("web01", "changed_files"))

    assert ("/etc/apache2/envvars", "apache2", True, ("content",)) in [
        (file.path, file.package, file.configuration, file.differences) for file in value.files
    ]
    assert "/usr/lib/rsyslog/rsyslog-rotate" not in [file.path for file in value.files], "another package diverted it"


def test_an_ordinary_user_is_told_what_it_could_not_read() -> None:
    observation = SECTION.observe(recorded("app01-user", "changed_files"), Platform.POSIX)

    assert isinstance(observation, Found)
    assert any("permission denied" in gap.reason for gap in observation.gaps)


def test_only_installed_packages_are_compared() -> None:
    """Not what a removed package left behind, nor what a package gave up."""
    known = (
        f"Package: a\nStatus: install ok installed\n /etc/same {EMPTY}\n /etc/edited {OTHER}\n /etc/gone {OTHER}\n"
        f" /etc/secret {OTHER}\n /etc/old {OTHER} obsolete\nPackage: b\nStatus: deinstall ok config-files\n "
        f"/etc/b {OTHER}\n"
    ).encode()
    sums = (
        f"{EMPTY}  /etc/same\n{EMPTY}  /etc/edited\nmd5sum: /etc/gone: No such file or directory\n{EMPTY}  /etc/old\n"
        f"md5sum: /etc/secret: Permission denied\n{EMPTY}  /etc/b\n{EMPTY}  -\n"
    ).encode()
    recording = answer("changed_files", conffiles=known, conffile_sums=sums)

    assert differences(recording) == {"/etc/edited": ("content",), "/etc/gone": ("missing",)}
    observation = SECTION.observe(recording, Platform.POSIX)
    assert isinstance(observation, Found)
    assert [gap.what for gap in observation.gaps] == ["contents of 1 files of packages"]


def test_programs_are_compared_but_for_what_was_diverted() -> None:
    complaints = (
        b"usr/bin/edited: FAILED\nusr/bin/moved: FAILED\nmd5sum: usr/bin/gone: No such file or directory\n"
        b"usr/bin/gone: FAILED open or read\nmd5sum: etc/shadow-like: Permission denied\n"
        b"etc/shadow-like: FAILED open or read\nmd5sum: WARNING: 2 computed checksums did NOT match\n"
    )
    recording = answer(
        "changed_files",
        conffiles=b"",
        diversions=b"/usr/bin/moved\n/usr/bin/moved.distrib\nother\n",
        conffile_sums=b"",
        verified=complaints,
    )

    assert differences(recording) == {"/usr/bin/edited": ("content",), "/usr/bin/gone": ("missing",)}


def test_a_real_rpm_tells_edited_files() -> None:
    assert differences(recorded("rpm01", "changed_files")) == {
        "/etc/demo/demo.conf": ("content",),
        "/usr/bin/demo-two": ("content",),
    }


def test_rpm_of_every_age_is_read() -> None:
    """Eight, nine or more flags; what differs in time only counts if the look with digests says so."""
    first = (
        b".......T c /etc/touched\n.......T. c /etc/same-size\nS.5....T  c /etc/old\n.M...UG.    /srv/x y\n"
        b"missing     /usr/bin/gone\nmissing   c /etc/hidden (Permission denied)\n....L....  /usr/lib/link\n"
        b"error: something\n"
    )
    recording = answer("changed_files", rpm_verify=first, rpm_verify_again=b"..5....T.  c /etc/same-size\n")

    assert differences(recording) == {
        "/etc/same-size": ("content",),
        "/etc/old": ("content",),
        "/srv/x y": ("mode", "owner", "group"),
        "/usr/bin/gone": ("missing",),
        "/usr/lib/link": ("link",),
    }


def test_rpm_that_could_only_be_asked_as_another_user_hides_less_than_it_says() -> None:
    """Root cannot get at them with become, which it has; the tests of the estate show each way on a host."""
    hidden = b"missing     /opt/closed/key (Permission denied)\n"
    gaps = {}
    for reader in (b"\n", b"setpriv\n", b"chroot\n"):
        recording = answer("changed_files", rpm_reader=reader, rpm_verify=hidden)
        observation = SECTION.observe(recording, Platform.POSIX)
        assert isinstance(observation, Found)
        gaps[reader] = observation.gaps

    what = "contents of 1 files of packages"
    assert gaps[b"\n"] == gaps[b"setpriv\n"] == (Gap(what, "permission denied; scan with become"),)
    assert gaps[b"chroot\n"] == (Gap(what, rpm_invocation.WITHOUT_CAPABILITY),)


def test_rpm_that_was_not_asked_is_unknown_and_not_unchanged() -> None:
    recording = answer("changed_files", rpm_reader=b"bf_unread\n", rpm_verify=b"\n")

    assert SECTION.observe(recording, Platform.POSIX) == Unknown(rpm_invocation.NO_WAY)


def test_apk_keeps_hashes_in_base_64() -> None:
    brought = base64.b64encode(hashlib.sha1(b"x", usedforsecurity=False).digest()).decode()
    now = hashlib.sha1(b"y", usedforsecurity=False).hexdigest()
    recording = answer(
        "changed_files",
        apk_files=f"nginx\t/etc/nginx/nginx.conf\t{brought}\nbusybox\t/bin/x\t{brought}\n".encode(),
        apk_sums=f"{now}  /etc/nginx/nginx.conf\nsha1sum: can't open '/bin/x': No such file or directory\n".encode(),
    )

    assert differences(recording) == {"/etc/nginx/nginx.conf": ("content",), "/bin/x": ("missing",)}


def test_nothing_is_hashed_beneath_a_remote_file_system() -> None:
    observation = SECTION.observe(answer("changed_files", conffiles=b"", away=b"/usr\n"), Platform.POSIX)

    assert isinstance(observation, Found)
    assert "remote" in observation.gaps[0].reason


def test_a_system_without_a_package_manager_has_none() -> None:
    assert isinstance(SECTION.observe(SectionRecording("changed_files", ()), Platform.POSIX), Absent)


def test_dpkg_agrees_about_this_machine() -> None:
    """``dpkg --verify`` of a package looks at the same configuration files."""
    if shutil.which("dpkg") is None:
        pytest.skip("needs dpkg")
    value = found(SECTION, ask(SECTION)["changed_files"])
    ours = {file.path for file in value.files if Path(file.path).exists()}
    packages = sorted({file.package for file in value.files} | {"bash", "login"})
    listed = subprocess.run(["dpkg", "--verify", *packages], capture_output=True, text=True, check=False).stdout
    theirs = {line.split(" c ")[1] for line in listed.splitlines() if " c /etc/" in line and line[2] == "5"}

    assert {path for path in ours if path.startswith("/etc/")} == theirs


@given(
    st.sampled_from(
        "conffiles conffile_sums diversions verified rpm_verify rpm_verify_again rpm_reader apk_files apk_sums "  # noqa: SIM905
        "away".split()
    ),
    st.one_of(st.binary(max_size=80), st.text("\t\n:/a50. -=SMTc", max_size=60).map(str.encode)),
)
def test_nothing_but_a_parse_error_comes_of_rubbish(name: str, content: bytes) -> None:
    first = {"r": "rpm_verify", "a": "apk_files"}.get(name[0], "conffiles")
    try:
        parse(answer("changed_files", **{first: b"", name: content}))
    except ParseError as error:
        assert str(error)
