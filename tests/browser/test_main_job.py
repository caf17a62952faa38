"""The main job as a person does it: log in, upload, watch, read, take the text away."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.support import synthetic_pages
from tests.support.browser import MANUAL, READ_WITHIN, entry, faults, log_in
from tests.support.stack import wait_for


def drop(page: Page, file: Path) -> None:
    """Drops ``file`` on the page, as from a file manager."""
    transfer = page.evaluate_handle(
        """([name, data]) => {
            const transfer = new DataTransfer();
            const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
            transfer.items.add(new File([bytes], name));
            return transfer;
        }""",
        [file.name, base64.b64encode(file.read_bytes()).decode()],
    )
    for event in ("dragenter", "dragover", "drop"):
        page.dispatch_event("h1", event, {"dataTransfer": transfer})


def download(page: Page, name: str) -> str:
    with page.expect_download() as coming:
        page.get_by_role("link", name=name).click()
    return coming.value.path().read_text()


def letters(text: str) -> str:
    """``text`` without spaces, which the engine sets as it likes between Han and Latin."""
    return "".join(text.split())


def test_a_person_uploads_watches_reads_and_takes_the_text_away(open_browser, files, tmp_path):
    # Of files that another test has uploaded the page would say that they are here already.
    manual = synthetic_pages.scanned_pdf(
        tmp_path / "使用手冊.pdf", [synthetic_pages.horizontal(text, size=44) for text in MANUAL]
    )
    synthetic_pages.horizontal(["收據", "豆漿 30 元", "合計 30 元"]).save(receipt := tmp_path / "收據.png")
    page = open_browser(viewport={"width": 1280, "height": 800}).new_page()
    page.goto("/")
    expect(page).to_have_title("Log in · ocrsite")
    log_in(page)

    page.locator("#files").set_input_files([manual, files["broken"]])
    expect(page.locator(".transfer")).to_have_count(2)  # the scripts are there, and hear what is dropped
    drop(page, receipt)
    expect(page.locator(".transfer").filter(has_text="broken.pdf")).to_contain_text("This file is damaged")
    expect(page.locator(".transfer.is-taken")).to_have_count(2)
    expect(entry(page, "broken")).to_have_count(0)

    entry(page, "使用手冊").get_by_role("link").click()
    expect(page.locator("#progress .state")).to_contain_text("done", timeout=READ_WITHIN)
    expect(page.locator("#progress .progress-count")).to_have_text("2 / 2")
    expect(page.locator(".thumb img")).to_have_count(2)
    expect(page.locator("#lines .line")).to_have_count(len(MANUAL[0]))
    assert page.locator(".overlay polygon").count() == len(MANUAL[0])
    read = [letters(line) for line in page.locator(".line-text").all_text_contents()]
    assert read == [letters(line) for line in MANUAL[0]]

    page.get_by_role("link", name="Next page").click()
    expect(page.locator("#page")).to_have_attribute("data-number", "2")
    expect(page.locator(".overlay polygon")).to_have_count(len(MANUAL[1]))
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#page")).to_have_attribute("data-number", "1")
    assert "page=1" in page.url

    page.locator('polygon[data-line="3"]').click()
    expect(page.locator(".line[aria-current]")).to_contain_text("本系統")
    page.get_by_role("button", name="Whole window").click()
    expect(page.locator(".zoom .openseadragon-canvas canvas")).to_be_visible()
    expect(page.locator(".zoom polygon")).to_have_count(len(MANUAL[0]))
    expect(page.locator("#zoom-line")).to_contain_text("本系統")
    shape = page.locator('.zoom polygon[data-line="3"]')
    before = shape.bounding_box()["width"]
    page.locator("#zoom").get_by_role("button", name="Larger").click()
    wait_for(lambda: shape.bounding_box()["width"] > 1.4 * before)
    page.keyboard.press("Escape")
    expect(page.locator("#zoom")).to_be_hidden()

    text = download(page, "Download TXT")
    pages = [[letters(line) for line in part.splitlines()] for part in text.strip().split("\n\n")]
    assert pages == [[letters(line) for line in part] for part in MANUAL]
    data = json.loads(download(page, "Download JSON"))
    assert data["schema"] == "ocrsite/1"
    assert data["text"] + "\n" == text
    assert [len(part["lines"]) for part in data["pages"]] == [len(part) for part in MANUAL]
    page.locator("#text").scroll_into_view_if_needed()
    expect(page.locator("#text .text-page")).to_have_count(2)

    page.get_by_role("link", name="My documents").click()
    expect(entry(page, "收據")).to_have_attribute("data-state", "done", timeout=READ_WITHIN)


def test_progress_comes_by_itself_and_moves_nothing(window, library):
    page = window(viewport={"width": 1280, "height": 800})
    page.add_init_script(
        """window.shift = 0;
        new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
        }).observe({ type: "layout-shift", buffered: true });"""
    )
    page.goto(library["唐詩"])
    page.get_by_text("Run OCR again with other options").click()
    again = page.locator(".again")
    again.get_by_label("Characters:").select_option("none")
    again.get_by_role("button", name="Run OCR again").click()
    expect(page.locator(".run")).to_have_count(2)
    expect(page.locator(".run").first).to_have_attribute("aria-current", "true", timeout=READ_WITHIN)  # the new text
    expect(page.locator("#page")).to_have_attribute("data-state", "done")
    assert page.evaluate("window.shift") < 0.05

    page.get_by_role("link", name="Compare with the one shown").click()
    expect(page.get_by_text("The two runs are the same.")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("link", name="Back to the document").click()
    page.locator(".run").last.locator(".run-what a").click()
    expect(page.get_by_text("This is an earlier run")).to_be_visible()
    page.get_by_role("button", name="Make it the current one").first.click()
    expect(page.get_by_text("This is an earlier run")).to_have_count(0)
    expect(page.locator(".run").last).to_contain_text("current")


def test_files_are_taken_without_javascript_too(window, files, tmp_path):
    synthetic_pages.horizontal(["沒有程式碼"]).save(tmp_path / "便條.png")
    page = window(java_script_enabled=False)
    page.goto("/")
    page.locator("#files").set_input_files([tmp_path / "便條.png", files["broken"]])
    page.get_by_role("button", name="Upload").click()
    expect(page.locator(".transfer.is-refused")).to_contain_text("This file is damaged")
    page.locator(".transfer.is-taken").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("便條")
