"""Proof-reading with the keyboard alone, and two people at one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from tests.support import synthetic_pages
from tests.support.browser import READ_WITHIN, upload, wait_until_saved
from tests.support.stack import Platform

LINES = ["第一行的文字", "第二行的文字", "第三行的文字"]


def test_a_page_is_proof_read_with_the_keyboard_and_a_second_editor_is_told(
    site: Platform, open_browser: Callable[..., BrowserContext], cookies, tmp_path: Path
) -> None:
    context, other = open_browser(), open_browser()
    for window in (context, other):
        window.add_cookies(cookies)
    picture = tmp_path / "proof.png"
    synthetic_pages.horizontal(LINES).save(picture)
    address = upload(context.request, site, picture)
    page, colleague = context.new_page(), other.new_page()
    page.goto(address)
    expect(page.locator(".line")).to_have_count(3, timeout=READ_WITHIN)
    colleague.goto(address)

    first = page.locator(".line").first
    first.focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("Text of the line")
    expect(field).to_be_focused()
    expect(field).to_have_value(LINES[0])
    page.keyboard.press("End")
    page.keyboard.type("，改過")
    page.keyboard.press("Enter")
    expect(field).to_have_value(LINES[1])  # the next line is open
    page.keyboard.press("Enter")  # nothing to change here
    expect(field).to_have_value(LINES[2])
    page.keyboard.press("Escape")
    expect(page.locator(".editor")).to_have_count(0)
    expect(page.locator(".line").nth(2)).to_be_focused()
    expect(first.locator(".line-text")).to_have_text("第一行的文字，改過")

    wait_until_saved(page)

    # The colleague's window still shows the line as it was read.
    colleague.locator(".line").first.focus()
    colleague.keyboard.press("Enter")
    field = colleague.get_by_label("Text of the line")
    field.fill("第一行，另一種寫法")
    colleague.keyboard.press("Enter")
    contested = colleague.get_by_role("alert").filter(has_text="admin has just written: 第一行的文字，改過")
    expect(contested).to_contain_text("第一行，另一種寫法")
    expect(colleague.locator(".line-text").first).to_have_text("第一行的文字，改過")
    expect(field).to_have_value(LINES[1])  # the next line is open
    contested.get_by_role("button", name="Write mine").click()
    wait_until_saved(colleague)
    expect(colleague.locator(".line-text").first).to_have_text("第一行，另一種寫法")

    page.reload()
    expect(page.locator(".line-text").first).to_have_text("第一行，另一種寫法")
    page.locator(".line").first.click()
    page.locator(".line").first.click()  # a second click opens the editor as well
    page.get_by_role("button", name="Restore the OCR text").click()
    page.keyboard.press("Enter")
    expect(page.locator(".line-text").first).to_have_text(LINES[0])
    wait_until_saved(page)
    text = context.request.get(f"{address}export/txt/").text()
    assert text.splitlines() == LINES
