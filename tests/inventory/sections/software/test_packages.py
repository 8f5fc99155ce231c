"""Packages, their owners, repositories and held versions, from every package manager that is known.

The answers of dpkg are recordings of real hosts. Those of rpm are what rpm 4.20 printed for two packages that were
built for this test (of an older rpm there is no host here); those of apk, opkg, pacman and Slackware follow the
descriptions of their databases.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.model.packages import Packages
from inventory.observation import Absent, Found
from inventory.platforms import Platform
from inventory.recording import SectionRecording
from inventory.section import ParseError
from inventory.sections.software.packages import SECTION, parse
from tests.support.live import REDACTOR, ask, found
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


def test_when_and_why_a_package_came_and_what_holds_it() -> None:
    """As dpkg 1.19.3 and apt say; an older dpkg leaves the time empty."""
    rows = (
        b"curl\t8\tamd64\t\t\t10\tinstall ok installed\t1700000000\n"
        b"libcurl4\t8\tamd64\tcurl\t\t10\thold ok installed\t\n"
    )
    auto = b"Package: libcurl4\nAuto-Installed: 1\nPackage: curl\nAuto-Installed: 0\n"
    curl, library = packages(answer("packages", dpkg=rows, apt_auto=auto)).packages

    assert (curl.installed_at, curl.automatic, curl.held) == (1700000000, False, False)
    assert (library.installed_at, library.automatic, library.held) == (None, True, True)
    assert packages(answer("packages", dpkg=rows)).packages[0].automatic is None


DPKG_ROWS = b"curl\t8\tamd64\t\t\t10\tinstall ok installed\t1\nshop\t2\tall\t\t\t10\tinstall ok installed\t1\n"
LISTS = b"/var/lib/apt/lists/deb.example_debian_dists_stable_main_binary-amd64_Packages"
OFFERED = b"deb.example_debian_dists_stable_main_binary-amd64_Packages:Package: curl\n"


@pytest.mark.parametrize(
    ("sources", "shop"),
    [
        (b"deb http://deb.example/debian stable main", ()),
        (b"deb http://deb.example/debian stable main contrib", None),
        (b"# nothing", None),
    ],
    ids=["every list is there", "the list of contrib is missing", "no repository"],
)
def test_a_package_comes_from_no_repository_only_if_all_their_lists_were_searched(
    sources: bytes, shop: tuple[str, ...] | None
) -> None:
    recording = answer(
        "packages",
        dpkg=DPKG_ROWS,
        apt_lists=OFFERED,
        apt_list_names=LISTS + b"\n",
        sources=b"/etc/apt/sources.list:" + sources + b"\n",
    )
    found = {package.name: package.repositories for package in packages(recording).packages}

    assert found == {"curl": ("deb.example_debian_dists_stable_main",), "shop": shop}


SOURCES = b"""\
/etc/apt/sources.list:# deb http://old.example/debian stable main
/etc/apt/sources.list:deb [arch=amd64 trusted=yes] https://me:geheim99@apt.example/debian stable main contrib # ours
/etc/apt/sources.list:deb-src http://apt.example/debian stable main
/etc/apt/sources.list.d/new.sources:Types: deb deb-src
/etc/apt/sources.list.d/new.sources:URIs: http://one.example/d http://two.example/d
/etc/apt/sources.list.d/new.sources:Suites: trixie
/etc/apt/sources.list.d/new.sources: trixie-updates
/etc/apt/sources.list.d/new.sources:Components: main
/etc/apt/sources.list.d/new.sources:Enabled: no
/etc/apt/sources.list.d/new.sources:
/etc/apt/sources.list.d/new.sources:Types: deb-src
/etc/apt/sources.list.d/new.sources:URIs: http://three.example/d
/etc/apt/preferences.d/pin:Package: nginx*
/etc/apt/preferences.d/pin:Pin: version 1.18*
/etc/apt/preferences.d/pin:Pin-Priority: 1001
/etc/yum.conf:[main]
/etc/yum.conf:exclude=kernel* php*
/etc/yum.repos.d/app.repo:[app]
/etc/yum.repos.d/app.repo:baseurl=http://one.example/app/
/etc/yum.repos.d/app.repo:        http://two.example/app/
/etc/yum.repos.d/app.repo:enabled = 0
/etc/yum.repos.d/app.repo:gpgcheck=no
/etc/dnf/plugins/versionlock.list:!demo-0:1.2-3.*
/etc/zypp/locks:type: package
/etc/zypp/locks:match_type: glob
/etc/zypp/locks:solvable_name: mariadb*
/etc/apk/repositories:@edge https://dl.example/alpine/edge/main
/etc/apk/world:busybox
/etc/apk/world:nginx=1.24.0-r7
/etc/apk/world:!ssmtp
/etc/opkg/feeds.conf:src/gz base http://feeds.example/base
/etc/pacman.conf:[options]
/etc/pacman.conf:IgnorePkg = linux
"""


def test_repositories_and_pins_of_every_kind() -> None:
    """Addresses lose their credentials before anything is kept, and are told without them."""
    recording = SECTION.redact(answer("packages", dpkg=DPKG_ROWS, sources=SOURCES), REDACTOR)
    value = packages(recording)

    assert b"geheim99" not in recording.to_text()
    assert value.repositories is not None
    assert value.pins is not None
    assert [
        (one.name, one.urls, one.suites, one.components, one.enabled, one.verified) for one in value.repositories
    ] == [
        ("", ("https://apt.example/debian",), ("stable",), ("main", "contrib"), True, False),
        ("", ("http://one.example/d", "http://two.example/d"), ("trixie", "trixie-updates"), ("main",), False, None),
        ("app", ("http://one.example/app/", "http://two.example/app/"), (), (), False, False),
        ("edge", ("https://dl.example/alpine/edge/main",), (), (), True, None),
        ("base", ("http://feeds.example/base",), (), (), True, None),
    ]
    assert [(pin.packages, pin.rule) for pin in value.pins] == [
        ("nginx*", "version 1.18*, priority 1001"),
        ("kernel* php*", "excluded"),
        ("demo-0:1.2-3.*", "excluded"),
        ("mariadb*", "locked"),
        ("nginx", "=1.24.0-r7"),
        ("ssmtp", "excluded"),
        ("linux", "excluded"),
    ]
    lines = SOURCES.decode().split("\n")
    assert all(lines[fact.origin.line - 1].startswith(fact.path) for fact in (*value.repositories, *value.pins))


def test_a_recording_from_before_repositories_were_asked_for_says_so() -> None:
    value = packages(recorded("trixie01", "packages"))

    assert (value.repositories, value.pins) == (None, None)


def test_an_rpm_host_tells_its_packages_owners_and_repositories() -> None:
    """The recording of rpm01: the daemon that runs there, its init script, and a lock."""
    value = packages(recorded("rpm01", "packages"))
    base = next(package for package in value.packages if package.name == "demo-base")

    assert (value.manager, base.version, base.vendor) == ("rpm", "2:1.4-3.el7", "Demo Project")
    assert base.installed_at is not None
    assert value.owner_of("/usr/sbin/demod") == value.owner_of("/etc/init.d/demo") == "demo-base"
    assert value.repositories is not None
    assert value.pins is not None
    assert [(one.name, one.urls, one.enabled) for one in value.repositories] == [
        ("base", ("http://mirror.example/base/",), True),
        ("old", ("http://mirror.example/?a",), False),
    ]
    assert [pin.packages for pin in value.pins] == ["2:demo-base-1.4-3.el7.*"]


def test_yum_notes_the_repository_of_each_package() -> None:
    """What was installed from a file is noted as ``installed``."""
    noted = (
        b"/var/lib/yum/yumdb/d/0f00-demo-base-1.4-3.el7-noarch/from_repo:base\n"
        b"/var/lib/yum/yumdb/d/0f01-demo-tools-1.4-3.el7-noarch/from_repo:installed\n"
    )
    found = {
        package.name: package.repositories for package in packages(answer("packages", rpm=RPM, yumdb=noted)).packages
    }

    assert found == {"demo-base": ("base",), "demo-tools": ()}


def test_packages_of_opkg() -> None:
    status = (
        b"Package: dropbear\nVersion: 2022.82-2\nStatus: install user installed\nArchitecture: mips_24kc\n"
        b"Installed-Time: 1600000000\nPackage: gone\nVersion: 1\nStatus: deinstall ok not-installed\n"
        b"Package: libc\nVersion: 1\nStatus: install hold,essential installed\nAuto-Installed: yes\n"
    )
    value = packages(answer("packages", opkg=status, opkg_owners=b"dropbear.list:/usr/sbin/dropbear\n"))
    dropbear, libc = value.packages

    assert (dropbear.version, dropbear.installed_at, dropbear.held) == ("2022.82-2", 1600000000, False)
    assert (libc.held, libc.essential, libc.automatic) == (True, True, True)
    assert value.owner_of("/usr/sbin/dropbear") == "dropbear"


def test_packages_of_pacman() -> None:
    """An epoch puts a colon into the name of the directory."""
    desc = (
        b"./zlib-1:1.3.1-2/desc:%NAME%\n./zlib-1:1.3.1-2/desc-zlib\n--\n./zlib-1:1.3.1-2/desc:%VERSION%\n"
        b"./zlib-1:1.3.1-2/desc-1:1.3.1-2\n--\n./zlib-1:1.3.1-2/desc:%REASON%\n./zlib-1:1.3.1-2/desc-1\n--\n"
        b"./zlib-1:1.3.1-2/desc:%SIZE%\n./zlib-1:1.3.1-2/desc-500\n"
    )
    value = packages(answer("packages", pacman=desc, pacman_owners=b"./zlib-1:1.3.1-2/files:usr/lib/libz.so.1\n"))
    (zlib,) = value.packages

    assert (zlib.name, zlib.version, zlib.automatic, zlib.size_bytes) == ("zlib", "1:1.3.1-2", True, 500)
    assert value.owner_of("/usr/lib/libz.so.1") == "zlib"


def test_packages_of_slackware() -> None:
    value = packages(
        answer(
            "packages",
            slackware=b"aaa_base-15.0-x86_64-4_slack15.0\nlibpng-1.6.37-i586-2\n",
            slackware_owners=b"./libpng-1.6.37-i586-2:usr/lib/libpng16.so.16\n",
        )
    )

    assert [(package.name, package.version, package.architecture) for package in value.packages] == [
        ("aaa_base", "15.0-4_slack15.0", "x86_64"),
        ("libpng", "1.6.37-2", "i586"),
    ]
    assert value.owner_of("/usr/lib/libpng16.so.16") == "libpng"


def test_configuration_as_it_was_brought_is_told_with_its_package() -> None:
    recording = answer(
        "packages",
        dpkg=b"bash\t5.2-1\tamd64\tbash\tyes\t7164\tinstall ok installed\n",
        shipped=b"bash /etc/skel/.bashrc\n- /etc/dovecot/dovecot.conf\n",
    )

    assert [(each.path, each.package) for each in packages(recording).shipped] == [
        ("/etc/dovecot/dovecot.conf", ""),
        ("/etc/skel/.bashrc", "bash"),
    ]


def test_dpkg_and_ucf_are_asked_and_no_link_is_followed(tmp_path: Path) -> None:
    if shutil.which("dpkg") is None:
        pytest.skip("needs dpkg")
    status, ucf, folder = tmp_path / "status", tmp_path / "hashfile", tmp_path / "etc"
    folder.mkdir()
    for name in ("same", "edited", "ours"):
        (folder / name).write_text(name)
    (folder / "link").symlink_to(folder / "same")
    os.mkfifo(folder / "pipe")
    hashed = {name: hashlib.md5(name.encode(), usedforsecurity=False).hexdigest() for name in ("same", "ours")}
    status.write_text(
        "Package: a\nStatus: install ok installed\nConffiles:\n"
        + "".join(f" {folder}/{name} {hashed['same']}\n" for name in ("same", "edited", "link", "pipe", "gone"))
    )
    ucf.write_text(f"{hashed['ours']}  {folder}/ours\n")
    change = {
        "package }' /var/lib/dpkg/status": f"package }}' {status}",
        "/var/lib/ucf/hashfile": str(ucf),
        "/etc/*)\n          # an account": f"{folder}/*)\n          # an account",
        "/^ \\/etc\\/[^ ]+ [0-9a-f]+$/": "/^ \\/[^ ]+ [0-9a-f]+$/",
        "$2 ~ /^\\/etc\\//": "$2 ~ /^\\//",
    }
    value = packages(ask(SECTION, change=change)["packages"])

    assert [(each.path, each.package) for each in value.shipped] == [(f"{folder}/ours", ""), (f"{folder}/same", "a")]


def test_this_machine_ships_what_dpkg_does_not_complain_of() -> None:
    if shutil.which("dpkg") is None:
        pytest.skip("needs dpkg")
    shipped = packages(ask(SECTION)["packages"]).shipped
    names = sorted({each.package for each in shipped if each.package})
    listed = subprocess.run(["dpkg", "--verify", *names], capture_output=True, text=True, check=False).stdout
    changed = {line.split(" c ")[1] for line in listed.splitlines() if " c /etc/" in line}

    assert "/etc/bash.bashrc" in {each.path for each in shipped} | changed
    assert not changed & {each.path for each in shipped}


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
    st.sampled_from(
        """dpkg dpkg_owners apt_auto apt_lists apt_list_names sources rpm rpm_paths rpm_owners yumdb apk apk_owners opkg
        opkg_owners pacman pacman_owners slackware slackware_owners""".split()  # noqa: SIM905
    ),
    st.one_of(st.binary(max_size=80), st.text("\t\n:/aP1. %-[]=", max_size=60).map(str.encode)),
)
def test_nothing_but_a_parse_error_comes_of_rubbish(name: str, content: bytes) -> None:
    manager = {"apt": "dpkg", "sources": "dpkg", "yumdb": "rpm"}.get(name.split("_", 1)[0], name.split("_", 1)[0])
    parts = {
        manager: {"dpkg": DPKG_ROWS, "rpm": RPM, "apk": APK}.get(manager, b""),
        "rpm_paths": RPM_PATHS,
        name: content,
    }
    try:
        parse(answer("packages", **parts))
    except ParseError as error:
        assert str(error)


def test_packages_whose_scripts_have_to_be_run_again_are_there() -> None:
    """The states in which dpkg left them; what is only half there is told."""
    states = ["triggers-pending", "triggers-awaited", "half-configured", "unpacked", "half-installed", "not-installed"]
    rows = "".join(f"of-{state}\t1\tall\t\t\t10\tinstall ok {state}\t\n" for state in states)
    observation = SECTION.observe(answer("packages", sources=b"", dpkg=rows.encode()), Platform.POSIX)

    assert isinstance(observation, Found)
    assert [package.name for package in observation.value.packages] == [f"of-{state}" for state in states[:4]]
    assert [(gap.what, gap.reason) for gap in observation.gaps] == [
        ("1 packages in the state half-installed", "only a part of their files is there: of-half-installed")
    ]
