"""Take the picture of the report that the README shows.

python docs/make_screenshot.py            of the sample estate of the tests
python docs/make_screenshot.py REPORT     of a report of your own
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from reports.html.report_file import write  # noqa: E402
from reports.view.page import page_of  # noqa: E402
from tests.support import assessments  # noqa: E402

PICTURE = ROOT / "docs" / "images" / "report.png"


def sample(folder: Path) -> Path:
    """The report of the sample estate, with its images and pilots."""
    report = folder / "index.html"
    rules, builds, pilots = assessments.rules(), assessments.builds(), assessments.pilots()
    write(page_of(assessments.sample(), rules, builds, pilots, version("brownfield")), report)
    return report


def main() -> None:
    """Photograph the first screen of a report."""
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if program is None:
        raise SystemExit("Chromium is needed: apt-get install chromium-headless-shell")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1320, "height": 960}, color_scheme="light")
        report = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else sample(Path(folder))
        page.goto(report.as_uri())
        page.wait_for_selector("html[data-ready]")
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
