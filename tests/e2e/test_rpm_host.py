"""A service of a package lifted from a host on which every file belongs to a package of rpm."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from containerize.build.explain_path import explain, owner_of
from containerize.host import rpm_database
from containerize.pilot.reference_service import Endpoint
from tests.e2e.command import Done, assess
from tests.e2e.copies import ask, running_copies, until
from tests.e2e.package_hosts import bill, listed, planned, said, scanned, vouched, workspace_of
from tests.estate.roots.host import RootHost, running

pytestmark = [pytest.mark.estate, pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]

SITE = "rpm02/lighttpd"
_TIMES = "stat -c '%n %Y %Z %s' /var/lib/rpm /var/lib/rpm/*"


def page(host: RootHost, *, check: bool = True) -> str:
    return said(host, "busybox", "wget", "-qO-", "http://127.0.0.1:8080/", check=check)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RootHost]:
    """Debian's files in packages of rpm, made by rpmbuild, with what it finds out about libraries."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
    with running("rpm02", None, tmp_path_factory.mktemp("rpm02"), "shop") as started:
        until(lambda: "Stock" in page(started, check=False), "the site answers")
        yield started


@pytest.fixture(scope="module")
def workspace(host: RootHost, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workspace_of(host, tmp_path_factory.mktemp("rpm"))


@pytest.fixture(scope="module")
def built(host: RootHost, workspace: Path) -> Done:
    before = said(host, "sh", "-c", _TIMES)
    done = assess(workspace, "build", "--json", SITE)
    assert done.status == 0, done.errors
    assert said(host, "sh", "-c", _TIMES) == before != ""
    return done


def test_ownership_is_what_rpm_itself_says_of_every_file(host: RootHost) -> None:
    answer = said(host, "sh", "-c", f'low() {{ "$@"; }}\n{rpm_database.PARTS[rpm_database.INSTALLED]}')
    database = rpm_database.read({rpm_database.INSTALLED: answer.encode("utf-8", "surrogateescape")})
    assert (database.manager, database.trouble) == ("rpm", "")
    assert len(database.packages) == len(said(host, "rpm", "-qa").split()) > 80
    ours = {
        (path, package.name) for package in database.packages.values() for path in package.files if "\n" not in path
    }
    rows = said(host, "rpm", "-qa", "--qf", "[%{INSTFILENAMES}\t%{=NAME}\n]").splitlines()
    theirs = {tuple(row.split("\t")) for row in rows if row.startswith("/")}
    assert len(ours) > 5000
    assert ours == theirs


def test_the_image_has_the_packages_that_the_service_needs_and_no_others(built: Done, workspace: Path) -> None:
    plan = planned(workspace, SITE)
    inside = {package.name for package in plan.packages}
    assert {"lighttpd", "libpcre2-8-0", "libnettle8t64", "glibc", "filesystem", "bash", "coreutils"} <= inside
    assert not inside & {"rpm", "busybox", "tar", "mount", "systemd"}
    reasons = {package.name: package.reasons for package in plan.packages}
    assert "which lighttpd depends on" in reasons["libpcre2-8-0"]
    assert listed(plan, workspace).keys() == inside
    urls = bill(workspace, SITE)
    assert len(urls) == len(inside)
    assert any(each.startswith("pkg:rpm/debian/zlib1g@1.3") and "epoch=1" in each for each in urls)


def test_a_scanner_finds_the_packages_of_the_list(built: Done, workspace: Path) -> None:
    known = {
        name: version.partition(":")[2] or version
        for name, version in listed(planned(workspace, SITE), workspace).items()
    }
    assert scanned(workspace, SITE) == known


def test_rpm_vouches_for_each_file_of_its_layers(built: Done, workspace: Path, host: RootHost) -> None:
    """rpm -qf, for every file that counts as a package's."""
    plan = planned(workspace, SITE)
    files = {each.path: owner_of(each) for each in vouched(plan)}
    assert len(files) > 900
    question = 'while read -r path; do echo "$path $(rpm -qf --qf \'%{NAME},\' "$path")"; done'
    some = sorted(files)[:: max(1, len(files) // 150)]
    asked = said(host, "sh", "-c", f"{question} <<'EOF'\n" + "\n".join(some) + "\nEOF\n")
    answers = dict(line.rsplit(" ", 1) for line in asked.splitlines())
    assert {path: name.rstrip(",") for path, name in answers.items()} == {path: files[path] for path in some}
    changed = {each.path for each in plan.files if each.layer == "application" and each.kind == "file"}
    verify = said(host, "rpm", "-Va", "--nodeps", "--noscripts", check=False).splitlines()
    differing = {line.split(" /")[-1] for line in verify if line[2:3] == "5"}
    assert {f"/{path}" for path in differing} & set(files) == set()
    assert {"/etc/lighttpd/lighttpd.conf", "/usr/share/lighttpd/create-mime.conf.pl"} <= changed


def test_why_knows_packages_and_what_was_left_out(built: Done, workspace: Path) -> None:
    plan = planned(workspace, SITE)
    library = next(each.path for each in plan.files if "/libnettle.so.8." in each.path)
    answer = explain(plan, library)
    assert (answer.inside, "layer packages" in answer.reason) == (True, True)
    wanted = "belongs to libnettle8t64, which lighttpd depends on"
    assert any(each.startswith(wanted) for each in (answer.reason, *answer.also))
    database = explain(plan, "/var/lib/rpm/rpmdb.sqlite")
    assert (database.inside, "cannot be cut down" in database.reason) == (False, True)


@pytest.mark.parametrize("level", ["complete", "lean"])
def test_the_copy_answers_as_the_host_does(built: Done, workspace: Path, host: RootHost, level: str) -> None:
    if level == "lean":
        whole = len(planned(workspace, SITE).files)
        done = assess(workspace, "build", "--level", "lean", "--json", SITE)
        assert done.status == 0, done.errors
        plan = planned(workspace, SITE)
        assert len(plan.files) < whole
        assert any(group.paths for group in plan.groups)
    with running_copies(workspace, SITE) as copies:
        subject = copies.subject(SITE)
        status, body = ask(lambda: subject.dial_copy(Endpoint("127.0.0.1", 8080, inside=True)), "/")
        assert copies.run(SITE, "sh", "-c", "echo $((6 * 7))").strip() == "42"
    assert (status, body.decode()) == (200, page(host))
