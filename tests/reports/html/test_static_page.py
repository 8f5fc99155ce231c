"""The page without script: complete, safe, within its budget, and honest about what it leaves out."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest

from assess.model import Evidence
from inventory.errors import WorkspaceError
from inventory.observation import Origin
from reports.html.report_file import render, report_script, write
from reports.view.page import page_of
from reports.view.visible_text import visible
from tests.reports.pages import Read, html_of, large_assessment, large_html, sample_html
from tests.support import assessments

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "</style><svg onload=alert(3)>",
    "\"' onmouseover='alert(4)",
    "{{ 7 * 7 }}{% raw %}",
    "<!--",
    "]]>",
    "\u202egpj.exe",
    "\x1b]0;title\x07",
    b"\xff\xfe".decode("utf-8", "surrogateescape"),
    "javascript:alert(5)",
    "\\u003cscript>",
)


@cache
def sample() -> Read:
    return Read(sample_html())


@cache
def large() -> Read:
    return Read(large_html())


def squeezed(text: str) -> str:
    return " ".join(visible(text).split())


def test_the_first_screen_is_there() -> None:
    text = sample().text
    assert "8 of 20 services can move to containers now" in text
    assert "hosts.ini" in text
    assert "24 November 2026, 13:08 UTC" in text
    assert "assess 0.1.0" in text
    for words in ("10 of 13 hosts fully read", "1 partly read: build01", "2 not reached: legacy07 and old-erp"):
        assert words in text


def test_everything_about_every_workload_is_there_without_script() -> None:
    text = sample().text
    workloads = assessments.sample().workloads
    assert any(evidence for each in workloads for finding in each.findings for evidence in finding.evidence)
    assert any(each.undetermined for each in workloads)
    for each in workloads:
        workload = each.workload
        expected = [workload.name, *each.reasons, *workload.packages, *workload.executables, *workload.companions]
        expected += [row.path for row in workload.data] + [row.command for row in workload.processes]
        expected += [f"{row.listener.port}/{row.listener.protocol[:3]}" for row in workload.listeners]
        for finding in each.findings:
            expected += [finding.message, finding.remedy, finding.rule]
            for evidence in finding.evidence:
                expected += [evidence.fact, str(evidence.origin), evidence.text]
        expected += [undetermined.reason for undetermined in each.undetermined]
        for words in expected:
            assert squeezed(words) in text, (workload.id, words)


def test_every_host_is_there_with_what_it_did_not_show() -> None:
    text = sample().text
    hosts = assessments.sample().hosts
    assert any(host.unseen for host in hosts) and any(host.gaps for host in hosts)
    for host in hosts:
        assert host.snapshot.host in text
        assert squeezed(host.snapshot.reason) in text
        for _section, reason in host.unseen:
            assert reason in text
        for _section, gap in host.gaps:
            assert gap.what in text


def test_every_check_of_every_pilot_is_there() -> None:
    text = sample().text
    pilots = assessments.pilots().values()
    assert any(pilot.checks for pilot in pilots)
    for pilot in pilots:
        for check in pilot.checks:
            for words in (check.name, check.expected, check.actual, *check.detail.splitlines()):
                assert words in text


def test_verdicts_are_words_and_shapes_not_only_colours() -> None:
    shapes = set(sample().attributes("href"))
    for key, label in (("ready", "Ready"), ("needs-work", "Needs work"), ("stay", "Stay"), ("unknown", "Unknown")):
        assert f"#s-{key}" in shapes
        assert label in sample().text


def test_every_link_leads_to_an_element_of_this_page() -> None:
    page = sample()
    ids = set(page.attributes("id"))
    queries = {"#findings", "#ports", "#hosts", "#workloads"}
    assert page.attributes("href")
    for href in page.attributes("href"):
        assert href.startswith("#")
        assert href[1:] in ids or href.split("?")[0] in queries, href


def test_ids_are_unique() -> None:
    ids = sample().attributes("id")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_markup(text: str) -> None:
    made = assessments.sample()
    each = made.workloads[0]
    workload = replace(
        each.workload,
        name=text,
        host=text,
        packages=(text,),
        executables=(text,),
        named_by=text,
        purpose=text,
        companions=(text,),
        processes=tuple(replace(row, arguments=(text,)) for row in each.workload.processes),
    )
    finding = replace(
        each.findings[0],
        rule="XXX001",
        name=text,
        host=text,
        workload=f"{text}/{text}",
        target=text,
        message=text,
        remedy=text,
        evidence=(Evidence(text, Origin(text, text, 1), text),),
    )
    port = replace(made.port_plan[0], workload=text, host=text, process=text, set_in=text, clients=(text,))
    snapshot = replace(made.hosts[0].snapshot, host=text, address=text, reason=text, groups=(text,), user=text)
    hostile = replace(
        made,
        inventory=text,
        hosts=(replace(made.hosts[0], snapshot=snapshot, unseen=((text, text),)),),
        workloads=(replace(each, workload=workload, findings=(finding,), reasons=(text,)),),
        port_plan=(replace(port, wanted_by=(text, "other")),),
        findings=(replace(finding, workload=None),),
        targets=(replace(made.targets[0], name=text),),
    )
    page = Read(html_of(hostile))
    harmless = Read(html_of(replace(made, hosts=made.hosts[:1], workloads=(each,), port_plan=made.port_plan[:1])))
    assert {tag for tag, _attributes in page.elements} <= {tag for tag, _attributes in harmless.elements} | {
        "small",
        "li",
    }
    assert not [name for _tag, attributes in page.elements for name in attributes if name.startswith("on")]
    assert all(href.startswith("#") for href in page.attributes("href"))
    assert squeezed(text) in page.text


def test_there_is_nothing_that_the_policy_would_block() -> None:
    page = sample()
    assert not page.attributes("style")
    assert not page.attributes("src")
    assert not [name for _tag, attributes in page.elements for name in attributes if name.startswith("on")]


@pytest.mark.parametrize("make", [sample, large])
def test_the_policy_allows_exactly_this_script_and_this_style(make: object) -> None:
    page: Read = make()  # type: ignore[operator]
    policy = next(
        attributes["content"] or ""
        for tag, attributes in page.elements
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )

    def digest(text: str) -> str:
        return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    running = [content for attributes, content in page.scripts if "type" not in attributes]
    assert len(running) == 1
    assert len(page.styles) == 1
    assert policy == (
        f"default-src 'none'; script-src '{digest(running[0])}'; style-src '{digest(page.styles[0])}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def test_line_ends_are_those_that_browsers_hash() -> None:
    assert "\r" not in sample_html()


def test_long_lists_are_cut_and_say_so() -> None:
    page, text = large(), large().text
    rows = dict.fromkeys(("workloads", "findings", "ports", "hosts"), 0)
    table = ""
    for tag, attributes in page.elements:
        table = attributes.get("data-table") or "" if tag == "table" else table
        if tag == "tr" and table in rows and attributes.get("class") != "group":
            rows[table] += 1
    assert rows["workloads"] == 201  # with the head
    assert rows["findings"] == 101
    assert "Showing 200 of 1,000 workloads" in text
    assert re.search(r"Showing 100 of \d,\d{3} findings, the worst first\.", text)
    assert re.search(r"Showing \d+ of 1,125 workloads and hosts", text)


def test_no_verdict_disappears_when_the_table_is_cut() -> None:
    ids = large().attributes("id")
    for key in ("ready", "needs-work", "stay", "unknown"):
        assert f"workloads?verdict={key}" in ids
    groups = page_of(large_assessment()).groups
    assert all(len(group.rows) >= 40 for group in groups)


def test_a_cut_never_loses_its_words() -> None:
    """Each table that shows fewer rows than there are has its sentence."""
    page = page_of(large_assessment(), assessments.rules())
    for listing in (
        page.fixes,
        page.findings,
        page.conflicts,
        page.ports,
        page.lifecycle,
        page.hosts,
        page.gaps.unseen,
    ):
        assert bool(listing.note) == (len(listing.shown) < listing.total)


def test_an_empty_estate_has_a_page_too() -> None:
    made = assessments.sample()
    page = Read(html_of(replace(made, hosts=(), workloads=(), port_plan=(), findings=())))
    assert "No services were found" in page.text
    assert "No rule found anything" in page.text


def test_the_budget_of_the_page() -> None:
    script = report_script().encode()
    style = files("reports").joinpath("static", "report.css").read_bytes()
    assert len(script) <= 60_000
    assert len(style) <= 30_000
    for html in (sample_html(), large_html()):
        page = Read(html)
        data = sum(len(content.encode()) for _attributes, content in page.scripts)
        assert len(html.encode()) - data - len(style) <= 400_000


def test_the_budget_of_the_file() -> None:
    assert len(html_of(assessments.large(100)).encode()) <= 500_000
    assert len(large_html().encode()) <= 1_000_000


@pytest.mark.slow
def test_the_budget_of_a_large_file() -> None:
    assert len(html_of(assessments.large(10_000)).encode()) <= 5_000_000


def test_the_same_assessment_gives_the_same_file() -> None:
    assert html_of(assessments.large(60)) == html_of(assessments.large(60))


def test_the_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    page = page_of(assessments.sample(), assessments.rules())
    path = tmp_path / "report" / "index.html"
    write(page, path)
    assert path.read_text("utf-8") == render(page)
    assert [each.name for each in path.parent.iterdir()] == ["index.html"]


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match=r"the report cannot be written to .*index\.html"):
        write(page_of(assessments.sample()), tmp_path / "file" / "index.html")
