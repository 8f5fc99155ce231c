"""The list of the packages inside an image, for each package manager."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containerize.host import apk_database, rpm_database
from containerize.image.package_lists import (
    APK_INSTALLED,
    APK_WORLD,
    PACKAGE_LISTS,
    RPM_MANIFEST,
    STATUS,
    ImagePackage,
    PackageList,
    list_of,
)
from tests.containerize.closure.pretend_host import PretendHost
from tests.support.package_databases import answer


def row(manager: str) -> PackageList:
    known = list_of(manager)
    assert known is not None
    return known


def test_apk_s_list_holds_what_is_inside_and_world_what_nothing_else_asks_for() -> None:
    world = b"alpine-baselayout\nalpine-keys\napk-tools>2\nbusybox\n!uclibc-utils\nssl_client\n"
    answers = {apk_database.INSTALLED: answer("alpine-3.18.9"), apk_database.WORLD: world}
    database = apk_database.read(answers)
    inside = [database.packages[name] for name in ("musl", "busybox", "busybox-binsh", "scanelf", "zlib")]
    cut = row("apk").cut(answers, database, inside)
    listed = list(row("apk").read(cut[APK_INSTALLED]))
    assert [each.name for each in listed] == ["busybox", "busybox-binsh", "musl", "scanelf", "zlib"]
    assert listed[0] == ImagePackage("apk", "busybox", "1.36.1-r7", "x86_64")
    assert listed[3] == ImagePackage("apk", "scanelf", "1.3.7-r1", "x86_64", "pax-utils")
    assert cut[APK_WORLD] == b"busybox\nbusybox-binsh\nscanelf\nzlib\n"
    # The whole of it is the host's own, byte for byte.
    everything = row("apk").cut(answers, database, list(database.packages.values()))
    assert everything[APK_INSTALLED] == answers[apk_database.INSTALLED]
    assert b"apk-tools>2\n" in everything[APK_WORLD]


@pytest.mark.parametrize(
    ("inside", "world", "kept"),
    [
        ("ab", b"c\n", b"a\n"),  # they ask for each other, and what asked for them is not inside
        ("abc", b"c>1\n", b"c>1\n"),
        ("abc", b"", b"c\n"),
        ("abcd", b"b\n", b"b\nc\nd\n"),
    ],
)
def test_nothing_inside_is_left_for_apk_to_take_away(inside: str, world: bytes, kept: bytes) -> None:
    needs = {"a": "b", "b": "a", "c": "so:a", "d": "d-doc"}
    rows = (f"P:{name}\nV:1\nA:x86_64\nD:{need}\np:so:{name}=1\n" for name, need in needs.items())
    answers = {apk_database.INSTALLED: "\n".join(rows).encode(), apk_database.WORLD: world}
    database = apk_database.read(answers)
    cut = row("apk").cut(answers, database, [database.packages[name] for name in inside])
    assert cut[APK_WORLD] == kept


def test_rpm_s_manifest_has_ten_columns_and_the_packages_inside() -> None:
    answers = {rpm_database.INSTALLED: answer("rpm-4.20")}
    database = rpm_database.read(answers)
    inside = [database.packages[name] for name in ("zlib1g", "lighttpd", "bash")]
    content = row("rpm").cut(answers, database, inside)[RPM_MANIFEST]
    rows = [line.split("\t") for line in content.decode().splitlines()]
    assert [each[0] for each in rows] == ["bash", "lighttpd", "zlib1g"]
    assert {len(each) for each in rows} == {10}
    assert [(each[5], each[7], each[8]) for each in rows] == [
        ("(none)", "x86_64", "0"), ("(none)", "x86_64", "0"), ("(none)", "x86_64", "1"),
    ]  # fmt: skip
    listed = {each.name: each for each in row("rpm").read(content)}
    assert listed["zlib1g"].version.startswith("1:1.3.dfsg")
    assert {name: each.version for name, each in listed.items()} == {each.name: each.version for each in inside}
    assert listed["bash"].source == "debian"


def test_a_list_can_lose_packages() -> None:
    answers = {rpm_database.INSTALLED: answer("rpm-4.20"), apk_database.INSTALLED: answer("alpine-3.18.9")}
    for manager, reader, path, names in (
        ("rpm", rpm_database.read, RPM_MANIFEST, {"bash", "glibc"}),
        ("apk", apk_database.read, APK_INSTALLED, {"musl", "zlib"}),
    ):
        database = reader(answers)
        content = row(manager).cut(answers, database, list(database.packages.values()))[path]
        kept = row(manager).keep(content, frozenset(names))
        assert {each.name for each in row(manager).read(kept)} == names
        assert not list(row(manager).read(row(manager).keep(content, frozenset())))


@pytest.mark.parametrize(
    ("manager", "path", "links", "files", "place"),
    [
        ("dpkg", STATUS, {}, [STATUS], STATUS),
        ("dpkg", STATUS, {"/var/lib/dpkg": "/data/dpkg"}, ["/data/dpkg/status"], STATUS),
        ("apk", APK_INSTALLED, {}, [APK_INSTALLED], APK_INSTALLED),
        ("apk", APK_INSTALLED, {"/lib": "usr/lib"}, [f"/usr{APK_INSTALLED}"], f"/usr{APK_INSTALLED}"),
        ("apk", APK_INSTALLED, {}, [f"/usr{APK_INSTALLED}"], f"/usr{APK_INSTALLED}"),
        ("apk", APK_WORLD, {APK_WORLD: "/etc/passwd"}, ["/etc/passwd"], APK_WORLD),
        ("rpm", RPM_MANIFEST, {}, [], RPM_MANIFEST),
    ],
)
def test_the_list_lies_where_the_host_has_it_and_scanners_look(
    manager: str, path: str, links: dict[str, str], files: list[str], place: str
) -> None:
    host = PretendHost(manager=manager)
    for name in files:
        host.file(name)
    for name, target in links.items():
        host.link(name, target)
    assert row(manager).place(path, host.file_set().tree) == place


@given(st.binary())
def test_a_list_that_somebody_changed_can_be_read(data: bytes) -> None:
    for known in PACKAGE_LISTS:
        assert all(each.name for each in known.read(data) if known.manager != "rpm")
        known.keep(data, frozenset({"a"}))
