"""Services that can perhaps be switched off, on the terminal and on the page."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console

from assess.assessment import Assessment
from inventory.model.sightings import Sightings
from inventory.observation import Found
from inventory.snapshot import Snapshot
from reports.html.report_file import render
from reports.terminal.scan_summary import print_summary
from reports.view.page import page_of
from tests.support.judging import assess
from tests.support.snapshots import TAKEN, HostBuilder

WEEK = 7 * 86_400.0


def host(*, used: bool = False) -> Snapshot:
    built = HostBuilder()
    built.init()
    wiki = built.process(100, "/usr/sbin/wikid", unit="wiki.service")
    built.listen(wiki, 8080)
    if used:
        built.connect(wiki, "10.0.0.9", 40000, local_port=8080)
    return built.build()


def watched(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, sightings=Found(Sightings(2016, TAKEN, TAKEN + WEEK, 0, (), ())))


def printed(assessment: Assessment) -> str:
    written = io.StringIO()
    print_summary(assessment, Console(file=written, width=2000))
    return written.getvalue()


def test_a_glance_is_called_one() -> None:
    assert (
        "1 retire candidate without a client, connection or job (1 scan, a glance): web01/wiki. Observe the hosts for "
        "a week (assess scan hosts.ini --every 5m --for 7d) and ask the owners before you decide."
    ) in printed(assess(host()))


def test_a_week_needs_no_more_words() -> None:
    said = printed(assess(watched(host())))

    assert "(2,017 samples over 7.0 days): web01/wiki.\n" in said.replace(" \n", "\n")


def test_what_is_used_is_not_named() -> None:
    assert "retire" not in printed(assess(host(used=True)))


def test_the_page_has_them_with_their_evidence() -> None:
    text = render(page_of(assess(host())))

    assert "Candidates for retirement" in text
    assert "<td>1 scan, a glance<small>weak evidence</small></td><td>no client was connected to 0.0.0.0:8080;" in text
    assert "Candidates for retirement" not in render(page_of(assess(host(used=True))))
