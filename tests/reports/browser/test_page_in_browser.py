"""The report in a real browser: quiet, safe, and usable with mouse, keyboard and screen reader."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

Open = Callable[..., Any]

PARTS = ("overview", "workloads", "findings", "findings?view=every", "ports", "plan", "hosts", "pilots", "unseen")
HOSTILE = "#w/build01/%3Cimg%20src%3Dx%20onerror%3Dalert%281%29%3E"


AXE = """async () => (await axe.run(document, {resultTypes: ['violations'], runOnly: {type: 'tag', values:
['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}})).violations.map((each) =>
[each.id, each.nodes.length, each.nodes[0].html.slice(0, 200), each.nodes[0].failureSummary])"""


def axe_engine() -> str:
    package = pytest.importorskip("axe_playwright_python")
    return (Path(package.__file__).parent / "axe.min.js").read_text("utf-8") + ";0"


def rows(opened: Any, table: str) -> list[str]:
    return opened.page.eval_on_selector_all(
        f"[data-table={table}] tr[data-at]", "(rows) => rows.map((row) => row.innerText)"
    )


def status(opened: Any, table: str) -> str:
    return opened.page.inner_text(f".tools[data-for={table}] [role=status]")


@pytest.mark.parametrize("name", ["sample", "large"])
def test_every_part_opens_without_request_violation_message_or_alert(open_report: Open, name: str) -> None:
    opened = open_report(name)
    for part in PARTS:
        opened.go(f"#{part}")
        opened.page.wait_for_timeout(30)
        visible = opened.page.eval_on_selector_all(
            "main > .part", "(all) => all.filter((e) => !e.hidden).map((e) => e.id)"
        )
        assert visible == [part.split("?")[0]]
    assert opened.problems() == []


def test_a_process_named_like_markup_is_text(open_report: Open) -> None:
    opened = open_report(fragment=HOSTILE)
    opened.page.wait_for_selector("dialog[open]")
    text = opened.page.inner_text("dialog")
    assert "<img src=x onerror=alert(1)>" in text
    assert "</script><script>alert(1)</script> \\x1b[31mred" in text
    assert "\\u202egpj.exe" in text
    assert opened.page.eval_on_selector_all("img", "(all) => all.length") == 0
    assert opened.problems() == []


def test_without_script_everything_is_on_one_page(open_report: Open) -> None:
    opened = open_report(script=False)
    for part in ("overview", "workloads", "findings", "ports", "plan", "hosts", "pilots", "unseen", "details"):
        assert opened.page.is_visible(f"#{part}")
    assert not opened.page.is_visible(".tools")
    text = opened.page.inner_text("main")
    assert "configuration/lines:112" in text
    assert "/etc/app/app.ini:7: db_host = 10.20.0.21" in text


def test_with_script_nothing_is_lost_that_was_there_without(open_report: Open) -> None:
    """Whatever the static details say of a workload, the drawer says too."""
    bare = open_report(script=False)
    articles = bare.page.eval_on_selector_all("article.detail", "(all) => all.map((e) => [e.id, e.innerText])")
    opened = open_report()
    assert len(articles) >= 20
    for anchor, text in articles:
        opened.go(f"#{anchor}")
        opened.page.wait_for_function(
            "(name) => document.querySelector('dialog[open] h2')?.textContent === name", arg=text.split("\n")[0]
        )
        drawer = " ".join(opened.page.inner_text("dialog").split())
        for line in text.split("\n"):
            for piece in line.split("\t"):
                assert " ".join(piece.split()) in drawer, (anchor, piece)


def test_a_verdict_on_the_first_screen_is_a_filter(open_report: Open) -> None:
    opened = open_report()
    opened.page.click(".verdicts .k-stay")
    assert opened.page.url.endswith("#workloads?verdict=stay")
    assert status(opened, "workloads") == "3 of 20 services"
    assert len(rows(opened, "workloads")) == 3
    opened.page.go_back()
    assert opened.page.is_visible("#overview")


def test_host_functions_come_when_asked_for(open_report: Open) -> None:
    opened = open_report(fragment="#workloads")
    assert status(opened, "workloads") == "20 services"
    opened.page.click("button:has-text('Host functions')")
    assert status(opened, "workloads") == "31 of 51 workloads"


def test_search_finds_words_in_any_column_and_stays_in_the_address(open_report: Open) -> None:
    opened = open_report(fragment="#workloads")
    opened.page.keyboard.press("/")
    opened.page.keyboard.type("WEB01 wanted")
    assert [row.split("\n")[0] for row in rows(opened, "workloads")] == ["nginx", "apache2"]
    assert "q=WEB01%20wanted" in opened.page.url
    again = open_report(fragment="#" + opened.page.url.partition("#")[2])
    assert len(rows(again, "workloads")) == 2


def test_nothing_found_says_so(open_report: Open) -> None:
    opened = open_report(fragment="#findings?view=every&q=nosuchthing")
    assert "Nothing matches" in opened.page.inner_text("[data-table=findings] tbody")
    assert status(opened, "findings") == "0 of 33 findings"


def test_a_heading_sorts_one_way_then_the_other_and_says_which(open_report: Open) -> None:
    opened = open_report(fragment="#workloads")
    button = "[data-table=workloads] th[data-sort=score] button"

    def scores() -> list[int]:
        found = opened.page.eval_on_selector_all(
            "[data-table=workloads] .score", "(all) => all.map((e) => Number(e.textContent))"
        )
        return list(found)

    opened.page.click(button)
    assert scores() == sorted(scores(), reverse=True)
    assert opened.page.get_attribute("th[data-sort=score]", "aria-sort") == "descending"
    opened.page.click(button)
    assert scores() == sorted(scores())
    opened.page.click("[data-table=workloads] th[data-sort=name] button")
    assert opened.page.eval_on_selector_all("[aria-sort]", "(all) => all.map((e) => e.dataset.sort)") == ["name"]


def test_back_leads_through_filters_and_out_of_a_drawer(open_report: Open) -> None:
    opened = open_report()
    opened.go("#workloads?verdict=ready")
    opened.page.click("[data-table=workloads] a:has-text('mariadb')")
    opened.page.wait_for_selector("dialog[open]")
    assert opened.page.url.endswith("#workloads?verdict=ready&open=w/db01/mariadb")
    opened.page.click("dialog a:has-text('db01')")
    opened.page.wait_for_function("() => document.querySelector('dialog h2').textContent === 'db01'")
    opened.page.go_back()
    opened.page.wait_for_function("() => document.querySelector('dialog h2').textContent === 'mariadb'")
    opened.page.go_back()
    opened.page.wait_for_selector("dialog[open]", state="detached")
    assert status(opened, "workloads") == "8 of 20 services"
    opened.page.go_back()
    assert opened.page.is_visible("#overview")


def test_closing_a_drawer_leaves_the_list_as_it_was(open_report: Open) -> None:
    opened = open_report(fragment="#workloads?verdict=ready")
    before = status(opened, "workloads"), rows(opened, "workloads")
    for leave in ("Escape", "button"):
        opened.page.click("[data-table=workloads] a:has-text('mariadb')")
        opened.page.wait_for_selector("dialog[open]")
        opened.page.click("dialog a:has-text('db01')")
        opened.page.wait_for_function("() => document.querySelector('dialog h2').textContent === 'db01'")
        if leave == "Escape":
            opened.page.keyboard.press("Escape")
        else:
            opened.page.click("dialog button:has-text('Close')")
        opened.page.wait_for_selector("dialog[open]", state="detached")
        opened.page.wait_for_function("() => location.hash === '#workloads?verdict=ready'")
        assert (status(opened, "workloads"), rows(opened, "workloads")) == before


def test_an_address_with_a_drawer_opens_it(open_report: Open) -> None:
    opened = open_report(fragment="#findings?rule=STA001&open=w/web01/apache2")
    opened.page.wait_for_selector("dialog[open]")
    assert opened.page.inner_text("dialog h2") == "apache2"
    opened.page.keyboard.press("Escape")
    opened.page.wait_for_selector("dialog[open]", state="detached")
    assert status(opened, "findings") == "9 of 33 findings"


def test_an_address_of_something_unknown_opens_nothing_and_breaks_nothing(open_report: Open) -> None:
    for fragment in ("#w/no/such", "#nonsense?x=1", "#h/%E0%A4%A", "#workloads?sort=nope&verdict=nope"):
        opened = open_report(fragment=fragment)
        assert not opened.page.is_visible("dialog")
        assert opened.problems() == []


def test_a_filter_from_a_link_can_be_removed(open_report: Open) -> None:
    opened = open_report(fragment="#findings?rule=STA001")
    opened.page.click("button:has-text('Rule STA001')")
    assert status(opened, "findings") == "33 findings"


def test_arrow_keys_walk_through_a_table_longer_than_the_window(open_report: Open) -> None:
    opened = open_report("large", "#findings?view=every")
    opened.page.focus("[data-table=findings] tr[data-at='0'] a")
    opened.page.keyboard.press("End")
    last = opened.page.evaluate("() => Number(document.activeElement.closest('tr').dataset.at)")
    total = int(status(opened, "findings").split()[0].replace(",", ""))
    assert last == total - 1
    opened.page.keyboard.press("ArrowUp")
    assert opened.page.evaluate("() => Number(document.activeElement.closest('tr').dataset.at)") == total - 2
    opened.page.keyboard.press("Home")
    assert opened.page.evaluate("() => document.activeElement.closest('tr').dataset.at") == "0"


def test_a_long_table_holds_few_elements_and_tells_its_whole_size(open_report: Open) -> None:
    opened = open_report("large", "#findings?view=every")
    total = int(status(opened, "findings").split()[0].replace(",", ""))
    assert opened.page.get_attribute("[data-table=findings]", "aria-rowcount") == str(total + 1)
    assert opened.page.evaluate("() => document.querySelectorAll('*').length") < 6000
    assert len(rows(opened, "findings")) < 120
    opened.page.evaluate("() => scrollTo(0, document.documentElement.scrollHeight / 2)")
    opened.page.wait_for_function(
        "() => { const rows = [...document.querySelectorAll('[data-table=findings] tr[data-at]')];"
        " return rows.some((row) => { const at = row.getBoundingClientRect();"
        " return at.top < 450 && at.bottom > 450; }); }"
    )
    first = opened.page.eval_on_selector("[data-table=findings] tr[data-at]", "(row) => Number(row.dataset.at)")
    assert total / 4 < first < total * 3 / 4


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("table", ["workloads", "findings", "ports", "hosts"])
def test_rows_of_a_long_table_have_the_height_it_counts_with(open_report: Open, table: str, width: int) -> None:
    opened = open_report("large", f"#{table}?view=every", width=width)
    expected = opened.page.eval_on_selector(
        f"[data-table={table}]", "(e) => parseFloat(getComputedStyle(e).getPropertyValue('--row'))"
    )
    heights = opened.page.eval_on_selector_all(
        f".virtual[data-table={table}] tr[data-at]",
        "(all) => [...new Set(all.map((e) => Math.round(e.getBoundingClientRect().height)))]",
    )
    assert heights in ([], [expected])


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_no_part_is_wider_than_the_window(open_report: Open, width: int) -> None:
    opened = open_report(width=width)
    for part in PARTS:
        opened.go(f"#{part}")
        opened.page.wait_for_timeout(30)
        assert opened.page.evaluate("() => document.documentElement.scrollWidth") <= width, part


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1440, 390])
def test_accessibility_rules_find_nothing(open_report: Open, dark: bool, width: int) -> None:
    opened = open_report(dark=dark, width=width)
    opened.page.evaluate(axe_engine())
    for part in (*PARTS, "w/web01/apache2", "w/app01/intranet", "h/build01"):
        opened.go(f"#{part}")
        opened.page.wait_for_timeout(250)
        found = opened.page.evaluate(AXE)
        assert found == [], part


@pytest.mark.parametrize("dark", [False, True])
def test_accessibility_without_script(open_report: Open, dark: bool) -> None:
    """axe needs script to run, so the static page is looked at by a script that is not its own."""
    opened = open_report(dark=dark)
    static = opened.path.read_text("utf-8").split('<script type="application')[0] + "</body></html>"
    opened.page.set_content(static)
    opened.page.evaluate(axe_engine())
    found = opened.page.evaluate(AXE)
    assert found == []


def test_printing_a_long_table_prints_more_than_the_window(open_report: Open) -> None:
    opened = open_report("large", "#workloads")
    opened.page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert len(rows(opened, "workloads")) == 1000
    opened.page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    assert len(rows(opened, "workloads")) < 120


def test_printing_the_whole_report_brings_every_part_and_takes_it_away_again(open_report: Open) -> None:
    opened = open_report()
    opened.page.evaluate(
        "() => { window.print = () => { dispatchEvent(new Event('beforeprint'));"
        " window.__printed = document.querySelector('main').innerText; dispatchEvent(new Event('afterprint')); }; }"
    )
    opened.page.click("button:has-text('Print the whole report')")
    printed = opened.page.evaluate("() => window.__printed")
    for words in ("What to do first", "Port map", "What could not be read", "/etc/app/app.ini:7: db_host = 10.20.0.21"):
        assert words in printed
    assert opened.page.eval_on_selector_all(
        "main > .part", "(all) => all.filter((e) => !e.hidden).map((e) => e.id)"
    ) == ["overview"]
