"""Programs that no package owns, on a host of rpm and on one of busybox alone, lifted: only what they use and name is
inside. Beside them is a daemon of a package whose checksums are md5, as rpm made them before 4.6.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from containerize.content_store import ContentStore
from containerize.image.package_lists import RPM_MANIFEST
from containerize.pilot.reference_service import Endpoint
from containerize.plan.plan_json import load_plan
from containerize.runtimes import choose
from containerize.runtimes.runtime import RuntimeUnavailable
from inventory.store.workspace import Workspace
from tests.e2e.command import Done, assess
from tests.e2e.copies import Copies, ask, running_copies, until
from tests.e2e.package_hosts import said, workspace_of
from tests.estate.roots.host import RootHost, running

pytestmark = [pytest.mark.estate, pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]

SITE, DAEMON = "rpm01/busybox", "rpm01/demod"

_SETUP = r"""
mkdir -p /srv/site/cgi-bin
echo '<h1>Stock</h1><a href="/cgi-bin/sum">sum</a>' >/srv/site/index.html
cat >/srv/site/cgi-bin/sum <<'SCRIPT'
#!/bin/sh
printf 'Content-Type: text/plain\r\n\r\n'
seq 1 100 | awk '{ sum += $1 } END { print sum }'
perl -MPOSIX -e 'print floor(3.7), qq(\n)'
SCRIPT
chmod 0755 /srv/site/cgi-bin/sum
echo '::respawn:/usr/bin/busybox httpd -f -p 8080 -h /srv/site' >>/etc/inittab
kill -HUP 1
"""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RootHost]:
    """Debian's programs, which rpm counts as nobody's, a package of rpm with a daemon, and a site with a program."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
    with running("rpm01", None, tmp_path_factory.mktemp("rpm01"), "shop") as started:
        said(started, "sh", "-c", _SETUP)
        until(lambda: "Stock" in asked(started, "/", check=False), "the site answers")
        yield started


def asked(host: RootHost, path: str, *, check: bool = True) -> str:
    """A page of the live site, asked on the host: its SSH server is this machine's, and forwards from here."""
    return said(host, "busybox", "wget", "-qO-", f"http://127.0.0.1:8080{path}", check=check)


@pytest.fixture(scope="module")
def workspace(host: RootHost, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workspace_of(host, tmp_path_factory.mktemp("rpm"))


@pytest.fixture(scope="module")
def built(workspace: Path) -> Done:
    done = assess(workspace, "build", "--json", SITE, DAEMON)
    assert done.status == 0, done.errors
    return done


@pytest.fixture(scope="module")
def copies(built: Done, workspace: Path) -> Iterator[Copies]:
    with running_copies(workspace, SITE) as copies:
        yield copies


def test_the_plan_says_that_no_package_owns_what_runs(built: Done, workspace: Path) -> None:
    plan = load_plan(Workspace.open(workspace).build("rpm01", "busybox"))
    assert any("no package owns what it runs" in note for note in plan.notes)
    assert plan.packages == ()
    paths = {file.path for file in plan.files}
    assert {"/srv/site/cgi-bin/sum", "/usr/bin/seq", "/usr/bin/perl", "/usr/bin/awk", "/usr/bin/dash"} <= paths


def test_md5_vouches_for_the_daemon_and_not_for_what_was_changed(built: Done, workspace: Path) -> None:
    plan = load_plan(Workspace.open(workspace).build("rpm01", "demod"))
    assert [package.name for package in plan.packages] == ["demo-base"]
    layers = {file.path: file.layer for file in plan.files}
    assert layers["/usr/sbin/demod"] == layers["/etc/demo/other.conf"] == "packages"
    assert layers["/etc/demo/demo.conf"] == "application"
    manifest = next(file for file in plan.files if file.path == RPM_MANIFEST)
    content = ContentStore(workspace / "content").read(manifest.digest).decode()
    assert content.startswith("demo-base\t1.4-3.el7\t")


def test_a_page_that_runs_programs_is_that_of_the_server(copies: Copies, host: RootHost) -> None:
    subject = copies.subject(SITE)
    vantage = Endpoint("127.0.0.1", 8080, inside=True)
    for path, shows in (("/", "<h1>Stock</h1>"), ("/cgi-bin/sum", "5050\n3\n")):
        status, body = ask(lambda: subject.dial_copy(vantage), path)
        assert (status, shows in body.decode()) == (200, True)
        assert body.decode() == asked(host, path)


@pytest.mark.parametrize("runtime", ["docker", "oci"])
def test_the_copies_start_listen_and_stop(built: Done, workspace: Path, runtime: str) -> None:
    """Also on Docker, whose network is held by a program of the image: it has no package that would bring one."""
    try:
        choose(runtime).close()
    except RuntimeUnavailable as error:
        pytest.skip(str(error))
    done = assess(workspace, "pilot", "--runtime", runtime, "--json", SITE, DAEMON)
    verdicts = {
        (pilot["workload"], check["name"].split()[0]): check["verdict"]
        for pilot in done.document["pilots"]
        for check in pilot["checks"]
    }
    # The live site cannot be asked through that SSH server.
    assert verdicts.pop((SITE, "http")) == "inconclusive"
    assert set(verdicts.values()) == {"pass"}, verdicts
    assert {(SITE, "port"), (SITE, "stops"), (DAEMON, "processes"), (DAEMON, "restarts")} <= set(verdicts)


def test_a_host_of_busybox_alone_gives_an_image_that_runs(tmp_path: Path) -> None:
    """No package manager, no release file, no coreutils: httpd, and what it is linked with."""
    if os.geteuid() != 0 or not all(shutil.which(each) for each in ("busybox", "dropbear", "dropbearkey")):
        pytest.skip("needs root, busybox and dropbear")
    with running("busy01", None, tmp_path, "admin") as host:
        (tmp_path / "hosts.ini").write_text(host.inventory())
        scan = assess(tmp_path / "workspace", "scan", str(tmp_path / "hosts.ini"), "--limit", "busy01", "--json")
        assert scan.status == 0, scan.errors
        (row,) = scan.document["hosts"]
        assert "no release file was readable" in row["reason"]
        build = assess(tmp_path / "workspace", "build", "busy01/httpd", "--json")
        assert build.status == 0, build.errors
        with running_copies(tmp_path / "workspace", "busy01/httpd") as copies:
            subject = copies.subject("busy01/httpd")
            status, body = ask(lambda: subject.dial_copy(Endpoint("127.0.0.1", 80, inside=True)), "/index.html")
        assert (status, body.decode()) == (200, said(host, "wget", "-qO-", "http://127.0.0.1/index.html"))
