"""What was not observed is said, with the command that collects it."""

from __future__ import annotations

import io
import shlex
from dataclasses import replace

from rich.console import Console

from assess.collection_commands import WHOLE_HOST, NotObserved, commands_of, not_observed
from assess.export.export_document import to_document
from assess.model import HostAssessment
from inventory.depth import Depth
from inventory.observation import Found, Gap, Unknown
from inventory.snapshot import Snapshot
from reports.commands.scan import scan
from reports.terminal.scan_summary import print_summary
from reports.view.page import page_of
from tests.reports.pages import Read, html_of
from tests.support import assessments, host_fixtures
from tests.support.estate_recordings import recorded_host
from tests.support.judging import assess
from tests.support.snapshots import HostBuilder, unreachable

SCAN = "assess scan 'my hosts.ini'"


def said(*snapshots: Snapshot) -> tuple[NotObserved, ...]:
    return not_observed([HostAssessment(each, (), (), (), ()) for each in snapshots], "my hosts.ini")


def host(name: str, section: str, reason: str, *, asked: bool = True, user: str = "root") -> Snapshot:
    snapshot = HostBuilder(name).build()
    observations = {**snapshot.observations, section: Unknown(reason, asked)}
    return replace(snapshot, observations=observations, user=user, privileged=user == "root")


def test_what_the_depth_leaves_out_needs_a_deeper_scan() -> None:
    quick = replace(host("a", "packages", "not asked", asked=False), depth=Depth.QUICK)
    deep = host("b", "changed_files", "not asked", asked=False)
    assert said(quick, deep) == (
        NotObserved(("changed_files",), ("b",), "not asked at depth standard", f"{SCAN} --depth deep"),
        NotObserved(("packages",), ("a",), "not asked at depth quick", f"{SCAN} --depth standard"),
    )


def test_hosts_with_one_reason_are_one_row_and_the_report_keeps_the_others() -> None:
    every = [host(f"h{number}", "changed_files", "", asked=False) for number in range(30)]
    (row,) = said(*every)
    assert (len(row.hosts), row.command) == (30, f"{SCAN} --depth deep")
    (first, _) = said(*every[:2], host("x", "cron", "permission denied"))
    assert first.command == f"{SCAN} --depth deep"


def test_what_only_root_may_see_needs_root() -> None:
    refused = host("a", "open_files", "permission denied", user="ops")
    (row,) = said(refused)
    assert (row.reason, row.command) == (
        "read as ops, not as root",
        f"{SCAN} --escalate sudo",
    )
    partly = replace(refused, observations={"sockets": Found(None, (Gap("owners", "permission denied"),))})
    assert said(partly)[0].reason == "read as ops, not as root, so in part"
    windows = replace(refused, platform="windows")
    assert commands_of(windows, "hosts.ini") == {"open_files": "assess scan hosts.ini"}


def test_a_scan_as_root_is_as_deep_as_the_last_one() -> None:
    (row,) = said(replace(host("a", "open_files", "permission denied", user="ops"), depth=Depth.DEEP))
    assert row.command == f"{SCAN} --depth deep --escalate sudo"


def test_what_took_too_long_needs_more_time_and_what_cannot_be_asked_no_command() -> None:
    late = host("a", "open_files", "no answer within 60 s")
    assert commands_of(late, "hosts.ini") == {"open_files": "assess scan hosts.ini --section-timeout 600"}
    other = host("a", "open_files", "other hosts cannot be asked this yet")
    assert commands_of(other, "hosts.ini") == {}


def test_a_host_that_was_not_reached_is_not_observed_whole_and_first() -> None:
    first, second = said(host("a", "cron", "damaged"), unreachable("lost"))
    assert (first.sections, first.hosts, first.command) == (
        (WHOLE_HOST,), ("lost",), f"{SCAN}",
    )  # fmt: skip
    assert second.sections == ("cron",)


def test_every_command_is_one_that_the_program_knows() -> None:
    snapshots = [host_fixtures.snapshot_of(host_fixtures.recording_of(name)) for name in host_fixtures.names()]
    rows = said(
        *snapshots, recorded_host("web01", "legacy"), unreachable("lost"), host("a", "cron", "no answer within 5 s")
    )
    assert len(rows) > 4
    for row in rows:
        program, name, *arguments = shlex.split(row.command)
        assert (program, name) == ("assess", "scan")
        scan.make_context("scan", arguments)


def test_page_terminal_and_export_say_it_alike() -> None:
    assessment = assess(recorded_host("web01"), unreachable("lost"))
    document = to_document(assessment)
    command = "assess scan hosts.ini --depth deep"
    assert [row["command"] for row in document["not_observed"]] == ["assess scan hosts.ini", command]
    sections = document["hosts"][0]["sections"]
    assert {each["collect"] for name, each in sections.items() if each["status"] == "unknown"} == {command}
    assert {each["collect"] for each in sections.values() if each["status"] == "found"} == {None}
    out = io.StringIO()
    print_summary(assessment, Console(file=out, width=2000))
    assert f"(not asked at depth standard).\n  Collect with: {command}\n" in out.getvalue()
    page = page_of(assessment)
    assert [row.command for row in page.gaps.not_observed.rows] == ["assess scan hosts.ini", command]
    assert command in Read(html_of(assessment)).text
    assert "assess scan hosts.ini" in Read(html_of(assessments.sample())).text
