"""Viewers of other institutions show a document, by the manifest of a link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.stack import Platform
from tests.support.viewers import other_site

LOADED_WITHIN = 120_000
"""Milliseconds: megabytes of scripts, on a busy machine."""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site with viewers."""
    with other_site(tmp_path_factory.mktemp("viewers")) as address:
        yield address


@pytest.fixture(scope="module")
def manifest(site: Platform, browser: Browser, cookies: list, library: dict[str, str]) -> str:
    """The manifest of a document of two pages, as the list of its links has it."""
    context = browser.new_context(base_url=site.url, locale="en")
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(f"{library['唐詩']}manage/")
    page.get_by_role("button", name="Make a link").click()
    address = page.get_by_role("link", name="IIIF manifest").first.get_attribute("href")
    context.close()
    return f"{site.url}{address}"


@pytest.mark.parametrize("viewer", ["mirador", "universalviewer"])
def test_viewers_of_other_sites_show_the_document(viewer: str, elsewhere: str, manifest: str, browser: Browser) -> None:
    page: Page = browser.new_context(locale="en", viewport={"width": 1280, "height": 900}).new_page()
    tile = re.compile(r"/iiif/[^/]+/images/[^/]+-1/[^/]+/[^/]+/0/default\.jpg")
    with page.expect_response(tile, timeout=LOADED_WITHIN) as drawn:
        page.goto(f"{elsewhere}/{viewer}.html?{urlencode({'manifest': manifest})}")
    assert drawn.value.status == 200
    assert drawn.value.headers["content-type"] == "image/jpeg"
    expect(page.locator("#viewer")).to_contain_text("唐詩", timeout=LOADED_WITHIN)
    page.context.close()
