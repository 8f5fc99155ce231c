"""What a scan prints on a terminal: the answer, and never an escape sequence of a host."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from assess.assessment import Assessment
from reports.terminal.scan_summary import print_summary, scanning
from reports.terminal.tables import safe
from reports.view.workload_table import workload_rows
from tests.reports.pages import large_assessment
from tests.support import assessments


def printed(assessment: Assessment, width: int = 120, color: bool = False) -> str:
    out = io.StringIO()
    print_summary(assessment, Console(file=out, width=width, force_terminal=color, highlight=False))
    return out.getvalue()


def test_the_summary_has_hosts_with_reasons_and_services_with_verdicts() -> None:
    text = " ".join(printed(assessments.sample()).split())
    assert "legacy07 Not reached" in text
    assert "nobody answers on 10.20.0.97 port 22" in text
    assert "build01 Partly read Debian GNU/Linux 11 (bullseye)" in text
    assert "web01/apache2 Needs work 71" in text
    assert "8 of 20 services can move to containers now." in text
    assert (
        "20 services: 8 ready, 7 needs work, 3 stay, 2 unknown; findings: 3 blocker, 8 major; "
        "31 host functions not counted."
    ) in text


def test_hosts_stand_in_the_order_of_the_inventory() -> None:
    text = printed(assessments.sample())
    assert text.index("web01") < text.index("web02") < text.index("db01") < text.index("legacy07")


def test_escape_sequences_and_markup_of_hosts_are_text() -> None:
    made = assessments.sample()
    evil = "\x1b]0;owned\x07[bold red]x[/] \u202e\r\n"
    each = next(workload for workload in made.workloads if workload.workload.kind == "service")
    snapshot = replace(made.hosts[-1].snapshot, reason=evil)
    text = printed(
        replace(
            made,
            hosts=(*made.hosts[:-1], replace(made.hosts[-1], snapshot=snapshot)),
            workloads=(replace(each, workload=replace(each.workload, name=evil), reasons=(evil,)),),
        ),
        color=False,
    )
    assert "\\x1b]0;owned\\x07[bold red]x[/]" in " ".join(text.split())
    assert not set(text) & {"\x1b", "\x07", "\u202e", "\r"}


def test_a_large_estate_fits_and_says_what_it_leaves_out() -> None:
    text = printed(large_assessment())
    assert len(text.splitlines()) < 300
    assert "85 more hosts are in the report" in text
    assert "960 more services are in the report" in text


def test_long_text_is_cut_with_a_word() -> None:
    assert safe("x" * 400).plain == "x" * 300 + "… (100 more characters)"


def test_there_is_no_progress_where_nobody_looks() -> None:
    with scanning(3) as progress:
        assert progress is None


@pytest.mark.parametrize("width", [20, 30, 40, 50, 60, 80, 120])
def test_a_narrow_terminal_loses_no_verdict_and_no_reason_of_a_host(width: int) -> None:
    text = printed(assessments.sample(), width)
    assert max(len(line) for line in text.splitlines()) <= width
    squeezed = "".join(text.split())
    for row in workload_rows(assessments.sample(), {}, {}):
        if row.service and row.id.isprintable() and len(row.id) <= min(width - 12, 32):
            assert f"{row.id} {row.verdict.label}".replace(" ", "") in squeezed
    if width >= 50:
        assert re.search(r"^legacy07 +Not reached +nobody answers", text, re.MULTILINE)


def test_a_column_that_would_be_a_tower_of_syllables_is_left_out() -> None:
    assert "First reason" not in printed(assessments.sample(), 60)
    assert "First reason" in printed(assessments.sample(), 80)
