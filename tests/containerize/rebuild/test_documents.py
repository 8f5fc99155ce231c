"""What a rebuild tells programs, and what lies beside its image."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema

from assess.export.json_stream import document_text
from containerize.build.builder import BuildResult
from containerize.commands.build_json import build_document
from containerize.commands.build_run import BuildOutcome, WrittenRecipe
from containerize.emitters import EMITTERS, fitting, layer_containerfile
from containerize.emitters.emission import Emission, WrittenFile
from containerize.plan.model import BuiltImage
from containerize.plan.plan_json import plan_from_json, plan_to_json
from docs.generator.documents import BUILD
from tests.containerize.plans import make_plan

PLAN = replace(make_plan(()), mode="rebuild", image="localhost/brownfield/web01/apache2:rebuild")
BUILT = BuiltImage(PLAN.workload, PLAN.image, "/w/builds/web01/apache2/image", f"sha256:{'0' * 64}", 300, 100, 7)


def test_recipes_are_printed_as_described_built_or_not() -> None:
    made = WrittenRecipe(Path("/w/rebuild/Containerfile"), "debian:bookworm-slim", ("apache2=2.4-1",), 3, 1, True, True)
    outcome = BuildOutcome(
        built={PLAN.workload: BuildResult(BUILT, PLAN, 42, (WrittenFile("rebuild", "rebuild/Containerfile"),))},
        failed={"win01/shop": "its Dockerfile is there"},
        recipes={PLAN.workload: made, "win01/shop": replace(made, packages=(), compared=False, built=False)},
    )
    document: dict[str, Any] = json.loads(document_text(build_document(outcome)))

    jsonschema.validate(document, BUILD)
    described = BUILD["properties"]["recipes"]["items"]["properties"]
    assert [set(each) for each in document["recipes"]] == [set(described)] * 2
    assert [each["built"] for each in document["recipes"]] == [True, False]
    assert document["builds"][0]["mode"] == "rebuild"


def test_the_containerfile_of_layers_is_for_lifted_images_alone() -> None:
    rebuilt, lifted = (Emission(plan, BUILT, ()) for plan in (PLAN, replace(PLAN, mode="lift")))

    assert layer_containerfile.EMITTER not in fitting(rebuilt)
    assert layer_containerfile.emit(rebuilt) == {}
    assert layer_containerfile.EMITTER in fitting(lifted)
    assert set(fitting(lifted)) - set(fitting(rebuilt)) == {layer_containerfile.EMITTER}


def test_the_readme_says_how_it_came_about() -> None:
    (readme,) = (each for each in EMITTERS if each.name == "readme")
    (text,) = readme.emit(Emission(PLAN, BUILT, ())).values()

    assert "made by `rebuild/Containerfile`" in text
    assert "| `rebuild/` |" in text
    assert "the same from the same files" not in text


def test_the_mode_is_kept_with_the_plan_and_older_plans_are_lifted() -> None:
    assert plan_from_json(plan_to_json(PLAN)) == PLAN
    older = json.loads(plan_to_json(PLAN))
    del older["mode"]

    assert plan_from_json(json.dumps(older)).mode == "lift"
