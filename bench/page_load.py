"""How soon the viewer shows a page: ``python -m bench.page_load`` on the set-up that ``make run`` starts.

A drawn page of sixty lines is recognised, and then opened again and again in a headless Chromium. The time runs from
the click until the picture with its lines is painted. It needs what ``make test`` installs.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.support import synthetic_pages
from tests.support.stack import PASSWORD, USER, platform

LINES = [f"第{number}行 共六十行的頁面" for number in range(1, 61)]

PAINT_TIME = """async () => {
    const address = document.querySelector(".sheet image").href.baseVal;
    await Object.assign(new Image(), { src: address }).decode();
    const painted = await new Promise((seen) => {
        const paints = (list) => seen(list.getEntriesByName("first-contentful-paint")[0].startTime);
        new PerformanceObserver(paints).observe({ type: "paint", buffered: true });
    });
    const [picture] = performance.getEntriesByName(new URL(address, location).href);
    return Math.max(picture.responseEnd, painted);
}"""
"""Milliseconds from the click until page, lines and picture were there."""


def upload_page(page: Page) -> str:
    """Uploads the drawn page; its address, once it has been recognised."""
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(USER)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_selector("#files", state="attached")
    with tempfile.TemporaryDirectory() as folder:
        synthetic_pages.horizontal(LINES).save(Path(folder) / "sixty.png")
        page.locator("#files").set_input_files([Path(folder) / "sixty.png"])
        entry = page.locator(".document").first
        expect(entry).to_have_attribute("data-state", "done", timeout=120_000)
    return str(entry.get_by_role("link").first.get_attribute("href"))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.page_load", description=__doc__)
    parser.add_argument("--times", type=int, default=20, metavar="N", help="how often it is opened (default: 20)")
    parser.add_argument("--weights", type=Path, default=Path("var/weights"), metavar="DIR", help="default: var/weights")
    arguments = parser.parse_args()
    with platform(arguments.weights.resolve()) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), chromium_sandbox=False)
        page = browser.new_page(base_url=site.url, viewport={"width": 1280, "height": 800})
        address = upload_page(page)
        taken = []
        for _ in range(arguments.times):
            page.goto(address)
            taken.append(page.evaluate(PAINT_TIME))
        browser.close()
    median, worst = statistics.median(taken), max(taken)
    sys.stdout.write("| openings | first, ms | median, ms | worst, ms |\n| ---: | ---: | ---: | ---: |\n")
    sys.stdout.write(f"| {len(taken)} | {taken[0]:.0f} | {median:.0f} | {worst:.0f} |\n")


if __name__ == "__main__":
    main()
