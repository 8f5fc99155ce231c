"""A base that the engine pulled is built upon by its digest, which no registry can move."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from containerize.rebuild.base_images import Base
from containerize.rebuild.build_context import NAME
from containerize.rebuild.containerfile import containerfile
from containerize.rebuild.engine_builder import EngineBuilder
from containerize.rebuild.recipe import Recipe
from containerize.runtimes import choose
from containerize.runtimes.runtime import RuntimeUnavailable
from tests.containerize.plans import make_plan
from tests.support.registry import registry

pytestmark = pytest.mark.engine


def test_the_engine_builds_upon_the_digest_of_what_it_pulled(tmp_path: Path) -> None:
    try:
        runtime = choose("docker")
    except RuntimeUnavailable as error:
        pytest.skip(str(error))
    tree = io.BytesIO()
    with tarfile.open(fileobj=tree, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("hello"))
    with registry() as server:
        name = f"{server.name}/brownfield-test-emit"
        api = runtime.api  # type: ignore[attr-defined]
        try:
            api.import_image_from_data(tree.getvalue(), repository=name, tag="1")
            api.push(name, tag="1")
            builder = EngineBuilder(runtime)
            digest = builder.digest_of(f"{name}:1")
            assert digest.startswith("sha256:")
            recipe = Recipe(Base(f"{name}:1", "apt", digest=digest), (), compared=True)
            (tmp_path / NAME).write_text(containerfile(recipe, make_plan(())))
            assert f"FROM {name}:1@{digest}\n" in (tmp_path / NAME).read_text()
            reference = builder.build(tmp_path, "image")
            assert builder.layers_of(reference)[0] == builder.layers_of(f"{name}:1")[0]
            builder.remove_built()
        finally:
            api.remove_image(f"{name}:1", force=True)
            runtime.close()
