"""Searching, from the key that leads to it to the words marked in the page's picture."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.support.browser import faults

PLACES = "(names) => names.map((name) => document.querySelector(name).getBoundingClientRect().toJSON())"
"""Of several shapes at one moment."""


def test_a_hit_opens_its_page_with_the_words_marked(window, library):
    page = window()
    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type("花落")
    page.keyboard.press("Enter")
    hit = page.locator(f".hit[href^='{library['唐詩']}']")  # other tests may have uploaded the poem, too
    expect(hit.locator("mark")).to_have_text("花落")
    assert faults(page) == []
    hit.click()
    expect(page.locator("#page")).to_have_attribute("data-number", "1")
    expect(page.locator(".line[aria-current] mark")).to_have_text("花落")
    page.wait_for_load_state()  # the picture is brought to the line by a script
    line, found = page.evaluate(PLACES, ["polygon.is-current", "polygon.found"])
    assert line["y"] < found["y"] < found["y"] + found["height"] < line["y"] + line["height"]
    assert abs(found["height"] / line["height"] - 2 / 10) < 0.06, "two of the ten characters of the column"
    expect(page.locator("#finds a")).to_have_count(1)
    assert faults(page) == []


def test_finding_goes_from_line_to_line_over_the_pages(window, library):
    page = window()
    page.goto(library["唐詩"])
    box = page.get_by_role("searchbox", name="Find in this document")
    box.fill("春")
    expect(page.locator("#finds a")).to_have_count(1)
    expect(page.locator(".line mark")).to_have_text("春")
    box.fill("月")
    expect(page.locator("#finds a")).not_to_have_count(0)
    expect(page.locator(".line mark")).to_have_count(0)
    box.press("Enter")
    expect(page.locator("#page")).to_have_attribute("data-number", "2")
    expect(page.locator(".line[aria-current] mark")).to_have_text("月")
    assert "find=" in page.url
    box.fill("")
    expect(page.locator("#finds a")).to_have_count(0)
    expect(page.locator("polygon.found")).to_have_count(0)
