"""One estate, one scan, one build and one pilot, shared by the tests that only look at them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from containerize.runtimes import choose
from containerize.runtimes.runtime import RuntimeUnavailable
from tests.e2e.command import Done, assess
from tests.e2e.traces import nothing_left_behind
from tests.estate import Estate

WORKLOADS = ("web01/apache2", "db01/mariadb", "app01/inventory-app", "app01/tomcat9")
WORKLOADS_OF_VM = ("vm01/nginx", "vm01/meter-gateway")


@pytest.fixture(scope="session")
def with_vm(request: pytest.FixtureRequest) -> bool:
    """Whether the virtual machine takes part: it is here, and some test asks for it."""
    wanted = any(item.get_closest_marker("vm") for item in request.session.items)
    return wanted and shutil.which("qemu-system-x86_64") is not None


@pytest.fixture
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
