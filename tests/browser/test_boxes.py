"""The boxes of lines in the hand: moved, sized, turned, split and joined, far from the server."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support import synthetic_pages
from tests.support.browser import READ_WITHIN, faults, place_of, upload, wait_until_saved
from tests.support.stack import Platform

LINES = ["第一行的文字", "第二行的文字", "第三行的文字", "第四行的文字"]


@pytest.fixture(scope="module")
def address(
    site: Platform, far_away: str, browser: Browser, cookies: list, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """A page that has been read, reached slowly."""
    picture = tmp_path_factory.mktemp("boxes") / "boxes.png"
    synthetic_pages.horizontal(LINES).save(picture)
    context = browser.new_context(base_url=site.url, locale="en")
    context.add_cookies(cookies)
    found = upload(context.request, site, picture)
    page = context.new_page()
    page.goto(found)
    expect(page.locator(".progress-line")).to_have_attribute("data-finished", "yes", timeout=READ_WITHIN)
    context.close()
    return f"{far_away}{found}"


@pytest.fixture
def viewer(window: Callable[..., Page], address: str) -> Iterator[Page]:
    """The page as it was read; what a test does to it is undone afterwards."""
    page = window()
    page.goto(address)
    expect(page.locator(".line-text")).to_have_text(LINES)
    yield page
    undo = page.get_by_role("button", name="Undo the last change")
    wait_until_saved(page)
    while undo.is_enabled():
        undo.click()
        wait_until_saved(page)
    assert exported(page) == LINES


def exported(page: Page) -> list[str]:
    wait_until_saved(page)
    return page.request.get(f"{page.url.partition('?')[0]}export/txt/").text().splitlines()


def shape(page: Page, key: str) -> Locator:
    return page.locator(f"#page .overlay polygon[data-line='{key}']")


def drag(page: Page, handle: Locator, dx: float, dy: float) -> None:
    box = place_of(handle)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx / 2, y + dy / 2)
    page.mouse.move(x + dx, y + dy)
    page.mouse.up()


def test_a_box_is_moved_sized_and_turned_and_its_line_is_read_again(viewer: Page) -> None:
    before = place_of(shape(viewer, "2"))
    viewer.locator(".line").nth(1).click()
    viewer.keyboard.press("b")
    assert faults(viewer) == []
    step = shape(viewer, "3").bounding_box()["y"] - before["y"]
    outline = viewer.locator(".box-outline")
    drag(viewer, outline, 0, step)  # over the third line
    viewer.get_by_role("button", name="Keep and read").click()
    assert shape(viewer, "2").bounding_box()["y"] == pytest.approx(before["y"] + step, abs=2)
    expect(viewer.locator(".line-text").nth(1)).to_have_text(LINES[2], timeout=READ_WITHIN)
    viewer.keyboard.press("Control+z")
    viewer.keyboard.press("Control+z")
    assert exported(viewer) == LINES
    assert shape(viewer, "2").bounding_box() == pytest.approx(before, abs=3)

    viewer.keyboard.press("b")
    drag(viewer, viewer.locator("[data-box=e]"), -before["width"] / 2, 0)
    assert outline.bounding_box()["width"] == pytest.approx(before["width"] / 2, abs=3)
    viewer.keyboard.press("Alt+ArrowRight")
    viewer.keyboard.press("Shift+ArrowDown")
    viewer.keyboard.press("Enter")
    expect(viewer.locator(".line-text").nth(1)).not_to_have_text(LINES[1], timeout=READ_WITHIN)
    wait_until_saved(viewer)
    viewer.reload()
    points = str(shape(viewer, "2").get_attribute("points")).split()
    assert points[0].split(",")[1] != points[1].split(",")[1]  # it is turned a little
    assert exported(viewer)[1] in (LINES[1][:3], LINES[1][:4])


def test_what_a_person_wrote_stays_when_its_box_is_moved_and_what_is_read_is_offered(viewer: Page) -> None:
    viewer.locator(".line").nth(1).dblclick()
    viewer.get_by_label("Text of the line").fill("我寫的")
    viewer.keyboard.press("Enter")
    viewer.locator(".line").nth(1).click()
    viewer.keyboard.press("b")
    viewer.keyboard.press("ArrowRight")
    viewer.keyboard.press("Enter")
    offer = viewer.locator(".reread")
    expect(offer).to_contain_text(LINES[1][1:], timeout=READ_WITHIN)
    expect(viewer.locator(".line-text").nth(1)).to_have_text("我寫的")
    offer.get_by_role("button", name="Leave mine").click()
    expect(offer).to_have_count(0)
    assert exported(viewer)[1] == "我寫的"


def test_a_line_is_split_at_the_caret_and_by_a_cut_and_joined_again(viewer: Page) -> None:
    viewer.locator(".line").first.dblclick()
    field = viewer.get_by_label("Text of the line")
    field.evaluate("(field) => field.setSelectionRange(3, 3)")
    field.press("Control+Enter")
    expect(viewer.locator(".line-text").first).to_have_text(LINES[0][:3])  # at once
    expect(viewer.locator(".line")).to_have_count(5)
    parts = [LINES[0][:3], LINES[0][3:]]
    expect(viewer.locator(".line-text")).to_have_text([*parts, *LINES[1:]])
    assert exported(viewer) == [*parts, *LINES[1:]]
    left, right = (viewer.locator("#page .overlay polygon").nth(n).bounding_box() for n in (0, 4))
    assert left["x"] + left["width"] == pytest.approx(right["x"], abs=2)

    viewer.keyboard.press("j")
    expect(viewer.locator(".line-text").first).to_have_text(LINES[0])
    assert exported(viewer) == LINES

    viewer.locator(".line[data-line='3']").click()
    viewer.keyboard.press("b")
    viewer.get_by_role("button", name="Cut where I click").click()
    box = place_of(shape(viewer, "3"))
    viewer.mouse.click(box["x"] + box["width"] * 2 / 3, box["y"] + box["height"] / 2)
    third = [LINES[2][:4], LINES[2][4:]]
    expect(viewer.locator(".line:not(.is-gone) .line-text")).to_have_text([*LINES[:2], *third, LINES[3]])
    assert exported(viewer) == [*LINES[:2], *third, LINES[3]]

    viewer.locator(".line[data-line='2']").click()
    viewer.locator(".line").last.click(modifiers=["Shift"])
    viewer.keyboard.press("j")
    assert exported(viewer) == [LINES[0], "".join(LINES[1:])]
