"""The export keeps its schema."""

import json
from typing import Any

import jsonschema
import pytest

from assess.assessment import Assessment
from assess.export.export_document import SCHEMA_VERSION, schema, to_document
from tests.support.judging import assess
from tests.support.snapshots import HostBuilder, unreachable


def estate() -> Assessment:
    """A bit of everything: findings, gaps, a hostile name, bytes that are no text, a host that nobody reached."""
    host = HostBuilder("web01", "10.77.0.11")
    host.init()
    host.user("shop", 900)
    server = host.process(50, "/usr/bin/python3", "/opt/shop/server.py", uid=900)
    host.listen(server, 80)
    host.listen(server, 80, address="::", protocol="tcp6")
    host.listen(server, 1, protocol="raw")
    host.config("/opt/shop/server.py", "PORT = 80", code=True)
    host.config("/opt/shop/shop.ini", "host = 10.77.0.12")
    host.open(server, "/var/lib/shop/it\udce9ms.db")
    host.open(server, "/opt/shop/<img src=x>.db")
    host.job("/opt/shop/clean", user="shop")
    host.process(60, "/usr/sbin/sshd")
    host.unknown("cron", "not root")
    other = HostBuilder("app01")
    other.init()
    other.listen(other.process(50, "/usr/sbin/nginx"), 80)
    return assess(host.build("partial"), other.build(), unreachable("gone"))


def closed(node: Any) -> Any:
    """The schema without room for fields that it does not describe."""
    if isinstance(node, list):
        return [closed(each) for each in node]
    if not isinstance(node, dict):
        return node
    made = {key: closed(value) for key, value in node.items()}
    if made.get("type") == "object" and "properties" in made:
        made.setdefault("additionalProperties", False)
    return made


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def test_the_document_is_valid_and_has_no_field_that_is_not_described() -> None:
    document = json.loads(json.dumps(to_document(estate())))

    jsonschema.Draft202012Validator(closed(schema())).validate(document)


def test_an_empty_estate_is_valid_too() -> None:
    jsonschema.validate(to_document(assess()), schema())


def test_a_field_of_a_later_minor_version_is_accepted() -> None:
    document = {**to_document(estate()), "schema_version": "1.7", "new": 1}

    jsonschema.validate(document, schema())


@pytest.mark.parametrize(
    "field",
    [
        "schema_version",
        "made",
        "targets",
        "hosts",
        "workloads",
        "findings",
        "undetermined",
        "port_plan",
        "placements",
        "waves",
        "plan",
    ],
)
def test_a_missing_field_is_noticed(field: str) -> None:
    document = to_document(estate())
    del document[field]

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema())


def test_what_the_design_promises_is_there() -> None:
    document = to_document(estate())
    (shop,) = [each for each in document["workloads"] if each["name"] == "shop"]
    gone = document["hosts"][-1]

    assert document["schema_version"] == SCHEMA_VERSION
    assert {"protocol": "tcp", "address": "0.0.0.0", "port": 80, "process": "python3"} in shop["listeners"]
    assert {"protocol": "tcp", "address": "::", "port": 80, "process": "python3"} in shop["listeners"]
    assert shop["verdict"] == "needs work" and shop["fits"][0]["target"] == "box"
    assert (gone["status"], gone["reason"], gone["os"]) == ("unreachable", "nobody answers on port 22", None)
    assert document["hosts"][0]["sections"]["cron"] == {
        "status": "unknown",
        "reason": "not root",
        "gaps": [],
        "collect": "assess scan hosts.ini",
    }
    assert document["hosts"][0]["reason"] == "cron: not root"
    assert document["hosts"][1]["reason"] is None
    assert document["placements"] and document["waves"] and document["applications"]
    assert document["plan"]["servers_after"] == len(document["placements"])
    assert any(row["conflict"] and row["rivals"] == ["app01/nginx"] for row in document["port_plan"])


def test_bytes_that_are_no_text_are_written_as_hex() -> None:
    text = json.dumps(to_document(estate()), ensure_ascii=False)

    text.encode("utf-8")
    assert r"it\\xe9ms.db" in text


def test_evidence_names_section_part_and_line() -> None:
    document = to_document(estate())
    evidence = [each for finding in document["findings"] for each in finding["evidence"] if each["section"]]

    assert evidence
    assert {"section", "part", "line", "text", "fact"} == set(evidence[0])
