"""Headless Chromium, and pages that complain of everything a report must not do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.reports.pages import large_html, sample_html

playwright = pytest.importorskip("playwright.sync_api")

Page = playwright.Page
Browser = playwright.Browser

WATCH = """
window.__violations = [];
document.addEventListener('securitypolicyviolation', (event) => window.__violations.push(event.violatedDirective));
window.__alerts = 0;
window.alert = () => { window.__alerts += 1; };
"""


@dataclass
class Complaints:
    """What went wrong on a page so far."""

    requests: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    dialogs: int = 0


@dataclass
class Opened:
    """A page with what it did wrong."""

    page: Page
    complaints: Complaints
    path: Path

    def go(self, fragment: str) -> None:
        """Follow a link to a fragment, as a reader would."""
        self.page.evaluate("(fragment) => { location.hash = fragment; }", fragment)

    def problems(self) -> list[str]:
        """Everything that must not happen: requests, console messages, policy violations, alerts."""
        own = self.page.evaluate("() => [...window.__violations.map(String), ...Array(window.__alerts).fill('alert')]")
        dialogs = ["dialog"] * self.complaints.dialogs
        return [*self.complaints.requests, *self.complaints.console, *own, *dialogs]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser"))), None)
    if program is None:
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Files: the small estate, and one of 1,000 workloads."""
    folder = tmp_path_factory.mktemp("reports")
    made = {"sample": folder / "sample.html", "large": folder / "large.html"}
    made["sample"].write_text(sample_html(), "utf-8")
    made["large"].write_text(large_html(), "utf-8")
    return made


@pytest.fixture
def open_report(browser: Browser, reports: dict[str, Path]) -> Iterator[Callable[..., Opened]]:
    """Open a report: ``open_report("sample", "#workloads", width=390, dark=True, script=False)``."""
    contexts = []

    def start(
        name: str = "sample", fragment: str = "", *, width: int = 1440, dark: bool = False, script: bool = True
    ) -> Opened:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
        )
        contexts.append(context)
        page = context.new_page()
        complaints = Complaints()
        path = reports[name]
        address = path.as_uri()

        def on_request(request: playwright.Request) -> None:
            if request.url.split("#")[0] != address:
                complaints.requests.append(request.url)

        def on_dialog(dialog: playwright.Dialog) -> None:
            complaints.dialogs += 1
            dialog.dismiss()

        page.on("request", on_request)
        page.on("console", lambda message: complaints.console.append(message.text))
        page.on("pageerror", lambda error: complaints.console.append(str(error)))
        page.on("dialog", on_dialog)
        page.add_init_script(WATCH)
        page.goto(address + fragment)
        if script:
            page.wait_for_selector("html[data-ready]")
        return Opened(page, complaints, path)

    yield start
    for context in contexts:
        context.close()
