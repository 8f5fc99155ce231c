"""One estate, one scan, one build and one pilot, shared by the tests that only look at them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from containerize.runtimes import choose
from containerize.runtimes.runtime import RuntimeUnavailable
from tests.e2e.command import Done, assess
from tests.e2e.copies import until
from tests.e2e.small_services import HOST
from tests.e2e.traces import nothing_left_behind
from tests.estate import Estate, RunningHost

WORKLOADS = ("web01/apache2", "db01/mariadb", "app01/inventory-app", "app01/tomcat9")
WORKLOADS_OF_VM = ("vm01/nginx", "vm01/meter-gateway")


@pytest.fixture(scope="session")
def with_vm(request: pytest.FixtureRequest) -> bool:
    """Whether the virtual machine takes part: it is here, and some test asks for it."""
    wanted = any(item.get_closest_marker("vm") for item in request.session.items)
    return wanted and shutil.which("qemu-system-x86_64") is not None


@pytest.fixture(scope="session")
def vm(with_vm: bool) -> None:
    if not with_vm:
        pytest.skip("needs QEMU")


@pytest.fixture(scope="session")
def estate(with_vm: bool) -> Iterator[Estate]:
    if os.geteuid() != 0:
        pytest.skip("the estate needs root")
    with Estate.running(("web01", "db01", "app01", *(("vm01",) if with_vm else ()))) as running:
        yield running


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the shared scan and builds are; it does not exist before the scan."""
    return tmp_path_factory.mktemp("e2e") / "workspace"


@pytest.fixture(scope="session")
def scan(estate: Estate, workspace: Path) -> Done:
    """``assess scan hosts.ini --json``"""
    return assess(workspace, "scan", str(estate.hosts_ini), "--json")


@pytest.fixture(scope="session")
def workloads(with_vm: bool) -> tuple[str, ...]:
    return (*WORKLOADS, *(WORKLOADS_OF_VM if with_vm else ()))


@pytest.fixture(scope="session")
def builds(scan: Done, workspace: Path, workloads: tuple[str, ...]) -> Done:
    """``assess build ... --json``"""
    assert scan.status == 0, scan.errors
    return assess(workspace, "build", "--json", *workloads)


@pytest.fixture(scope="session")
def pilots(builds: Done, workspace: Path, workloads: tuple[str, ...]) -> Done:
    """``assess pilot ... --json`` of all workloads together, on Docker"""
    assert builds.status == 0, builds.errors
    try:
        choose("docker").close()
    except RuntimeUnavailable as error:
        pytest.skip(str(error))
    with nothing_left_behind() as ours:
        done = assess(workspace, "pilot", "--runtime", "docker", "--json", *workloads)
        ours.append(done.pid)
    return done


@pytest.fixture(scope="module")
def services_host() -> Iterator[RunningHost]:
    """The host of small services, which answer. No longer than a module needs it: every scan of the estate sees it."""
    if os.geteuid() != 0:
        pytest.skip("the estate needs root")
    with Estate.running((HOST,)) as estate:
        running = estate.host(HOST)
        # Each of its applications answers only when what it asks is up.
        for port in (8001, 8002, 8003, 8004, 8005):
            until(partial(_serves, running, port), f"port {port} of {HOST} serves", seconds=60)
        yield running


def _serves(running: RunningHost, port: int) -> bool:
    command = ("curl", "-so", "/dev/null", "-w", "%{http_code}", f"http://localhost:{port}/")
    return running.run(*command, check=False) == "200"


@pytest.fixture(scope="module")
def services(services_host: RunningHost, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a scan of the one host."""
    folder = tmp_path_factory.mktemp("services")
    hosts = Estate.hosts_ini.read_text("utf-8").splitlines()
    (line,) = (line for line in hosts if line.startswith(f"{HOST} "))
    (folder / "hosts.ini").write_text(f"{line}\n", "utf-8")
    scan = assess(folder / "workspace", "scan", str(folder / "hosts.ini"), "--json")
    assert scan.status == 0, scan.errors
    return folder / "workspace"
