"""The documents of ``assess build --json``, with ``--dry-run`` and with ``--why``."""

from __future__ import annotations

import json
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from assess.export.json_schema import Count, Version, schema_of
from containerize.build.builder import BuildResult
from containerize.build.explain_path import Explanation
from containerize.commands.build_run import BuildOutcome
from containerize.commands.work_result import WorkResult
from containerize.emitters.emission import WrittenFile
from containerize.plan.model import Digest, Level, Mode, WorkloadId
from inventory.described import doc

BUILD_VERSION = "1.3"


class LeftOutRow(msgspec.Struct, frozen=True):
    """Files that are left out together."""

    name: Annotated[str, doc("Name of the group of files.")]
    reason: Annotated[str, doc("Why they are left out.")]
    files: Annotated[Count, doc("Number of files and links.")]
    size: Annotated[Count, doc("Their bytes, uncompressed.")]


class ImageRow(msgspec.Struct, frozen=True, kw_only=True):
    """An image that was built."""

    workload: WorkloadId
    image: Annotated[str, doc("Name of the image, with its tag.")]
    layout: Annotated[str, doc("Path of the folder with the OCI image layout.")]
    digest: Annotated[Digest, doc("Digest of the image's manifest; the same input gives the same digest.")]
    size: Annotated[Count, doc("Bytes of its layers, uncompressed.")]
    compressed_size: Annotated[Count, doc("Bytes of its layers as they are stored.")]
    files: Annotated[Count, doc("Number of files and links in it; directories are not counted.")]
    fetched: Annotated[Count, doc("Bytes that were copied from the host; what was copied before is not copied again.")]
    written: Annotated[tuple[WrittenFile, ...], doc("The files written next to the image.")]
    mode: Annotated[Mode, doc("Source of the image: the host's files, or its Containerfile.")]
    level: Annotated[Level, doc("How much is inside.")]
    left_out: Annotated[list[LeftOutRow], doc("What the level leaves out of a complete image.")]
    remarks: Annotated[list[str], doc("Remarks on the pilots of an observed image, or on how it was rebuilt.")]


class RecipeRow(msgspec.Struct, frozen=True, kw_only=True):
    """A Containerfile."""

    workload: WorkloadId
    path: Annotated[str, doc("Path of the Containerfile; its folder is the build context.")]
    base: Annotated[str, doc("Name of the base image.")]
    packages: Annotated[tuple[str, ...], doc("Packages, as the package manager is asked for them.")]
    files: Annotated[Count, doc("Number of files that are copied.")]
    removals: Annotated[Count, doc("Number of paths that are removed.")]
    compared: Annotated[bool, doc("Whether it was compared with the content of base and packages.")]
    built: Annotated[bool, doc("Whether an image was made of it.")]


class FailedRow(msgspec.Struct, frozen=True):
    """A workload that could not be built."""

    workload: WorkloadId
    reason: Annotated[str, doc("Why, and what to do, in a sentence.")]


class _PlanHead(msgspec.Struct):
    schema: Annotated[str, doc("Form of the plan.")]
    workload: WorkloadId
    image: Annotated[str, doc("Name that the image would have.")]


class Builds(msgspec.Struct, frozen=True, kw_only=True):
    """The images that were made, and what could not be built, as printed by `assess build --json`."""

    schema_version: Version = BUILD_VERSION
    builds: Annotated[list[ImageRow], doc("The images, in the order of the request. Empty with `--dry-run`.")]
    recipes: Annotated[list[RecipeRow], doc("With `assess rebuild`: the Containerfiles, also those without an image.")]
    plans: (
        Annotated[
            list[Any],
            doc(
                "Only with `--dry-run`: what would be built, in the form of `plan.json` of a build.",
                schema={"items": schema_of(_PlanHead)},
            ),
        ]
        | UnsetType
    ) = UNSET
    failed: Annotated[list[FailedRow], doc("Workloads that could not be built.")]
    results: Annotated[list[WorkResult], doc("One for each workload: the result, its size and its time.")]


class Reasons(msgspec.Struct, frozen=True):
    """Why a path is in the images, or why it is not, as printed by `assess why PATH --json`."""

    schema_version: Version
    reasons: Annotated[list[Explanation], doc("One for each workload.")]


def build_document(outcome: BuildOutcome) -> Builds:
    """The document of an outcome."""
    plans: list[Any] | UnsetType = UNSET
    if outcome.planned:
        from containerize.plan.plan_json import plan_to_json

        plans = [json.loads(plan_to_json(plan)) for plan in outcome.planned.values()]
    return Builds(
        builds=[_image(each, outcome.remarks.get(each.built.workload, [])) for each in outcome.built.values()],
        recipes=[
            RecipeRow(
                workload=name,
                path=str(each.path),
                base=each.base,
                packages=each.packages,
                files=each.files,
                removals=each.removals,
                compared=each.compared,
                built=each.built,
            )
            for name, each in outcome.recipes.items()
        ],
        plans=plans,
        failed=[FailedRow(name, reason) for name, reason in outcome.failed.items()],
        results=outcome.results(),
    )


def _image(result: BuildResult, remarks: list[str]) -> ImageRow:
    built, plan = result.built, result.plan
    return ImageRow(
        workload=built.workload,
        image=built.image,
        layout=built.layout,
        digest=built.digest,
        size=built.size,
        compressed_size=built.compressed_size,
        files=built.files,
        fetched=result.fetched,
        written=result.written,
        mode=plan.mode,
        level=plan.level,
        left_out=[LeftOutRow(group.name, group.reason, len(group.paths), group.size) for group in plan.groups],
        remarks=remarks,
    )
