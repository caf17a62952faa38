"""How soon somebody reads what was uploaded: ``python -m bench.first_text`` on the set-up that ``make run`` starts.

A drawn photo, and a scanned book, are uploaded in a headless Chromium, and opened as soon as their link is there. The
time runs from the end of the upload, when its last byte has been answered, until the text of the first page is in
sight. It needs what ``make test`` installs.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.support import synthetic_pages
from tests.support.browser import log_in
from tests.support.stack import platform

READ_WITHIN = 120_000  # milliseconds

UPLOAD_END = """() => {
    const sent = performance.getEntriesByType("resource").filter(({ name }) => name.includes("/parts/"));
    return performance.timeOrigin + Math.max(...sent.map(({ responseEnd }) => responseEnd));
}"""

TEXT_IN_SIGHT = """async () => {
    while (!document.querySelector("#lines .line")) await new Promise(requestAnimationFrame);
    return performance.timeOrigin + performance.now();
}"""


@dataclass(frozen=True)
class Wait:
    """Seconds until the text was in sight, and those that reading the page took."""

    seconds: float
    reading: float

    @property
    def beyond(self) -> float:
        return self.seconds - self.reading


def photo(path: Path, number: int) -> None:
    """A small one, unlike all others: what is here already would not be taken."""
    synthetic_pages.horizontal([f"第{number}張照片", "臺北市中正區重慶南路", "統一編號 12345678", "合計 320 元"]).save(
        path
    )


def book(path: Path, number: int, pages: int) -> None:
    lines = [f"第{line}行 共二十五行的頁面" for line in range(1, 25)]
    page = synthetic_pages.horizontal([f"第{number}冊", *lines])
    synthetic_pages.scanned_pdf(path, [page] * pages)


def wait(page: Page, file: Path) -> Wait:
    """Uploads ``file`` and waits for the text of its first page."""
    page.goto("/")
    page.locator("#files").set_input_files([file])
    link = page.locator(".transfer.is-taken a")
    link.wait_for(timeout=READ_WITHIN)
    sent = page.evaluate(UPLOAD_END)
    address = str(link.get_attribute("href"))
    page.goto(address, wait_until="commit")
    seen = page.evaluate(TEXT_IN_SIGHT)
    read = page.request.get(f"{address}export/json/").json()["pages"][0]["seconds"]
    return Wait((seen - sent) / 1000, read)


def row(name: str, waits: Sequence[Wait]) -> str:
    figures = [
        statistics.median(each.seconds for each in waits),
        statistics.median(each.reading for each in waits),
        statistics.median(each.beyond for each in waits),
        max(each.beyond for each in waits),
    ]
    return f"| {name} | {' | '.join(f'{figure:.2f}' for figure in figures)} |"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.first_text", description=__doc__)
    parser.add_argument("--times", type=int, default=5, metavar="N", help="how often (default: 5)")
    parser.add_argument("--pages", type=int, default=300, metavar="N", help="of the book (default: 300)")
    parser.add_argument("--weights", type=Path, default=Path("var/weights"), metavar="DIR", help="default: var/weights")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        platform(arguments.weights.resolve()) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), chromium_sandbox=False)
        page = browser.new_page(base_url=site.url, viewport={"width": 1280, "height": 800})
        log_in(page)
        waits: dict[str, list[Wait]] = {"a small photo": [], f"a book of {arguments.pages} pages": []}
        for number in range(arguments.times + 1):  # the first is not counted: nothing is warm yet
            small, large = Path(name, f"{number}.png"), Path(name, f"{number}.pdf")
            photo(small, number)
            book(large, number, arguments.pages)
            for taken, file in zip(waits.values(), (small, large), strict=True):
                taken.append(wait(page, file))
            page.locator("#cancel-run").click()  # of the book: no further page of it is read beside the next photo
            page.locator(".state[data-state=failed]").first.wait_for()
        browser.close()
    sys.stdout.write(
        "| | text in sight, s | reading, s | beyond, s | worst, s |\n| --- | ---: | ---: | ---: | ---: |\n"
    )
    for what, taken in waits.items():
        sys.stdout.write(f"{row(what, taken[1:])}\n")


if __name__ == "__main__":
    main()
