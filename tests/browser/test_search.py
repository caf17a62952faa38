"""Searching, from the key that leads to it to the words marked in the page's picture."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from tests.support.browser import faults
from tests.support.stack import wait_for

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


FURTHER = """<nav class="turning"><a href="/search/?q=花落&after=1" hx-get="/search/?q=花落&after=1"
  hx-target="closest nav" hx-swap="outerHTML">Further hits</a></nav>"""
"""As below a page of hits of which there are more; it leads to all of them once more."""


def further_hits_on_their_way(page: Page) -> Route:
    """Somebody asks for further hits by the keyboard; their answer, which is held back."""
    page.goto("/search/?q=花落")
    shown = "(html) => { const end = document.querySelector('.hit-groups'); end.insertAdjacentHTML('beforeend', html);"
    page.evaluate(shown + " htmx.process(end); }", FURTHER)
    held: list[Route] = []
    page.route("**/search/?q=*&after=1", lambda route: held.append(route), times=1)
    page.get_by_role("link", name="Further hits").focus()
    page.keyboard.press("Enter")
    wait_for(lambda: page.wait_for_timeout(50) or held)
    return held[0]


def test_the_keyboard_goes_on_at_the_first_of_further_hits(window, library):
    page = window()
    further_hits_on_their_way(page).continue_()
    expect(page.locator(".hit-groups .hit-groups h2 a").first).to_be_focused()


def test_further_hits_take_the_keyboard_from_nobody_who_is_elsewhere_by_then(window, library):
    page = window()
    answer = further_hits_on_their_way(page)
    page.locator("#id_q").focus()
    answer.continue_()
    expect(page.locator(".hit-groups .hit-groups")).to_be_visible()
    expect(page.locator("#id_q")).to_be_focused()
