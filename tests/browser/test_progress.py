"""Watching a document being read, through whatever happens meanwhile."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from tests.support import synthetic_pages
from tests.support.browser import READ_WITHIN, upload
from tests.support.stack import Platform, wait_for

PAGES = 10


def test_progress_survives_a_lost_connection_and_a_restarted_server(
    site: Platform, open_browser: Callable[..., BrowserContext], cookies: list, tmp_path: Path
) -> None:
    texts = [[f"這是第{number}頁的內容", f"頁碼 {number} 之二"] for number in range(1, PAGES + 1)]
    book = synthetic_pages.scanned_pdf(tmp_path / "book.pdf", [synthetic_pages.horizontal(text) for text in texts])
    context = open_browser()
    context.add_cookies(cookies)
    page = context.new_page()
    document = upload(context.request, site, book)
    page.goto(document)

    def is_begun() -> bool:
        pages = context.request.get(f"{document}export/json/").json()["pages"]
        return any(each["state"] == "done" for each in pages)

    wait_for(is_begun, READ_WITHIN / 1000)
    with site.paused():
        expect(page.locator(".thumb img").first).to_be_visible()
        assert page.locator(".thumb[data-state=done]").count() < PAGES  # some can be read while the others are not
        expect(page.locator("#lines .line")).to_have_count(2)
        page.get_by_text("Run OCR again with other options").click()
        chosen = page.locator("#runs").get_by_label("Direction of writing")
        chosen.select_option("vertical-rl")

        context.set_offline(True)
        expect(page.get_by_role("alert")).to_contain_text("does not answer")
        context.set_offline(False)
        expect(page.get_by_role("alert")).to_be_hidden()
    for process in site.find("gunicorn"):
        with suppress(ProcessLookupError):  # those that serve end by themselves without the first one
            os.kill(process, signal.SIGKILL)

    expect(page.locator("#progress .state")).to_contain_text("done", timeout=READ_WITHIN)
    expect(page.locator("#progress .progress-count")).to_have_text(f"{PAGES} / {PAGES}")
    expect(page.locator(".thumb img")).to_have_count(PAGES)
    expect(page.locator(".run .state").first).to_contain_text("done")
    expect(chosen).to_be_visible()  # the end of the run has closed no form, nor undone what was chosen in it
    expect(chosen).to_have_value("vertical-rl")
    expect(page.get_by_role("alert")).to_be_hidden()
