"""What every page has in common: it fits a phone, shows where the keyboard is, and keeps to one look."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.support.browser import faults

PAGES = [
    "/",
    "/search/?q=%E6%98%A5",
    "/trash/",
    "/programs/",
    "/accounts/",
    "/accounts/activity/",
    "/accounts/security/",
]
ADMINISTRATION = ["/admin/", "/admin/documents/document/", "/admin/queue/", "/admin/usage/", "/admin/settings/"]

FOCUSED = """() => {
  const element = document.activeElement;
  if (element === document.body) return null;
  const shown = element.matches(".file-input") ? document.querySelector(`label[for=${element.id}]`) : element;
  const { outlineStyle, outlineWidth } = getComputedStyle(shown);
  return [element.outerHTML.slice(0, 120), outlineStyle !== "none" && parseFloat(outlineWidth) > 0];
}"""


def unseen(page: Page) -> list[str]:
    """Where the Tab key stops without a ring that tells so."""
    found = []
    for _ in range(100):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused is None:
            return found
        element, has_ring = focused
        if not has_ring:
            found.append(element)
    return found


def test_the_keyboard_is_always_seen(window: Callable[..., Page], library: dict[str, str]):
    page = window()
    for address in [*PAGES, library["六十行"], f"{library['六十行']}manage/"]:
        page.goto(address)
        assert unseen(page) == [], address


@pytest.mark.parametrize("address", [*PAGES, *ADMINISTRATION])
def test_pages_fit_a_phone(window: Callable[..., Page], library: dict[str, str], address: str):
    page = window(viewport={"width": 390, "height": 844})
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_legible_by_day_and_by_night(window: Callable[..., Page], library: dict[str, str], scheme: str):
    page = window(color_scheme=scheme)
    for address in PAGES:
        page.goto(address)
        assert faults(page) == [], address


@pytest.mark.parametrize("locale", ["en", "zh-TW"])
def test_headings_and_code_keep_their_type_in_both_languages(window: Callable[..., Page], locale: str):
    page = window(locale=locale)
    page.goto("/programs/")
    type_of = "element => getComputedStyle(element).fontFamily"
    assert "serif" in page.locator("h1").evaluate(type_of).split(", ")
    assert "monospace" in page.locator("code").first.evaluate(type_of)


def test_the_administration_wears_the_colours_of_the_site(window: Callable[..., Page]):
    page = window(color_scheme="dark")
    ground = []
    for address in ("/", "/admin/"):
        page.goto(address)
        ground.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert ground[0] == ground[1]
