"""What is other on hosts of rpm and apk: the tree is a package's, and the database does not go along as it is."""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from containerize.build.explain_path import owner_of
from containerize.image.package_records import claim_records, is_written_by_tool
from containerize.plan.model import PlannedFile
from containerize.plan.planned_files import FileHashes, as_shipped, planned_files
from containerize.rebuild.host_changes import missing_files, own_links
from tests.containerize.closure.pretend_host import PretendHost, make_workload, process


@pytest.fixture
def host_of_apk() -> PretendHost:
    return _host("apk", "alpine-baselayout")


def _host(manager: str, tree: str) -> PretendHost:
    host = PretendHost(manager=manager)
    host.package(tree, "/etc/opt/", "/usr/local/bin/", "/usr/lib/games/", "/var/lib/", essential=True)
    host.package("bash", "/usr/bin/bash", depends=tree, essential=True)
    host.package(
        "web", "/usr/sbin/web", "/usr/lib/web/", depends="library", conffiles={"/etc/web/web.conf": "listen 80"}
    )
    host.package("library", "/usr/lib/libweb.so.1")
    host.package("unused", "/usr/bin/unused")
    host.file("/usr/local/bin/by-hand", "#!/bin/sh\n")
    host.file("/usr/lib/games/by-hand", "x")
    host.file("/usr/lib/web/plugin", "x")
    return host


@pytest.mark.parametrize(("manager", "tree"), [("rpm", "filesystem"), ("apk", "alpine-baselayout")])
def test_what_nobody_owns_in_a_directory_of_the_tree_belongs_to_nobody(manager: str, tree: str) -> None:
    file_set = _host(manager, tree).close(process("/usr/sbin/web"))
    assert file_set.packages.keys() == {tree, "bash", "web", "library"}
    assert "/usr/lib/libweb.so.1" in file_set.claims
    assert "/usr/lib/web/plugin" in file_set.claims
    assert not {"/usr/local/bin/by-hand", "/usr/lib/games/by-hand", "/usr/bin/unused"} & file_set.claims.keys()


@pytest.mark.parametrize("path", ["/etc/alpine-release", "/etc/centos-release"])
def test_what_tells_scanners_the_release_comes_along(path: str) -> None:
    host = _host("apk", "alpine-baselayout")
    host.file(path, "3.18.9\n")
    assert path in host.close(process("/usr/sbin/web")).claims


def test_what_init_starts_beside_the_service_does_not_come_along() -> None:
    host = _host("rpm", "filesystem")
    host.file("/etc/inittab", "::respawn:/usr/sbin/web\n::respawn:/usr/bin/unused\n")
    file_set = host.close(process("/usr/sbin/web"), workload=make_workload(roots=["/etc/inittab"]))
    assert "/etc/inittab" in file_set.claims
    assert "unused" not in file_set.packages


def test_a_database_of_rpm_stays_outside_and_the_plan_says_why() -> None:
    host = _host("rpm", "filesystem")
    host.package("rpm", "/usr/bin/rpm", "/var/lib/rpm/", "/var/lib/rpm/Packages")
    file_set = host.close(process("/usr/bin/rpm"))
    claim_records(file_set)
    assert "/var/lib/rpm/Packages" not in file_set.claims
    assert "cannot be cut down" in file_set.left_out["/var/lib/rpm"]
    assert is_written_by_tool("/var/lib/rpmmanifest/container-manifest-2")


@pytest.mark.parametrize("place", ["/lib/apk/db", "/usr/lib/apk/db"])
def test_what_apk_keeps_beside_its_list_comes_along(place: str) -> None:
    host = _host("apk", "alpine-baselayout")
    for name in ("installed", "scripts.tar", "triggers", "lock"):
        host.file(f"{place}/{name}", "x")
    host.file("/etc/apk/repositories", "https://mirror.example/main\n")
    file_set = host.close(process("/usr/sbin/web"))
    claim_records(file_set)
    inside = {path for path in file_set.claims if path.startswith(place)}
    assert inside == {f"{place}/scripts.tar", f"{place}/triggers"}
    assert "/etc/apk/repositories" in file_set.claims
    assert all(is_written_by_tool(path) for path in inside)


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256"])
def test_a_file_is_held_against_the_checksum_that_its_package_has(algorithm: str) -> None:
    host = _host("rpm", "filesystem")
    content = host.contents["/usr/sbin/web"]
    digest = hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()
    host.packages["web"] = replace(host.packages["web"], checksums={"/usr/sbin/web": digest})
    file_set = host.close(process("/usr/sbin/web"))
    sha256 = {"/usr/sbin/web": hashlib.sha256(content).hexdigest()}
    others = {} if algorithm == "sha256" else {"/usr/sbin/web": digest}
    assert as_shipped(file_set, "/usr/sbin/web", FileHashes(sha256, others))
    assert not as_shipped(
        file_set, "/usr/sbin/web", FileHashes({"/usr/sbin/web": "0" * 64}, {"/usr/sbin/web": "0" * 32})
    )
    assert not as_shipped(file_set, "/etc/web/web.conf", FileHashes(sha256, others))


