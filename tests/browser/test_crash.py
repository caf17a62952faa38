"""A worker is killed in the middle of a document, and nothing is lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext

from tests.support import synthetic_pages
from tests.support.browser import READ_WITHIN, upload
from tests.support.stack import Platform, wait_for

PAGES = 12


def test_a_killed_worker_costs_nothing_but_time(
    site: Platform, open_browser: Callable[..., BrowserContext], cookies, tmp_path: Path
) -> None:
    texts = [[f"這是第{number}頁的內容", f"頁碼 {number} 之二"] for number in range(1, PAGES + 1)]
    book = synthetic_pages.scanned_pdf(tmp_path / "book.pdf", [synthetic_pages.horizontal(text) for text in texts])
    context = open_browser()
    context.add_cookies(cookies)
    document = upload(context.request, site, book)

    def pages(state: str) -> list[int]:
        data = context.request.get(f"{document}export/json/").json()
        return [page["number"] for page in data["pages"] if page["state"] == state]

    wait_for(lambda: len(pages("done")) >= 2, READ_WITHIN / 1000)
    (worker,) = site.find("manage.py worker")
    os.kill(worker, signal.SIGKILL)
    unread = PAGES - len(pages("done"))
    assert unread > 0, "the worker had finished before it was killed"
    wait_for(lambda: context.request.get(f"{document}progress/").status == 286, seconds=180)  # on a busy machine

    assert pages("done") == list(range(1, PAGES + 1))
    read = context.request.get(f"{document}export/json/").json()
    for page, text in zip(read["pages"], texts, strict=True):
        assert page["text"].replace(" ", "") == "\n".join(text).replace(" ", "")
