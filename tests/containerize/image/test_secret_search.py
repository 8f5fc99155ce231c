"""No image is written with a secret in it, whatever let it through before."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from containerize.content_store import ContentStore
from containerize.image.secret_search import ImageSearch, SecretInImage
from containerize.image.write_image import write_image
from containerize.plan.model import ImagePlan, PlannedFile
from containerize.secret_values.workload_secrets import WorkloadSecrets
from inventory.privacy.secrets.known_secrets import KnownSecrets
from tests.containerize.plans import directory, link, make_plan, planned

SECRET = "Tr0ub4dor&3-Kestrel"
SEARCH = ImageSearch(WorkloadSecrets(KnownSecrets([SECRET.encode()])))


def _plan(*files: PlannedFile) -> ImagePlan:
    return make_plan((directory("/opt"), *files))


def _write(plan: ImagePlan, store: ContentStore, tmp_path: Path, search: ImageSearch = SEARCH) -> None:
    write_image(plan, store, tmp_path / "layers", tmp_path / "image", search)


def _left(tmp_path: Path) -> list[str]:
    return [
        path.name
        for path in (
            *(each for each in (tmp_path / "layers").glob("*") if each.suffix != ".json"),
            *tmp_path.glob("*image*"),
        )
    ]


@pytest.mark.parametrize(
    "content",
    [
        f"upload shop {SECRET}".encode(),
        base64.b64encode(f"shop:{SECRET}:x".encode()),
        f"shop {SECRET}".encode("utf-16"),
        b"x" * (3 << 20) + SECRET.encode() + b"y" * 100,
        b"x" * ((1 << 20) - 5) + SECRET.encode(),
    ],
    ids=["plain", "base64", "UTF-16", "far behind", "between two pieces"],
)
@pytest.mark.parametrize("layer", ["application", "packages", "base"])
def test_a_known_secret_in_a_layer_ends_the_build(
    store: ContentStore, tmp_path: Path, content: bytes, layer: str
) -> None:
    file = replace(planned(store, "/opt/run.sh", content), layer=layer)  # type: ignore[arg-type]
    with pytest.raises(SecretInImage, match=r"web01/apache2 was not built, .*/opt/run\.sh .*--not-secret") as caught:
        _write(_plan(file), store, tmp_path)
    assert SECRET not in str(caught.value)
    assert file.digest not in store
    assert _left(tmp_path) == []


def test_a_known_secret_in_settings_names_and_links_ends_the_build(store: ContentStore, tmp_path: Path) -> None:
    good = planned(store, "/opt/run.sh", b"#!/bin/sh\n")
    start = make_plan(()).start
    plans = [
        replace(_plan(good), start=replace(start, environment=(("DSN", f"shop/{SECRET}"),))),
        replace(_plan(good), start=replace(start, arguments=("/opt/run.sh", SECRET))),
        _plan(good, planned(store, f"/opt/{SECRET}.txt", b"harmless")),
        _plan(good, link("/opt/x", f"/srv/{SECRET}", "application")),
        _plan(replace(good, xattrs=(("user.note", SECRET.encode()),))),
    ]
    for plan in plans:
        with pytest.raises(SecretInImage):
            _write(plan, store, tmp_path)
        assert _left(tmp_path) == []


def test_an_older_image_stays_when_a_build_is_refused(store: ContentStore, tmp_path: Path) -> None:
    _write(_plan(planned(store, "/opt/run.sh", b"#!/bin/sh\n")), store, tmp_path)
    before = sorted(path.name for path in (tmp_path / "image").rglob("*"))
    with pytest.raises(SecretInImage):
        _write(_plan(planned(store, "/opt/run.sh", SECRET.encode())), store, tmp_path)
    assert sorted(path.name for path in (tmp_path / "image").rglob("*")) == before


def test_a_file_that_nobody_examined_is_examined(store: ContentStore, tmp_path: Path) -> None:
    file = planned(store, "/opt/app.conf", b"password = Gr33nHorse77\n")
    with pytest.raises(SecretInImage, match=r"/opt/app\.conf line 1: value of password"):
        _write(_plan(file), store, tmp_path, ImageSearch())
    again = planned(store, "/opt/app.conf", b"password = Gr33nHorse77\n")
    _write(_plan(again), store, tmp_path, ImageSearch(excepted=("/opt/app.conf",)))


def test_what_a_distribution_ships_may_look_like_a_secret(store: ContentStore, tmp_path: Path) -> None:
    words = replace(planned(store, "/usr/share/dict/words", f"a {SECRET} b".encode()), layer="packages")
    _write(_plan(words), store, tmp_path, replace(SEARCH, public=frozenset([words.digest])))
    excepted = planned(store, "/opt/docs/words", f"a {SECRET} b".encode())
    _write(_plan(excepted), store, tmp_path, replace(SEARCH, excepted=("/opt/docs",)))


def test_a_folder_to_build_from_is_searched(tmp_path: Path) -> None:
    folder = tmp_path / "rebuild"
    (folder / "files/0-0/opt").mkdir(parents=True)
    (folder / "Containerfile").write_text("FROM debian:12\nCOPY files/0-0 /\n")
    SEARCH.check_folder("web01/apache2", folder)
    (folder / "files/0-0/opt/run.sh").write_text(f"upload {SECRET}")
    with pytest.raises(SecretInImage, match=r"files/0-0/opt/run\.sh"):
        SEARCH.check_folder("web01/apache2", folder)
    (folder / "files/0-0/opt/run.sh").unlink()
    (folder / "Containerfile").write_text(f"FROM debian:12\nENV X={SECRET}\n")
    with pytest.raises(SecretInImage, match="Containerfile"):
        SEARCH.check_folder("web01/apache2", folder)
