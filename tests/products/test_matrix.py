"""A recorded service of each product in the matrix is what the product file says, from discovery to its start."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

from assess.model import Workload
from assess.workloads import find_workloads
from assess.workloads.published_ports import is_published, transport_of
from containerize.plan.foreground_start import daemon_for, foreground
from inventory.privacy.recording_bundle import SUFFIX, unpack
from inventory.products.catalogue import products
from inventory.snapshot import Snapshot
from tests.assess.known_estate.expectation import recorded
from tests.products.matrix import MATRIX, MatrixLine
from tests.support.host_fixtures import snapshot_of

FOLDER = Path(__file__).parents[1] / "fixtures" / "products"

by_product = pytest.mark.parametrize("case", MATRIX, ids=[case.product for case in MATRIX])


@cache
def snapshot(recording: str) -> Snapshot:
    """A recorded host."""
    name, _, rest = recording.partition(".")
    return snapshot_of(unpack(FOLDER / recording)) if f".{rest}" == SUFFIX else recorded(name)


@cache
def workloads(recording: str) -> dict[str, Workload]:
    """Its services by name."""
    return {each.name: each for each in find_workloads(snapshot(recording), {}) if each.kind == "service"}


def words(text: str) -> set[str]:
    return set(text.split())


@by_product
def test_the_service_is_found_and_runs_the_product(case: MatrixLine) -> None:
    workload = workloads(case.recording)[case.workload]
    names = {path.rpartition("/")[2] for path in workload.executables}
    assert [name for name in names for pattern in products()[case.product].programs if fnmatchcase(name, pattern)]


@by_product
def test_it_listens_on_its_ports(case: MatrixLine) -> None:
    listeners = [each.listener for each in workloads(case.recording)[case.workload].listeners if is_published(each)]
    assert {f"{each.port}/{transport_of(each.protocol)}" for each in listeners} == words(case.ports)


@by_product
def test_its_configuration_and_its_data_are_known(case: MatrixLine) -> None:
    workload = workloads(case.recording)[case.workload]
    assert words(case.configuration) <= set(workload.configuration_roots)
    assert {each.path for each in workload.data} == words(case.data)


@by_product
def test_it_is_kept_in_the_foreground(case: MatrixLine) -> None:
    main = workloads(case.recording)[case.workload].main
    executable = main.executable or ""
    daemon = daemon_for(executable)
    argv = foreground(daemon, executable, main.arguments) if daemon else (executable, *main.arguments[1:])
    assert " ".join(argv) == case.start


def test_every_recording_is_of_a_product_in_the_matrix() -> None:
    files = {path.name for path in FOLDER.glob("*")}
    assert files == {case.recording for case in MATRIX if case.recording.endswith(SUFFIX)}
