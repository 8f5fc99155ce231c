"""The data of the script: the same rows as the static page, and no text that could end its element."""

from __future__ import annotations

import base64
import gzip
import json
from functools import cache
from typing import Any

from reports.html.report_file import data_blocks
from reports.view.page import page_of
from reports.view.script_data import chunks, index
from tests.reports.pages import Read, large_assessment, large_html, sample_html
from tests.support import assessments


@cache
def sample() -> dict[str, Any]:
    return json.loads(json.dumps(index(page_of(assessments.sample(), assessments.rules()))))


def test_columns_of_a_table_have_one_length() -> None:
    for name in ("workloads", "findings", "ports", "hosts"):
        assert len({len(column) for column in sample()[name].values()}) == 1


def test_every_workload_and_finding_is_in_it() -> None:
    made, data = assessments.sample(), sample()
    strings = data["strings"]
    ids = [strings[place] for place in data["workloads"]["id"]]
    assert sorted(ids) == sorted(each.workload.id for each in made.workloads)
    messages = {strings[place] for place in data["findings"]["message"]}
    assert messages == {finding.message for each in made.workloads for finding in each.findings} | {
        finding.message for each in made.hosts for finding in each.findings
    }


def test_strings_are_kept_once_and_made_visible() -> None:
    strings = sample()["strings"]
    assert len(strings) == len(set(strings))
    assert all(text.isprintable() for text in strings)


def test_details_follow_the_order_of_the_tables() -> None:
    page = page_of(assessments.sample(), assessments.rules())
    details = [detail for chunk in chunks(page) for detail in chunk]
    assert len(details) == page.workloads.total + page.hosts.total
    for row, detail in zip(page.workloads.rows, details, strict=False):
        blocks = detail["blocks"]
        assert isinstance(blocks, list)
        if row.id == "db01/mariadb":
            assert "Data directories" in [title for _kind, title, *_rest in blocks]


def test_a_detail_names_its_findings_by_their_place_in_the_table() -> None:
    page = page_of(assessments.sample(), assessments.rules())
    details = [detail for chunk in chunks(page) for detail in chunk]
    assert any(each["findings"] for each in details)
    for place, row in enumerate(page.workloads.rows):
        for finding, _evidence in details[place]["findings"]:  # type: ignore[attr-defined]
            assert page.findings.rows[finding].workload == row.id


def test_small_data_is_plain_and_large_data_is_compressed_and_both_say_the_same() -> None:
    small = data_blocks(page_of(assessments.sample()))
    assert not any(block.gzip for block in small)
    page = page_of(large_assessment())
    large = data_blocks(page)
    assert all(block.gzip for block in large)
    assert json.loads(gzip.decompress(base64.b64decode(large[0].content))) == json.loads(json.dumps(index(page)))
    assert [block.name for block in large] == ["index", *(f"details-{number}" for number in range(5))]


def test_no_text_can_end_its_script_element() -> None:
    blocks = data_blocks(page_of(assessments.sample()))
    assert blocks
    for block in blocks:
        assert not set(block.content) & set("<>&")
        json.loads(block.content)


def test_data_blocks_are_no_scripts() -> None:
    for html in (sample_html(), large_html()):
        kinds = [attributes["type"] for attributes, _content in Read(html).scripts if "type" in attributes]
        assert set(kinds) <= {"application/json", "application/octet-stream"}
        assert kinds
