"""Which of several package databases a host's is, and where its loader looks."""

from __future__ import annotations

from containerize.host import apk_database, dpkg_database, rpm_database
from containerize.host.file_survey import PACKAGE_READERS, database_of, library_directories
from containerize.host.installed_packages import NO_PACKAGES
from tests.containerize.host.test_dpkg_database import STATUS
from tests.support.package_databases import answer

RPM = answer("rpm-4.20")


def test_the_one_with_the_most_packages_counts() -> None:
    database, kept = database_of({dpkg_database.STATUS: STATUS, rpm_database.INSTALLED: RPM})
    assert (database.manager, kept) == ("rpm", {rpm_database.INSTALLED: RPM})
    few = RPM.split(b"\nP\t")[0] + b"\nE0\n"
    database, kept = database_of({dpkg_database.STATUS: STATUS, rpm_database.INSTALLED: few})
    assert (database.manager, kept) == ("dpkg", {dpkg_database.STATUS: STATUS})


def test_apk_keeps_what_was_asked_for() -> None:
    answers = {
        apk_database.INSTALLED: answer("alpine-3.18.9"),
        apk_database.WORLD: b"busybox\n",
        "apk.arch": b"x86_64\n",
    }
    database, kept = database_of(answers)
    assert (database.manager, kept.keys()) == ("apk", {apk_database.INSTALLED, apk_database.WORLD})


def test_a_host_without_packages_says_why_where_it_is_known() -> None:
    assert database_of({}) == (NO_PACKAGES, {})
    database, kept = database_of({rpm_database.INSTALLED: b"E126\n"})
    assert (database.manager, database.trouble, kept) == ("", rpm_database.NO_WAY, {})


def test_the_parts_of_all_package_managers_have_names_of_their_own() -> None:
    names = [name for reader in PACKAGE_READERS for name in reader.parts]
    assert len(names) == len(set(names))
    assert all(set(reader.kept) <= reader.parts.keys() for reader in PACKAGE_READERS)


def test_the_loader_looks_where_its_settings_say() -> None:
    assert library_directories({"loader": b"include ld.so.conf.d/*.conf\n /opt/a/lib\n/opt/b\n/opt/a/lib\n"}) == (
        "/opt/a/lib", "/opt/b",
    )  # fmt: skip
    assert library_directories({"musl": b"/lib:/usr/lib\n/opt/c\n"}) == ("/lib", "/usr/lib", "/opt/c")
    assert library_directories({}) == ()
