"""Proof-reading by key, far from the server: what is read is checked, and one goes from line to line over the pages."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.browser import faults, press, wait_until_saved


def test_lines_and_pages_are_checked_by_key(window: Callable[..., Page], far_away: str, library: dict[str, str]):
    page = window(base_url=far_away)
    page.goto(library["唐詩"])
    line = page.locator("a.line")
    expect(line).to_have_count(2)
    press(page, "n", "Enter", "Enter")  # as it stands
    expect(page.locator("#page-work")).to_have_text("1 of 2 lines checked")
    expect(page.locator("#document-work")).to_have_text("1 of 4 lines of the document checked")
    assert faults(page) == []
    wait_until_saved(page)
    page.reload()
    expect(line.first).to_have_attribute("data-checked", "")
    press(page, "c", "n")
    expect(page.locator("#document-work")).to_have_text("2 of 4 lines of the document checked")
    expect(page.locator("#page")).to_have_attribute("data-number", "2")
    expect(line.first).to_have_attribute("aria-current", "true")
    page.keyboard.press("c")
    expect(page.locator("#document-work")).to_have_text("Document checked")
    page.keyboard.press("n")
    expect(page.locator("#announcement")).to_have_text("No unchecked lines are left.")
    page.keyboard.press("c")
    expect(page.locator("#document-work")).to_have_text("2 of 4 lines of the document checked")


def test_a_correction_counts_for_page_and_document_at_once(window, far_away: str, library: dict[str, str]) -> None:
    page = window(base_url=far_away)
    page.goto(library["六十行"])
    shown = page.locator("#document-work")
    expect(shown).to_have_text("0 of 60 lines of the document checked")
    page.locator("a.line").first.press("Enter")
    page.locator("#correction").fill("改過的一行")
    press(page, "Enter", "Escape")
    expect(page.locator("#page-work")).to_have_text("1 of 60 lines checked")
    expect(shown).to_have_text("1 of 60 lines of the document checked")
    press(page, "Delete")  # the second line: deleted, it is no work
    expect(shown).to_have_text("1 of 59 lines of the document checked")
    press(page, *["Control+z"] * 2)
    expect(shown).to_have_text("0 of 60 lines of the document checked")
    expect(page.locator("#page-work")).to_have_text("0 of 60 lines checked")


def test_candidates_are_picked_by_key(window: Callable[..., Page], far_away: str, library: dict[str, str]):
    page = window(base_url=far_away)
    page.goto(library["唐詩"])
    line = page.locator("a.line").first
    text = line.get_attribute("data-text") or ""
    line.evaluate("(line) => { line.dataset.doubts = JSON.stringify([[1, 61, '眼', '民']]); }")
    line.press("Enter")
    expect(page.locator("#correction")).to_be_focused()
    page.keyboard.press("Alt+2")
    expect(page.locator("#correction")).to_have_value(f"{text[0]}民{text[2:]}")
    page.keyboard.press("Alt+1")
    expect(page.locator("#correction")).to_have_value(f"{text[0]}眼{text[2:]}")
    press(page, "Alt+2", "Enter", "Escape")
    expect(line).to_have_attribute("data-text", f"{text[0]}民{text[2:]}")  # at once
    press(page, "Control+z", "Control+y", "Control+z")
    wait_until_saved(page)
    page.reload()
    expect(line).to_have_attribute("data-text", text)
