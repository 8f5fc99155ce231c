"""What the commands print for programs keeps the schema that is documented."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from assess.export.json_schema import Schema
from assess.export.json_stream import document_text
from containerize.build.builder import BuildResult
from containerize.build.explain_path import Explanation
from containerize.commands.build_json import BUILD_VERSION, Reasons, build_document
from containerize.commands.build_run import BuildOutcome
from containerize.commands.push_json import push_document
from containerize.commands.rebase_json import rebase_document
from containerize.image.write_image import StoredLayer
from containerize.pilot.result import CheckResult, CheckVerdict, PilotResult
from containerize.pilot.result_json import load_pilot, pilot_document, save_pilot
from containerize.plan.model import BuiltImage
from containerize.rebase.outcome import PilotVerdicts, RebaseOutcome
from containerize.rebase.rebased_plan import RebasedPlan
from containerize.rebase.update_choice import KeptPackage, Update
from containerize.registry.image_reference import Reference
from containerize.registry.push_image import PushResult
from containerize.runtimes.image_layout import LayoutBlob
from docs.generator.documents import BUILD, PILOT, PUSH, REASONS, REBASE
from tests.containerize.plans import make_plan

DIGEST = f"sha256:{'0' * 64}"
BUILT = BuiltImage("web01/apache2", "localhost/web01:lift", "/w/builds/web01/apache2/image", DIGEST, 300, 100, 7)
CHECKS = (
    CheckResult("starts", CheckVerdict.PASS, "runs", "up"),
    CheckResult("http tcp/80", CheckVerdict.FAIL, "2 pages", "1 differs", "/: differs"),
)
ALL = [BUILD, REASONS, PILOT, PUSH, REBASE]
RESULT = PilotResult("web01/apache2", "docker", CheckVerdict.FAIL, BUILT.image, DIGEST, 1.5e9, 12.34, CHECKS)


def printed(document: msgspec.Struct) -> Any:
    """The document as a reader gets it."""
    return json.loads(document_text(document))


def closed(schema: Schema) -> Schema:
    """The schema without room for fields that it does not describe."""
    found = deepcopy(schema)
    todo: list[Any] = [found]
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            if "properties" in node:
                node["additionalProperties"] = False
            todo.extend(node.values())
    return found


@pytest.mark.parametrize("schema", ALL, ids=lambda each: each["title"])
def test_every_schema_is_one_and_describes_every_field(schema: Schema) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)
    todo = [schema]
    while todo:
        for field in todo.pop().get("properties", {}).values():
            assert field["description"]
            todo.append(field.get("items", field))


def test_builds_and_failures_are_printed_as_described() -> None:
    outcome = BuildOutcome(
        built={BUILT.workload: BuildResult(BUILT, make_plan([]), 42)}, failed={"web02/nginx": "is down"}
    )
    document = printed(build_document(outcome))

    jsonschema.validate(document, closed(BUILD))
    assert document["builds"][0]["layout"] == BUILT.layout
    assert document["builds"][0] | {"size": 300, "compressed_size": 100, "files": 7} == document["builds"][0]
    assert document["failed"] == [{"workload": "web02/nginx", "reason": "is down"}]


def test_plans_of_a_dry_run_are_printed_as_described() -> None:
    plan = make_plan([])
    document = printed(build_document(BuildOutcome(planned={plan.workload: plan})))

    jsonschema.validate(document, BUILD)
    assert document["plans"][0]["workload"] == plan.workload
    assert document["builds"] == []


def test_reasons_are_printed_as_described() -> None:
    document = printed(
        Reasons(BUILD_VERSION, [Explanation("web01/apache2", "/usr/bin/qrencode", True, "is run by a script")])
    )

    jsonschema.validate(document, closed(REASONS))


def test_pilots_are_printed_as_described_and_read_back(tmp_path: Path) -> None:
    document = printed(pilot_document([RESULT]))
    save_pilot(tmp_path, RESULT)

    jsonschema.validate(document, closed(PILOT))
    assert json.loads((tmp_path / "pilot.json").read_text()) == document
    assert load_pilot(tmp_path) == msgspec.structs.replace(RESULT, seconds=12.3)


def test_pushes_are_printed_as_described() -> None:
    blob = LayoutBlob(DIGEST, 7, "application/octet-stream")
    pushed = PushResult(
        Reference("r.example.org", "a/b", "v1"), DIGEST, [blob], [blob], [blob], [blob], True, "", ["so"]
    )
    document = printed(push_document("web01/apache2", pushed, dry_run=False))

    jsonschema.validate(document, closed(PUSH))
    assert document["reference"] == f"r.example.org/a/b@{DIGEST}"


def test_rebases_are_printed_as_described() -> None:
    rebased = RebasedPlan(
        make_plan([]),
        (Update("libssl3", "amd64", "3.0.20", "3.0.22", ("postinst",)),),
        (
            KeptPackage("php", "amd64", "8.2.1", "8.2.2", "is needed"),
            KeptPackage("cron", "amd64", "3", None, "is not there"),
        ),
        (("/etc/a", "is a setting"),),
        3,
        ("/usr/lib/b",),
        ("/usr/lib/\udcff",),
        (),
    )
    layer = StoredLayer("packages", "openssl", "0" * 64, 12)
    for pilots in (None, PilotVerdicts(CheckVerdict.PASS, CheckVerdict.FAIL, ("http: 500",))):
        outcome = RebaseOutcome("newer.tar", rebased, BUILT, BUILT, (layer,), (layer,), pilots)
        document = printed(rebase_document(outcome, dry_run=False))
        jsonschema.validate(document, closed(REBASE))
    assert document["kept"][1]["newer"] is None
    assert rebase_document(replace(outcome, built=None), dry_run=True).digest is None
