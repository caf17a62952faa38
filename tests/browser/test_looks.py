"""What every page has in common: it fits a phone, shows where the keyboard is, and keeps to one look."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import faults

PAGES = [
    "/",
    "/search/?q=%E6%98%A5",
    "/trash/",
    "/programs/",
    "/manifests/",
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
    for address in [*PAGES, *ADMINISTRATION]:
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


def test_the_administration_shares_type_and_icon_with_the_site(window: Callable[..., Page]):
    page = window(locale="zh-TW")
    found = []
    for address in ("/", "/admin/"):
        page.goto(address)
        found.append(
            page.evaluate(
                """() => [
                    getComputedStyle(document.body).fontFamily,
                    getComputedStyle(document.querySelector("main h1, main h2")).fontFamily,
                    document.querySelector("link[rel=icon]").href,
                ]"""
            )
        )
    assert found[0] == found[1]


def test_the_language_and_the_theme_of_the_site_hold_in_the_administration(window: Callable[..., Page]):
    page = window(color_scheme="light")
    page.goto("/")
    page.get_by_role("button", name="Light or dark").click()
    page.get_by_role("button", name="Dark", exact=True).click()
    page.goto("/admin/")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    page.get_by_role("button", name="繁體中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hant")
    expect(page).to_have_url(re.compile(r"/admin/$"))
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-hant")


@pytest.mark.parametrize("locale", ["en", "zh-TW"])
@pytest.mark.parametrize("address", ["/admin/documents/document/", "/admin/documents/event/", "/admin/usage/"])
def test_tables_of_the_administration_fit_a_small_desktop(window, library, locale: str, address: str):
    page = window(locale=locale, viewport={"width": 1280, "height": 800})
    page.goto(address)
    page.locator("#content table").first.wait_for()
    assert (
        page.evaluate(
            """() => [...document.querySelectorAll("#content, #content *")]
            .filter((box) => box.scrollWidth > box.clientWidth + 1)
            .filter((box) => ["auto", "scroll"].includes(getComputedStyle(box).overflowX))
            .map((box) => box.outerHTML.slice(0, 120))"""
        )
        == []
    )
