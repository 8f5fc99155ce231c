"""The report lists what a person has to decide on, and what was allowed, by whom and until when."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec

from containerize.emitters.decisions import Decision
from containerize.emitters.decisions_json import NAME, SCHEMA
from containerize.grants.grants_json import save_grants
from containerize.grants.model import Grant, reported
from containerize.grants.needs import ContainerNeed
from inventory.store.workspace import Workspace
from reports.html.write_report import decisions
from reports.view.open_decisions import Security, decision_block, grant_block, summary
from reports.view.visible_text import visible
from tests.reports.pages import Read, sample_html
from tests.support import assessments

DAY = date(2026, 11, 24)
SECURITY = assessments.security()["web01/apache2"]


def states(security: Security) -> dict[str, str]:
    """The state of each row of both tables by what it is about."""
    blocks = [each for each in (decision_block(security, None), grant_block(security)) if each is not None]
    return {row[1].text: row[0].text for block in blocks for row in block.rows}


def test_what_was_not_allowed_is_denied_and_what_is_dangerous_comes_first() -> None:
    block = decision_block(SECURITY, None)
    assert block is not None
    assert [row[0].text for row in block.rows] == ["Dangerous", "Dangerous", "Denied", "Denied"]
    assert [row[1].text for row in block.rows[2:]] == ["CAP_NET_ADMIN", "setuid"]
    assert "read and write this device" in block.rows[0][2].text
    assert "is a disk of the machine" in block.rows[0][2].text
    assert block.rows[0][4].text == "--allow-device /dev/sda"
    assert block.rows[1][4].text.startswith("no option")


def test_a_grant_holds_on_its_first_and_last_day_and_is_denied_after_it() -> None:
    grant = Grant("device", "/dev/fuse", "ada", "", date(2026, 11, 1), DAY)
    need = Decision("device", "/dev/fuse", "it was open", "x")
    assert states(Security(DAY, (need,), (grant,))) == {"device /dev/fuse": "In force"}
    late = Security(date(2026, 11, 25), (need,), (grant,))
    assert states(late) == {"/dev/fuse": "Denied", "device /dev/fuse": "Expired"}
    assert states(Security(date(2026, 10, 31), (need,), (grant,)))["/dev/fuse"] == "Denied"


def test_who_allowed_it_why_and_until_when_is_shown() -> None:
    block = grant_block(SECURITY)
    assert block is not None
    assert [[cell.text for cell in row] for row in block.rows] == [
        ["In force", "device /dev/net/tun", "ada", "the VPN of branch offices", "2026-11-20", "2026-12-20"],
        ["Expired", "capability CAP_NET_ADMIN", "ada", "<i>test</i>", "2026-10-01", "2026-10-31"],
    ]


def test_destinations_that_a_pilot_did_not_reach_are_listed() -> None:
    needs = reported([ContainerNeed("network", "10.0.0.5:389", "connected to ldap on the host")], ())
    pilot = msgspec.structs.replace(assessments.pilots()["web01/apache2"], needs=needs)
    block = decision_block(Security(DAY), pilot)
    assert block is not None
    assert block.rows[0][4].text == "--allow-network 10.0.0.5:389"


def test_a_record_that_cannot_be_read_is_not_nothing_allowed() -> None:
    unread = assessments.security()["db01/mariadb"]
    block = grant_block(unread)
    assert block is not None
    assert "not a record of grants" in block.rows[0][0].text
    assert "not a record of grants" in summary(unread, None)


def test_where_nothing_is_to_be_decided_nothing_is_shown() -> None:
    for security in (None, Security(DAY)):
        assert grant_block(security) is None
        assert decision_block(security, None) is None
        assert summary(security, None) == ""


def test_a_line_says_how_many() -> None:
    assert summary(SECURITY, None) == "4 denied, 2 of them dangerous; 1 grant in force, 1 expired"


def test_the_page_has_all_of_it_as_text() -> None:
    text = Read(sample_html()).text
    for each in SECURITY.denied(None):
        assert " ".join(visible(each.name).split()) in text
        assert each.reason in text
    for words in (
        "the VPN of branch offices",
        "<i>test</i>",
        "4 denied, 2 of them dangerous",
        "not a record of grants",
    ):
        assert words in text


def test_a_report_reads_what_lies_beside_each_build(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "w")
    folder = workspace.build("web01", "apache2")
    folder.mkdir(parents=True)
    row = {"kind": "device", "name": "/dev/fuse", "reason": "r", "meaning": "m", "danger": "", "option": "--x"}
    (folder / NAME).write_text(f'{{"schema": "{SCHEMA}", "decisions": [{row}]}}'.replace("'", '"'))
    grant = Grant("device", "/dev/fuse", "ada", "why", date(2026, 1, 1), date(2026, 1, 2))
    save_grants(folder, [grant])
    (found,) = decisions(workspace, ["web01/apache2"]).values()
    assert found.decisions == (Decision("device", "/dev/fuse", "r", "m", "", "--x"),)
    assert found.grants == (grant,)
    (folder / "grants.json").write_text("{")
    assert "not a record of grants" in decisions(workspace, ["web01/apache2"])["web01/apache2"].unread
