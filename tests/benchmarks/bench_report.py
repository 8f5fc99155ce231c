"""The report at size: seconds to make it, bytes, and how quick it is in a browser at full and at a quarter of speed.

Chromium is asked once for each size; times depend on the machine, so compare them within one run.
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from reports.html.report_file import render
from reports.view.page import page_of
from tests.support import assessments

SIZES = tuple(int(size) for size in os.environ.get("BENCH_WORKLOADS", "100,1000,10000").split(","))

FILTER = """async (text) => {
  const input = document.querySelector('.tools[data-for=findings] input');
  const begun = performance.now();
  input.value = text;
  input.dispatchEvent(new Event('input'));
  await new Promise((done) => requestAnimationFrame(() => done()));
  return performance.now() - begun;
}"""
SORT = """async () => {
  const begun = performance.now();
  document.querySelector('[data-table=findings] th[data-sort=where] button').click();
  await new Promise((done) => requestAnimationFrame(() => done()));
  return performance.now() - begun;
}"""


def main() -> None:
    """Print the tables."""
    console = Console()
    made = Table(title="Making the report")
    opened = Table(title="Opening it (milliseconds; 4x: at a quarter of the speed)")
    for name in ("workloads", "findings", "words s", "page s", "file bytes", "of these static", "data"):
        made.add_column(name, justify="right")
    for name in ("workloads", "speed", "ready", "first filter", "filter", "sort", "elements", "heap MB"):
        opened.add_column(name, justify="right")
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            path = Path(folder) / f"{size}.html"
            made.add_row(*_make(size, path))
            for row in _open(path):
                opened.add_row(f"{size:,}", *row)
    console.print(made)
    console.print(opened)


def _make(size: int, path: Path) -> list[str]:
    assessment = assessments.large(size)
    gc.collect()
    gc.freeze()  # as the commands do
    begun = time.perf_counter()
    page = page_of(assessment, assessments.rules())
    worded = time.perf_counter()
    html = render(page)
    ended = time.perf_counter()
    gc.unfreeze()
    path.write_text(html, "utf-8")
    data = sum(len(part.split("</script>")[0]) for part in html.split('<script type="application/')[1:])
    total = len(html.encode())
    return [
        f"{size:,}",
        f"{page.findings.total:,}",
        f"{worded - begun:.2f}",
        f"{ended - worded:.2f}",
        f"{total:,}",
        f"{total - data:,}",
        f"{data:,}",
    ]


def _open(path: Path) -> list[list[str]]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return [["no playwright", *[""] * 6]]
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if program is None:
        return [["no Chromium", *[""] * 6]]
    rows: list[list[str]] = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        rows.extend(_measure(browser, path, rate) for rate in (1, 4))
        browser.close()
    return rows


def _measure(browser: Any, path: Path, rate: int) -> list[str]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": rate})
    page.add_init_script(
        "new MutationObserver((_, own) => { if (document.documentElement?.dataset.ready) {"
        " window.__ready = performance.now(); own.disconnect(); } }).observe(document, "
        "{attributes: true, subtree: true});"
    )
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]")
    ready = page.evaluate("() => window.__ready")
    page.evaluate("() => { location.hash = '#findings?view=every'; }")
    page.wait_for_timeout(500)
    times = [page.evaluate(FILTER, "nfsd"), page.evaluate(FILTER, "nfsd prod")]
    page.evaluate(FILTER, "")
    times.append(page.evaluate(SORT))
    elements = page.evaluate("() => document.querySelectorAll('*').length")
    session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")["usedSize"] / 1e6
    context.close()
    return [f"{rate}x", f"{ready:.0f}", *(f"{each:.0f}" for each in times), f"{elements:,}", f"{heap:.1f}"]


if __name__ == "__main__":
    main()
