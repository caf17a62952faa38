"""Pages in the hand, far from the server: files become one document, whose pages are moved, turned and taken out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.support import synthetic_pages
from tests.support.browser import READ_WITHIN, faults, place_of, press, wait_until_saved


def keys(page: Page, count: int = 3) -> list[str | None]:
    """Of so many pages, in their order."""
    expect(page.locator(".pick")).to_have_count(count)
    return [box.get_attribute("value") for box in page.locator(".pick").all()]


def test_pages_are_put_in_order_turned_and_taken_out(
    window: Callable[..., Page], far_away: str, tmp_path: Path
) -> None:
    for number in (10, 2, 1):
        synthetic_pages.horizontal([f"第{number}張"]).save(tmp_path / f"張 {number}.png")
    page = window(base_url=far_away)
    page.goto("/")
    page.get_by_label("Make one document").check()
    page.locator("#files").set_input_files([tmp_path / f"張 {number}.png" for number in (10, 2, 1)])
    expect(page.locator(".transfer.is-taken")).to_have_count(3)
    page.locator(".transfer.is-taken a").first.click()
    expect(page.locator("h1")).to_have_text("張 1")
    expect(page.locator(".thumb[data-state=done]")).to_have_count(3, timeout=READ_WITHIN)
    page.get_by_role("link", name="Pages", exact=True).click()
    first, second, third = keys(page)
    assert faults(page) == []

    page.locator(".pick").nth(2).focus()
    press(page, "Alt+ArrowLeft", "Alt+ArrowLeft", "Alt+ArrowRight", "Alt+ArrowLeft")
    wait_until_saved(page)
    page.reload()
    assert keys(page) == [third, first, second]

    card, target = (place_of(page.locator(".page-card").nth(number)) for number in (0, 2))
    page.mouse.move(card["x"] + 60, card["y"] + 80)
    page.mouse.down()
    page.mouse.move(target["x"] + target["width"] - 10, target["y"] + 80, steps=10)
    page.mouse.up()
    expect(page.locator(".page-number")).to_have_text(["1", "2", "3"])
    assert keys(page) == [first, second, third]
    wait_until_saved(page)
    page.reload()
    assert keys(page) == [first, second, third]

    for box in page.locator(".pick:checked").all():
        box.uncheck()
    page.locator(".pick").nth(1).focus()
    press(page, "r", "r", "l")
    expect(page.locator(f'.pick[value="{second}"]')).to_be_checked()
    picture = page.locator(".page-picture img").nth(1)
    expect(picture).to_have_attribute("src", re.compile("turn=90"))
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalHeight > image.naturalWidth")
    page.get_by_role("button", name="Take out").click()
    expect(page.get_by_text("1 page moved to the trash.")).to_be_visible()
    assert keys(page, 2) == [first, third]
