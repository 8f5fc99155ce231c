"""Packages and owners, from three package managers.

The answers of dpkg are recordings of real hosts. Those of rpm are what rpm 4.20 printed for two packages that were
built for this test (of an older rpm there is no host here); those of apk follow the description of its database.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.model.packages import Packages
from inventory.observation import Absent, Found
from inventory.platforms import Platform
from inventory.recording import SectionRecording
from inventory.section import ParseError
from inventory.sections.packages import SECTION, parse
from tests.support.live import ask, found
from tests.support.recordings import answer, recorded

RPM = (
    b"demo-base\t2\t1.4-3.el7\tnoarch\tdemo-base-1.4-3.el7.src.rpm\t4\n"
    b"demo-tools\t(none)\t1.4-3.el7\tnoarch\tdemo-base-1.4-3.el7.src.rpm\t4\n"
    b"gpg-pubkey\t(none)\tf4a80eb5-53a7ff4b\t(none)\t(none)\t0\n"
)
RPM_PATHS = b"/usr/bin/demo-one\n/usr/bin/gone\n/usr/bin/other\n/usr/bin/demo-two\n/etc/init.d/demo\n"
RPM_OWNERS = (
    b"demo-base\ndemo-tools\nfile /proc/self/stat is not owned by any package\n"
    b"file /proc/self/stat is not owned by any package\n"
    b"file /usr/bin/other is not owned by any package\nfile /proc/self/stat is not owned by any package\n"
    b"demo-tools\nfile /proc/self/stat is not owned by any package\n"
    b"demo-base\nfile /proc/self/stat is not owned by any package\n"
)
APK = b"P:musl\nV:1.2.4-r2\nA:x86_64\nI:638976\no:musl\nP:busybox\nV:1.36.1-r5\nA:x86_64\nI:962560\no:busybox\n"


def packages(recording: SectionRecording) -> Packages:
    value = found(SECTION, recording)
    assert isinstance(value, Packages)
    return value


def test_dpkg_names_version_source_and_size() -> None:
    by_name = {package.name: package for package in packages(recorded("web01", "packages")).packages}

    apache = by_name["apache2-bin"]
    assert (apache.source, apache.manager, apache.architecture) == ("apache2", "dpkg", "amd64")
    assert apache.version.startswith("2.4.")
    assert apache.size_bytes > 1024 * 1024
    assert by_name["dash"].essential
    assert by_name["dash"].source == "dash"
    assert not apache.essential


def test_an_owner_is_found_under_both_names_of_a_merged_usr() -> None:
    """web01 has /bin as a link into /usr, and its packages still say /bin/sh; trixie01's say /usr/bin/sh."""
    for host in ("web01", "trixie01"):
        value = packages(recorded(host, "packages"))
        assert value.owner_of("/bin/sh") == value.owner_of("/usr/bin/sh") == "dash"
    assert packages(recorded("web01", "packages")).owner_of("/opt/app/app.py") is None


def test_an_ordinary_user_is_told_what_is_missing() -> None:
    observation = SECTION.observe(recorded("app01-user", "packages"), Platform.POSIX)

    assert isinstance(observation, Found)
    assert ["become" in gap.reason for gap in observation.gaps] == [True]
    assert observation.value.owner_of("/etc/init.d/cron") == "cron"


def test_a_removed_package_is_not_installed() -> None:
    rows = b"gone\t1\tall\t\t\t10\tdeinstall ok config-files\nheld\t1:2\tall\tsrc (1)\tno\t\thold ok installed\n"
    (package,) = packages(answer("packages", dpkg=rows)).packages

    assert (package.name, package.source, package.size_bytes) == ("held", "src", 0)


def test_rpm_names_epoch_and_source_and_leaves_keys_out() -> None:
    base, tools = packages(answer("packages", rpm=RPM)).packages

    assert (base.version, base.source, base.size_bytes) == ("2:1.4-3.el7", "demo-base", 4)
    assert (tools.name, tools.version) == ("demo-tools", "1.4-3.el7")


def test_rpm_owners_are_tied_to_their_path() -> None:
    """Also where a path has two owners, none, or has vanished."""
    value = packages(answer("packages", rpm=RPM, rpm_paths=RPM_PATHS, rpm_owners=RPM_OWNERS))

    assert [(owner.path, owner.package) for owner in value.owners] == [
        ("/usr/bin/demo-one", "demo-base"),
        ("/usr/bin/demo-one", "demo-tools"),
        ("/usr/bin/demo-two", "demo-tools"),
        ("/etc/init.d/demo", "demo-base"),
    ]
    with pytest.raises(ParseError, match="not asked"):
        parse(answer("packages", rpm=RPM, rpm_paths=b"/usr/bin/demo-one\n", rpm_owners=RPM_OWNERS))


def test_apk_packages_and_owners() -> None:
    value = packages(answer("packages", apk=APK, apk_owners=b"busybox\t/bin/busybox\n"))

    assert [(package.name, package.version, package.size_bytes) for package in value.packages] == [
        ("musl", "1.2.4-r2", 638976),
        ("busybox", "1.36.1-r5", 962560),
    ]
    assert value.owner_of("/usr/bin/busybox") == "busybox"


def test_apk_owners_come_from_its_database(tmp_path: object) -> None:
    """The fragment's own awk, given a database of apk."""
    variant = SECTION.variant(Platform.POSIX)
    assert variant is not None
    program = variant.fragment.split("| awk '")[1].split("'\n")[0]
    database = (
        "/bin/busybox\n/sbin/none\n=\nP:busybox\nV:1\nF:bin\nR:busybox\nR:sh\nF:etc\nP:zlib\nF:lib\nR:libz.so.1\n"
    )
    for awk in filter(shutil.which, ("mawk", "gawk", "busybox")):
        command = [awk, program] if awk != "busybox" else ["busybox", "awk", program]
        done = subprocess.run(command, input=database, capture_output=True, text=True, check=True)
        assert done.stdout == "busybox\t/bin/busybox\n"


def test_a_system_without_a_package_manager_has_none() -> None:
    assert isinstance(SECTION.observe(SectionRecording("packages", ()), Platform.POSIX), Absent)


def test_a_database_that_cannot_be_read_is_a_gap() -> None:
    recording = answer("packages", dpkg=b"")
    failed = replace(recording, parts=(replace(recording.parts[0], status=2),))
    observation = SECTION.observe(failed, Platform.POSIX)

    assert isinstance(observation, Found)
    assert [gap.what for gap in observation.gaps] == ["packages"]


def test_this_machine_owns_its_shell() -> None:
    if shutil.which("dpkg-query") is None:
        pytest.skip("needs dpkg")
    value = packages(ask(SECTION)["packages"])
    listed = subprocess.run(
        ["dpkg-query", "-f", "${db:Status-Abbrev}\n", "-W"], capture_output=True, text=True, check=True
    )

    assert len(value.packages) == sum(line.startswith(("ii", "hi")) for line in listed.stdout.splitlines())
    assert value.owners


@given(
    st.sampled_from(["dpkg", "dpkg_owners", "rpm", "rpm_paths", "rpm_owners", "apk", "apk_owners"]),
    st.one_of(st.binary(max_size=80), st.text("\t\n:/aP1.", max_size=60).map(str.encode)),
)
def test_nothing_but_a_parse_error_comes_of_rubbish(name: str, content: bytes) -> None:
    manager = name.split("_", 1)[0]
    parts = {manager: {"dpkg": b"", "rpm": RPM, "apk": APK}[manager], "rpm_paths": RPM_PATHS, name: content}
    try:
        parse(answer("packages", **parts))
    except ParseError as error:
        assert str(error)
