"""What hosts and workloads have in common is copied once and stored once."""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard
from click.testing import CliRunner

from assess.cli import assess
from containerize.image.write_image import layer_blobs
from containerize.plan.plan_json import load_build, load_plan
from tests.estate import Estate

pytestmark = [
    pytest.mark.estate,
    pytest.mark.timeout(900),
    pytest.mark.skipif(os.geteuid() != 0, reason="the estate needs root"),
]

TWINS = ("app01-001", "app01-002")
SERVICES = ("tomcat9", "inventory-app", "label-printer")

OF_ONE_DISTRIBUTION = {
    "web01": ("apache2", "exim4", "rsyslog", "cron", "ssh", "init"),
    "db01": ("mariadb", "rsyslog", "cron", "ssh"),
}


def _assess(workspace: Path, *arguments: str) -> str:
    result = CliRunner().invoke(assess, [*arguments, "--workspace", str(workspace)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def _built(workspace: Path, *workloads: str) -> dict[str, Any]:
    return {row["workload"]: row for row in json.loads(_assess(workspace, "build", "--json", *workloads))["builds"]}


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace in which two identical hosts were scanned."""
    workspace = tmp_path_factory.mktemp("twins") / "workspace"
    with Estate.running(TWINS) as running:
        _assess(workspace, "scan", str(running.hosts_ini), "--limit", ",".join(TWINS))
        yield workspace


def test_a_second_identical_host_sends_less_than_a_fiftieth(twins: Path) -> None:
    first, second = (_built(twins, *(f"{host}/{service}" for service in SERVICES)) for host in TWINS)
    sent = [sum(row["fetched"] for row in rows.values()) for rows in (first, second)]
    assert sent[0] > 200_000_000
    assert sent[1] < sent[0] / 50
    for service in SERVICES:
        stacks = [_digests(twins, host, service)[:-1] for host in TWINS]
        assert stacks[0] == stacks[1]  # all but what was made by and for this one host


def test_ten_workloads_of_one_distribution_store_what_they_share_once(tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    workloads = [f"{host}/{name}" for host, names in OF_ONE_DISTRIBUTION.items() for name in names]
    with Estate.running(OF_ONE_DISTRIBUTION) as running:
        _assess(workspace, "scan", str(running.hosts_ini), "--limit", ",".join(OF_ONE_DISTRIBUTION))
        _built(workspace, *workloads)
    distinct: dict[str, int] = {}
    layers: set[str] = set()
    for host, names in OF_ONE_DISTRIBUTION.items():
        for name in names:
            plan = load_plan(workspace / "builds" / host / name)
            distinct.update({file.digest: file.size for file in plan.files if file.kind == "file"})
            layers.update(_digests(workspace, host, name))
    stored = _payload(workspace / "content" / "layers" / digest for digest in layers)
    assert len(workloads) == 10
    assert sum(distinct.values()) <= stored <= 1.1 * sum(distinct.values())
    assert {path.name for path in (workspace / "content" / "layers").iterdir() if path.suffix != ".json"} == layers


def _digests(workspace: Path, host: str, name: str) -> list[str]:
    folder = workspace / "builds" / host / name
    return [layer.digest for layer in layer_blobs(folder / "image", load_build(folder).digest)]


def _payload(layers: Iterable[Path]) -> int:
    """Bytes of the files in layers, uncompressed."""
    total = 0
    for path in layers:
        with (
            path.open("rb") as packed,
            zstandard.ZstdDecompressor().stream_reader(packed) as plain,
            tarfile.open(fileobj=plain, mode="r|", errors="surrogateescape") as archive,
        ):
            total += sum(member.size for member in archive if member.isfile())
    return total
