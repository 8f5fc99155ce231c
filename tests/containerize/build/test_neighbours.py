"""Files of neighbours that were built beside an image."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import yaml

from containerize.build.artifacts import neighbour_ids, write_artifacts
from containerize.build.builder import BuildFolders, finish
from containerize.content_store import ContentStore
from containerize.emitters.compose import EMITTER
from containerize.plan.model import ImagePlan
from tests.containerize.plans import make_plan, planned


def built(store: ContentStore, workload: str, *peers: str, companions: tuple[str, ...] = ()) -> ImagePlan:
    return make_plan(
        [planned(store, f"/etc/{workload.partition('/')[2]}.conf", b"x")],
        workload=workload,
        image=f"localhost/brownfield/{workload}:lift",
        peers=tuple(("127.0.0.1", 80 + number, peer) for number, peer in enumerate(peers)),
        companions=companions,
        volumes=(),
        secrets=(),
        ports=(),
    )


def services(tmp_path: Path, *plans: ImagePlan) -> list[str]:
    """Build them all, and the services of the last one's Compose file."""
    for plan in plans:
        folders = BuildFolders(tmp_path / "content", tmp_path / "web01" / plan.workload.partition("/")[2])
        image = finish(plan, folders)
        write_artifacts(plan, image, folders, chosen=(EMITTER,))
    document = yaml.safe_load((folders.build / "compose.yaml").read_text())
    return list(document["services"])


def test_a_neighbour_of_a_neighbour_runs_too_and_a_circle_ends(tmp_path: Path) -> None:
    store = ContentStore(tmp_path / "content")
    plans = built(store, "web01/c", "web01/a"), built(store, "web01/b", "web01/c"), built(store, "web01/a", "web01/b")

    assert services(tmp_path, *plans) == ["c", "b", "a"]


def test_one_that_is_in_an_image_of_the_group_does_not_run_twice(tmp_path: Path) -> None:
    store = ContentStore(tmp_path / "content")
    php, mail = built(store, "web01/php"), built(store, "web01/mail", "web01/php")

    assert services(tmp_path, php, mail, built(store, "web01/a", "web01/mail", companions=("web01/php",))) == [
        "mail",
        "a",
    ]


def test_a_service_of_another_host_is_no_neighbour(store: ContentStore) -> None:
    plan = built(store, "web01/a", "db01/b", "web01/c")

    assert neighbour_ids(plan) == ("web01/c",)
    assert neighbour_ids(replace(plan, companions=("web01/c",))) == ()
