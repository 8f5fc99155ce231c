"""A service of a package lifted from Alpine: its smallest root file system, and two packages that its own apk put
there.

``$BROWNFIELD_ALPINE_TREE`` is one of Alpine's minirootfs, unpacked; without it there is nothing to test with.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from containerize.build.explain_path import owner_of
from containerize.host import apk_database
from containerize.pilot.reference_service import Endpoint
from tests.e2e.command import Done, assess
from tests.e2e.copies import Copies, ask, running_copies, until
from tests.e2e.package_hosts import bill, listed, planned, said, scanned, vouched, workspace_of
from tests.estate.roots.apk_package import write_package
from tests.estate.roots.host import RootHost, running

pytestmark = [pytest.mark.estate, pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]

SERVICE = "apk02/nc"

_SERVER = "#!/bin/sh\nexec nc -lk -p 8080 -e /usr/libexec/stockd/answer\n"
_ANSWER = """#!/bin/sh
while read -r line && [ "${#line}" -gt 1 ]; do :; done
printf 'HTTP/1.0 200 OK\\r\\n\\r\\n'
cat /etc/stockd/list.conf
scanelf -qyF '%n#F' /bin/busybox
"""


def page(host: RootHost, *, check: bool = True) -> str:
    return said(host, "wget", "-qO-", "http://127.0.0.1:8080/", check=check)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RootHost]:
    tree = os.environ.get("BROWNFIELD_ALPINE_TREE", "")
    if os.geteuid() != 0 or not tree:
        pytest.skip("needs root, and BROWNFIELD_ALPINE_TREE")
    folder = tmp_path_factory.mktemp("apk02")
    subprocess.run(["cp", "-a", tree, str(folder / "alpine")], check=True)
    packages = folder / "alpine" / "srv" / "packages"
    packages.mkdir()
    files = {
        "usr/sbin/stockd": (0o755, _SERVER),
        "usr/libexec/stockd/answer": (0o755, _ANSWER),
        "etc/stockd/list.conf": (0o644, "apples 3\n"),
    }
    write_package(packages, "stockd", files, depends=["/bin/sh", "scanelf"], provides=["cmd:stockd=1.0-r0"])
    write_package(packages, "stock-report", {"usr/bin/stock-report": (0o755, "#!/bin/sh\n")}, depends=["cmd:stockd"])
    with running("apk02", folder / "alpine", folder, "shop") as started:
        until(lambda: "apples" in page(started, check=False), "the service answers")
        yield started


@pytest.fixture(scope="module")
def workspace(host: RootHost, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workspace_of(host, tmp_path_factory.mktemp("apk"))


@pytest.fixture(scope="module")
def built(workspace: Path) -> Done:
    done = assess(workspace, "build", "--json", SERVICE)
    assert done.status == 0, done.errors
    return done


@pytest.fixture(scope="module")
def copies(built: Done, workspace: Path) -> Iterator[Copies]:
    with running_copies(workspace, SERVICE) as copies:
        yield copies


def test_ownership_is_what_apk_itself_says_of_every_file(host: RootHost) -> None:
    answer = said(host, "sh", "-c", apk_database.PARTS[apk_database.INSTALLED])
    database = apk_database.read({apk_database.INSTALLED: answer.encode("utf-8", "surrogateescape")})
    assert sorted(database.packages) == sorted(said(host, "apk", "info", "-q").split())
    ours = {path: package.name for package in database.packages.values() for path in package.checksums}
    assert len(ours) > 100
    paths = [path for path in ours if path != "/etc/modprobe.d/kms.conf"]
    # "/bin/busybox is owned by busybox-1.36.1-r7", and "… symlink target is owned by …" where it is a link.
    said_owners = said(host, "apk", "info", "--who-owns", *paths, check=False).splitlines()
    theirs = {}
    for line in said_owners:
        path, _, owner = line.partition(" is owned by ")
        if not path.endswith("symlink target"):
            theirs[path] = owner.rsplit("-", 2)[0]
    # Two packages that have one file: apk says one of them.
    assert {path: ours[path] for path in theirs} == theirs
    assert len(theirs) > 100


def test_the_image_has_the_packages_that_the_service_needs_and_no_others(built: Done, workspace: Path) -> None:
    plan = planned(workspace, SERVICE)
    reasons = {package.name: package.reasons for package in plan.packages}
    assert {"stockd", "scanelf", "musl", "busybox", "alpine-baselayout", "apk-tools"} <= reasons.keys()
    assert not reasons.keys() & {"stock-report", "ssl_client"}
    assert "which stockd depends on" in reasons["scanelf"]
    assert listed(plan, workspace).keys() == reasons.keys()
    urls = bill(workspace, SERVICE)
    assert len(urls) == len(reasons)
    assert any(each.startswith("pkg:apk/alpine/musl@") for each in urls)


def test_a_scanner_finds_the_packages_of_the_list(built: Done, workspace: Path) -> None:
    assert scanned(workspace, SERVICE) == listed(planned(workspace, SERVICE), workspace)


def test_files_that_were_changed_belong_to_the_application(built: Done, workspace: Path) -> None:
    plan = planned(workspace, SERVICE)
    layers = {each.path: each.layer for each in plan.files}
    assert layers["/etc/stockd/list.conf"] == layers["/usr/bin/ldd"] == "application"
    assert layers["/usr/libexec/stockd/answer"] == "packages"
    assert layers["/bin/busybox"] == layers["/usr/bin/scanelf"] == "base"
    owners = {each.path: owner_of(each) for each in vouched(plan)}
    assert owners["/usr/libexec/stockd/answer"] == "stockd"


def test_the_copy_answers_as_the_host_does(copies: Copies, host: RootHost) -> None:
    subject = copies.subject(SERVICE)
    status, body = ask(lambda: subject.dial_copy(Endpoint("127.0.0.1", 8080, inside=True)), "/")
    assert (status, body.decode()) == (200, page(host))
    assert "pears 7\n" in body.decode()
    assert "libc.musl" in body.decode()


def test_apk_in_the_image_believes_its_database(copies: Copies, built: Done, workspace: Path) -> None:
    """It lists what is inside, finds nothing missing, and would take nothing away."""
    inside = {package.name for package in planned(workspace, SERVICE).packages}
    assert set(copies.run(SERVICE, "apk", "info", "-q").split()) == inside
    owner = copies.run(SERVICE, "apk", "info", "--who-owns", "/usr/libexec/stockd/answer")
    assert "owned by stockd-1.0-r0" in owner
    planned_changes = copies.run(SERVICE, "apk", "add", "--no-network", "--simulate", "stockd")
    assert "Purging" not in planned_changes
    assert f"{len(inside)} packages" in planned_changes
    differing = set(copies.run(SERVICE, "apk", "audit", "--system").split())
    assert differing & {"usr/libexec/stockd/answer", "usr/bin/scanelf"} == set()
    assert "usr/bin/ldd" in differing


def test_a_lean_image_runs_too(built: Done, workspace: Path, host: RootHost) -> None:
    done = assess(workspace, "build", "--level", "lean", "--json", SERVICE)
    assert done.status == 0, done.errors
    with running_copies(workspace, SERVICE) as copies:
        subject = copies.subject(SERVICE)
        status, body = ask(lambda: subject.dial_copy(Endpoint("127.0.0.1", 8080, inside=True)), "/")
    assert (status, body.decode()) == (200, page(host))