def test_what_a_package_never_brought_is_not_missing() -> None:
    host = _host("rpm", "filesystem")
    web = host.packages["web"]
    host.packages["web"] = replace(
        web, files=(*web.files, "/etc/web/made", "/etc/web/gone"), not_brought=frozenset({"/etc/web/made"})
    )
    file_set = host.close(process("/usr/sbin/web"))
    assert [each.path for each in missing_files(file_set)] == ["/etc/web/gone"]


def test_what_a_package_never_brought_is_read_as_a_setting_is() -> None:
    host = _host("rpm", "filesystem")
    host.file("/etc/web/made", "include /opt/other/by-hand.conf\n")
    host.file("/opt/other/by-hand.conf")
    web = host.packages["web"]
    host.packages["web"] = replace(web, files=(*web.files, "/etc/web/made"), not_brought=frozenset({"/etc/web/made"}))
    assert "/opt/other/by-hand.conf" in host.close(process("/usr/sbin/web")).claims


def test_names_of_busybox_are_no_links_of_the_host_s_own(host_of_apk: PretendHost) -> None:
    host_of_apk.package("busybox", "/bin/busybox", essential=True)
    for name in ("/bin/sh", "/usr/bin/awk"):
        host_of_apk.link(name, "/bin/busybox")
    host_of_apk.link("/usr/bin/current", "/usr/sbin/web")
    file_set = host_of_apk.close(process("/usr/sbin/web"))
    assert {"/bin/sh", "/usr/bin/awk", "/usr/bin/current"} <= file_set.claims.keys()
    links = planned_files(file_set, FileHashes({}, {}), outside=(), generated=(), run_directories=(), capabilities={})
    assert [each.path for each in own_links(SimpleNamespace(files=links), file_set)] == ["/usr/bin/current"]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("manager", "name"), [("dpkg", "/usr/bin/vi"), ("rpm", "/usr/bin/vi"), ("apk", "/usr/local/bin/vi")]
)
def test_a_link_to_busybox_that_no_package_makes_is_somebody_s_own(manager: str, name: str) -> None:
    host = PretendHost(manager=manager)
    host.package("web", "/usr/sbin/web", depends="busybox")
    host.package("busybox", "/bin/busybox")
    host.link(name, "/bin/busybox")
    file_set = host.close(process("/usr/sbin/web"))
    links = planned_files(file_set, FileHashes({}, {}), outside=(), generated=(), run_directories=(), capabilities={})
    assert [each.path for each in own_links(SimpleNamespace(files=links), file_set)] == [name]  # type: ignore[arg-type]


def test_a_package_that_needs_thousands_of_others_is_followed_in_one_pass() -> None:
    host = PretendHost(manager="rpm")
    libraries = [f"lib{number}" for number in range(3000)]
    for name in libraries:
        host.package(name, provides=f"{name}.so")
    host.package("base", essential=True, depends=", ".join(f"{name}.so" for name in libraries))
    begun = time.process_time()
    file_set = host.file_set()
    assert time.process_time() - begun < 5
    assert file_set.essential == {"base", *libraries}


def test_the_owner_is_known_by_each_form_of_reason() -> None:
    host = _host("rpm", "filesystem")
    host.package("setup", "/usr/share/setup/services")
    file_set = host.close(process("/usr/sbin/web"))
    reasons = {path: reason for path, reason in file_set.claims.items() if path.startswith("/usr/")}
    assert "whose files are read" in reasons["/usr/share/setup/services"]

    def row(path: str) -> PlannedFile:
        return PlannedFile(path, "file", 0o644, 0, 0, 0, 1, "", "", "base", reasons[path])

    assert owner_of(row("/usr/share/setup/services")) == "setup"
    assert owner_of(row("/usr/lib/libweb.so.1")) == "library"
