"""The three texts of a line, what stood there before, and taking a change back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import BrowserContext, Page, expect

from tests.support import synthetic_pages
from tests.support.browser import READ_WITHIN, faults, upload, wait_until_saved
from tests.support.stack import Platform

SIMPLIFIED, TRADITIONAL = "这是简体中文的词典", "這是簡體中文的詞典"


@pytest.fixture
def viewer(site: Platform, open_browser: Callable[..., BrowserContext], cookies: list, tmp_path: Path, request) -> Page:
    """A page of two lines, the first of which is in Simplified characters."""
    context = open_browser()
    context.add_cookies(cookies)
    picture = tmp_path / "texts.png"
    comment = PngInfo()
    comment.add_text("Comment", request.node.name)  # no two of them are the same file
    synthetic_pages.horizontal([SIMPLIFIED, "第二行的文字"]).save(picture, pnginfo=comment)
    page = context.new_page()
    page.goto(upload(context.request, site, picture))
    expect(page.locator(".line")).to_have_count(2, timeout=READ_WITHIN)
    return page


def write(page: Page, number: int, text: str) -> None:
    """Corrects a line and leaves the editor."""
    line = page.locator(".line").nth(number)
    line.focus()
    page.keyboard.press("Enter")
    page.get_by_label("Text of the line").fill(text)
    page.keyboard.press("Enter")
    expect(line.locator(".line-text")).to_have_text(text)
    page.keyboard.press("Escape")
    wait_until_saved(page)


def test_raw_converted_and_corrected_text_can_each_be_shown_and_copied(viewer):
    write(viewer, 0, "這是校正後的文字")
    whole = viewer.locator("#text .text-lines")
    viewer.locator("#text").scroll_into_view_if_needed()
    viewer.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for version, text in ("raw", SIMPLIFIED), ("converted", TRADITIONAL), ("corrected", "這是校正後的文字"):
        viewer.locator("#line-version").select_option(version)
        expect(viewer.locator(".line-text").first).to_have_text(text)
        expect(whole).to_contain_text(text)
        expect(viewer.locator("#text-version")).to_have_value(version)
        viewer.get_by_role("button", name="Copy page").click()
        expect(viewer.get_by_role("button", name="Copied")).to_be_visible()
        assert viewer.evaluate("navigator.clipboard.readText()") == f"{text}\n第二行的文字"
    viewer.locator("#line-version").select_option("raw")
    viewer.locator(".line").first.focus()
    viewer.keyboard.press("Enter")
    expect(viewer.get_by_label("Text of the line")).to_have_value("這是校正後的文字")  # what holds is what is edited


def test_each_earlier_state_of_a_line_can_be_brought_back(viewer):
    write(viewer, 1, "第二行，改過")
    write(viewer, 1, "第二行，又改過")
    viewer.locator(".line").nth(1).focus()
    viewer.keyboard.press("Enter")
    viewer.get_by_text("History", exact=True).click()
    states = viewer.locator(".line-history li")
    expect(states).to_have_count(2)
    expect(states.first).to_contain_text("第二行，又改過")
    expect(states.first).to_contain_text("admin")
    assert faults(viewer) == []
    states.nth(1).get_by_role("button", name="Restore").click()
    expect(viewer.get_by_label("Text of the line")).to_have_value("第二行，改過")
    viewer.keyboard.press("Enter")
    expect(viewer.locator(".line-text").nth(1)).to_have_text("第二行，改過")


def test_changes_are_taken_back_one_by_one_and_never_those_of_others(viewer, open_browser, cookies):
    undo = viewer.get_by_role("button", name="Undo the last change")
    expect(undo).to_be_disabled()
    read = viewer.locator(".line-text").first.text_content()
    write(viewer, 0, "甲")
    write(viewer, 0, "乙")
    write(viewer, 1, "丙")
    viewer.keyboard.press("Control+z")
    expect(viewer.locator(".line-text").nth(1)).to_have_text("第二行的文字")
    expect(viewer.locator(".line").nth(1)).to_be_focused()
    undo.click()
    expect(viewer.locator(".line-text").first).to_have_text("甲")
    wait_until_saved(viewer)
    viewer.reload()  # the window still knows
    undo.click()
    expect(viewer.locator(".line-text").first).to_have_text(read)
    expect(undo).to_be_disabled()

    write(viewer, 0, "丁")
    other = open_browser()
    other.add_cookies(cookies)
    colleague = other.new_page()
    colleague.goto(viewer.url)
    write(colleague, 0, "戊")
    undo.click()
    expect(viewer.get_by_text("Somebody else has changed this line")).to_be_visible()
    expect(viewer.locator(".line-text").first).to_have_text("戊")
    expect(undo).to_be_disabled()


def test_the_whole_text_can_be_read_without_javascript(viewer, open_browser, cookies):
    plain = open_browser(java_script_enabled=False)
    plain.add_cookies(cookies)
    page = plain.new_page()
    page.goto(viewer.url)
    page.get_by_role("link", name="Show the whole text").click()
    expect(page.locator(".text-lines")).to_contain_text(TRADITIONAL)
    page.get_by_role("link", name="Before conversion").click()
    expect(page.locator(".text-lines")).to_contain_text(SIMPLIFIED)
    page.get_by_role("link", name="1", exact=True).click()
    expect(page.locator("#page")).to_have_attribute("data-number", "1")
