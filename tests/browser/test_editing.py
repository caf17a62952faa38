"""How a person repairs a page: draw and delete lines, edit the reading order, run OCR again on the page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, Browser, Locator, Page, Route, expect

from tests.support import synthetic_pages
from tests.support.browser import READ_WITHIN, faults, place_of, upload, wait_until_saved
from tests.support.stack import Platform

LINES = ["第一行的文字", "第二行的文字", "第三行的文字", "第四行的文字"]
COLUMNS = ["春眠不覺曉處處聞啼鳥", "夜來風雨聲花落知多少"]


@pytest.fixture
def address(site: Platform, browser: Browser, cookies: list, tmp_path: Path) -> str:
    """A book of two pages that has just been read."""
    book = synthetic_pages.scanned_pdf(
        tmp_path / "book.pdf", [synthetic_pages.horizontal(LINES), synthetic_pages.vertical(COLUMNS, 48)]
    )
    context = browser.new_context(base_url=site.url, locale="en")
    context.add_cookies(cookies)
    found = upload(context.request, site, book)
    page = context.new_page()
    page.goto(found)
    expect(page.locator(".progress-line")).to_have_attribute("data-finished", "yes", timeout=READ_WITHIN)
    context.close()
    return found


@pytest.fixture
def viewer(window: Callable[..., Page], address: str) -> Page:
    page = window()
    page.goto(address)
    expect(page.locator(".line")).to_have_count(len(LINES))
    return page


def texts(page: Page) -> Locator:
    return page.locator(".line-text")


def exported(page: Page, address: str) -> list[str]:
    """The lines of the first page as everybody gets them."""
    wait_until_saved(page)
    return page.request.get(f"{address}export/txt/").text().split("\n\n")[0].splitlines()


def frame(page: Page, shape: Locator) -> None:
    """Draws a frame around a shape with the mouse."""
    box = place_of(shape)
    page.mouse.move(box["x"] - 8, box["y"] - 6)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10, steps=3)
    page.mouse.move(box["x"] + box["width"] + 8, box["y"] + box["height"] + 6, steps=3)
    page.mouse.up()


def test_a_wrong_box_is_taken_away_and_the_right_one_drawn_in_its_place(viewer: Page, address: str) -> None:
    viewer.locator(".line").nth(2).focus()
    viewer.keyboard.press("Delete")
    expect(viewer.locator(".line-gone")).to_have_text(LINES[2])
    expect(viewer.locator(":focus")).to_have_attribute("data-line", "4")
    assert exported(viewer, address) == [*LINES[:2], LINES[3]]

    viewer.get_by_role("button", name="Run OCR on a region").click()
    frame(viewer, viewer.locator("polygon[data-line='3']"))
    field = viewer.get_by_label("Line 1")
    expect(field).to_have_value(LINES[2], timeout=READ_WITHIN)
    expect(field).to_be_focused()
    field.fill("第三行，補上")
    viewer.keyboard.press("Enter")
    expect(viewer.locator(".line:focus .line-text")).to_have_text("第三行，補上")
    expect(viewer.locator("polygon[data-mark=drawn]")).to_have_count(1)
    assert exported(viewer, address) == [*LINES[:2], "第三行，補上", LINES[3]]

    viewer.keyboard.press("Control+z")  # the drawn line goes
    expect(viewer.locator(".line-gone")).to_have_count(2)
    viewer.keyboard.press("Control+z")  # and the one that was read comes back
    expect(viewer.locator(".line[data-line='3'] .line-text")).to_have_text(LINES[2])
    assert exported(viewer, address) == LINES


def test_a_line_is_taken_away_in_the_editor_and_brought_back(viewer: Page, address: str) -> None:
    viewer.locator(".line").first.focus()
    viewer.keyboard.press("Enter")
    viewer.get_by_role("button", name="Delete the line").click()
    bring_back = viewer.get_by_role("button", name=f"Restore {LINES[0]}")
    expect(bring_back).to_be_visible()
    assert exported(viewer, address) == LINES[1:]
    bring_back.click()
    expect(texts(viewer).first).to_have_text(LINES[0])
    expect(viewer.locator(".line-gone")).to_have_count(0)
    assert exported(viewer, address) == LINES


def test_a_part_is_marked_and_read_with_the_keyboard_alone_and_thrown_away(viewer: Page, address: str) -> None:
    viewer.locator(".line").nth(1).click()
    viewer.keyboard.press("r")
    hint = viewer.get_by_role("application", name="Frame on the page")
    expect(hint).to_be_focused()
    viewer.keyboard.press("ArrowLeft")  # the frame comes, around the chosen line
    for key in ["ArrowLeft", "ArrowUp", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown", "Shift+ArrowDown"]:
        viewer.keyboard.press(key)
    expect(viewer.locator(".frame")).to_be_visible()
    viewer.keyboard.press("Enter")
    expect(viewer.get_by_label("Line 1")).to_have_value(LINES[1], timeout=READ_WITHIN)
    viewer.keyboard.press("Escape")
    expect(viewer.locator(".mark-panel")).to_have_count(0)
    expect(viewer.locator(".frame")).to_have_count(0)
    expect(viewer.get_by_role("button", name="Run OCR on a region")).to_be_focused()
    assert exported(viewer, address) == LINES


def test_where_nothing_is_read_a_person_types(viewer: Page, address: str) -> None:
    viewer.get_by_role("button", name="Run OCR on a region").click()
    box = place_of(viewer.locator("#picture .sheet image"))
    viewer.mouse.move(box["x"] + 4, box["y"] + 4)  # the margin is blank
    viewer.mouse.down()
    viewer.mouse.move(box["x"] + 90, box["y"] + 24, steps=3)
    viewer.mouse.up()
    expect(viewer.locator(".mark-state")).to_contain_text("No text was found here", timeout=READ_WITHIN)
    viewer.get_by_label("Line 1").fill("頁眉")
    viewer.keyboard.press("Enter")
    expect(texts(viewer).first).to_have_text("頁眉")  # it stands at the top
    assert exported(viewer, address) == ["頁眉", *LINES]


def test_a_part_is_marked_with_a_finger(window: Callable[..., Page], address: str) -> None:
    page = window(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, reduced_motion="reduce")
    page.goto(address)
    page.get_by_role("button", name="Run OCR on a region").tap()
    box = place_of(page.locator("polygon[data-line='2']"))
    finger = page.context.new_cdp_session(page)
    right, bottom = box["x"] + box["width"] + 6, box["y"] + box["height"] + 6
    for kind, points in [
        ("touchStart", [{"x": box["x"] - 6, "y": box["y"] - 6}]),
        ("touchMove", [{"x": box["x"] + 40, "y": bottom}]),
        ("touchMove", [{"x": right, "y": bottom}]),
        ("touchEnd", []),
    ]:
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(page.get_by_label("Line 1")).to_have_value(LINES[1], timeout=READ_WITHIN)
    expect(page.locator("#page")).to_have_attribute("data-number", "1")  # no page was turned
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def drag_first_line_to(viewer: Page, index: int) -> None:
    """Drags the first line below the one at ``index``, and holds it there."""
    item = viewer.locator(".line-item").first
    item.hover()
    grip, goal = item.locator(".grip").bounding_box(), viewer.locator(".line-item").nth(index).bounding_box()
    assert grip is not None
    assert goal is not None
    viewer.mouse.move(grip["x"] + 4, grip["y"] + 10)
    viewer.mouse.down()
    viewer.mouse.move(grip["x"] + 4, goal["y"] + goal["height"] - 4, steps=6)


def test_an_answer_does_not_take_a_dragged_line_out_of_the_hand(viewer: Page, address: str) -> None:
    """The answer to a change with the keys comes while the next one is being made with the pointer."""
    held: list[Route] = []
    viewer.route("**/order/?run=*", lambda route: held.append(route), times=1)
    viewer.locator(".line").nth(3).focus()
    viewer.keyboard.press("Alt+ArrowUp")
    drag_first_line_to(viewer, 2)
    with viewer.expect_response("**/order/?run=*"):
        held[0].continue_()
    viewer.wait_for_timeout(300)  # the script hears of it some moments later
    edited = [LINES[1], LINES[3], LINES[0], LINES[2]]
    expect(texts(viewer)).to_have_text(edited)
    viewer.mouse.up()
    assert exported(viewer, address) == edited
    expect(texts(viewer)).to_have_text(edited)


def test_the_order_is_edited_with_keys_and_pointer_and_a_second_editor_is_told(
    viewer: Page, window: Callable[..., Page], address: str
) -> None:
    colleague = window()
    colleague.goto(address)
    expect(colleague.locator(".line")).to_have_count(len(LINES))

    viewer.locator(".line").nth(3).focus()
    viewer.keyboard.press("Alt+ArrowUp")
    expect(viewer.locator(".order-note")).to_be_visible()
    expect(texts(viewer)).to_have_text([LINES[0], LINES[1], LINES[3], LINES[2]])
    expect(viewer.locator(":focus")).to_have_attribute("data-line", "4")
    expect(viewer.locator("#announcement")).not_to_be_empty()

    drag_first_line_to(viewer, 2)
    viewer.mouse.up()
    edited = [LINES[1], LINES[3], LINES[0], LINES[2]]
    expect(texts(viewer)).to_have_text(edited)
    assert exported(viewer, address) == edited

    colleague.locator(".line").first.focus()
    colleague.keyboard.press("Alt+ArrowDown")
    expect(colleague.get_by_role("alert")).to_contain_text("Somebody else has changed this page")
    expect(texts(colleague)).to_have_text(edited)
    assert exported(viewer, address) == edited

    first = [LINES[0], LINES[1], LINES[3], LINES[2]]
    viewer.keyboard.press("Control+z")
    expect(texts(viewer)).to_have_text(first)
    viewer.get_by_role("button", name="Reading order").click()
    viewer.get_by_role("button", name="as they were read").click()
    expect(texts(viewer)).to_have_text(LINES)
    expect(viewer.locator(".order-note")).to_be_hidden()
    viewer.keyboard.press("Control+z")
    expect(texts(viewer)).to_have_text(first)
    viewer.keyboard.press("Control+z")  # the very first change: the page is as it was read again
    expect(texts(viewer)).to_have_text(LINES)
    expect(viewer.locator(".order-note")).to_be_hidden()
    expect(viewer.locator("#undo")).to_be_disabled()

    viewer.locator(".line").first.focus()
    viewer.keyboard.press("Alt+ArrowDown")
    expect(viewer.locator("#undo")).to_be_enabled()
    wait_until_saved(viewer)
    colleague.reload()
    colleague.locator(".line").last.focus()
    colleague.keyboard.press("Alt+ArrowUp")
    wait_until_saved(colleague)
    theirs = exported(viewer, address)
    viewer.keyboard.press("Control+z")
    expect(viewer.get_by_role("alert")).to_contain_text("Somebody else has changed this page")
    assert exported(viewer, address) == theirs


def test_a_page_asked_for_before_a_change_does_not_take_the_change_from_sight(viewer: Page, address: str) -> None:
    late: list[tuple[Route, APIResponse]] = []
    viewer.route("**/pages/1/?run=*", lambda route: late.append((route, route.fetch())), times=1)
    viewer.evaluate("htmx.trigger('#page', 'refresh')")  # as when OCR of the page has ended
    for _ in range(600):
        if late:
            break
        viewer.wait_for_timeout(50)
    viewer.locator(".line").first.focus()
    viewer.keyboard.press("Alt+ArrowDown")
    edited = [LINES[1], LINES[0], *LINES[2:]]
    expect(texts(viewer)).to_have_text(edited)
    [(route, answer)] = late
    route.fulfill(response=answer)
    viewer.wait_for_timeout(500)
    expect(texts(viewer)).to_have_text(edited)
    assert exported(viewer, address) == edited


def test_one_page_is_read_again_with_other_options(viewer: Page, site: Platform, address: str) -> None:
    viewer.get_by_role("link", name="Next page").click()
    expect(viewer.locator("#page")).to_have_attribute("data-number", "2")
    expect(viewer.locator(".line")).to_have_count(len(COLUMNS))
    first = viewer.locator("#page").get_attribute("hx-get")
    viewer.get_by_role("button", name="Run OCR again on this page").click()
    form = viewer.get_by_role("dialog", name="Run OCR again on page 2")
    expect(form.get_by_role("combobox").first).to_be_focused()
    viewer.keyboard.press("Shift+Tab")  # nothing behind it is reached
    viewer.keyboard.press("Shift+Tab")
    assert not viewer.evaluate("document.activeElement.closest('main') && !document.activeElement.closest('dialog')")
    form.get_by_role("button", name="Cancel").click()
    expect(form).to_be_hidden()
    expect(viewer.get_by_role("button", name="Run OCR again on this page")).to_be_focused()
    viewer.keyboard.press("Enter")
    form.get_by_label("Characters").select_option("t2s")
    with site.paused():
        form.get_by_role("button", name="Run OCR again").click()
        expect(viewer.locator("#next-run")).to_contain_text("everybody sees the earlier text")
        expect(texts(viewer).first).to_have_text(COLUMNS[0])
    expect(viewer.locator("#page")).not_to_have_attribute("hx-get", str(first), timeout=READ_WITHIN)
    expect(texts(viewer).first).to_have_text("春眠不觉晓处处闻啼鸟")
    expect(viewer.locator(".progress-count")).to_have_text("2 / 2")
    expect(viewer.locator(".run[aria-current]")).to_contain_text(
        "OCR again on page 2 · Characters: Traditional to Simplified"
    )
    assert exported(viewer, address) == LINES
    viewer.locator(".run:not([aria-current])").get_by_role("button", name="Make it the current one").click()
    viewer.goto(f"{address}?page=2")
    expect(texts(viewer).first).to_have_text(COLUMNS[0])


def test_the_tools_are_accessible(viewer: Page) -> None:
    viewer.locator(".line").first.focus()
    viewer.keyboard.press("Delete")
    expect(viewer.locator(".bring-back")).to_be_visible()
    viewer.get_by_role("button", name="Run OCR on a region").click()
    frame(viewer, viewer.locator("polygon[data-line='2']"))
    expect(viewer.get_by_label("Line 1")).to_have_value(LINES[1], timeout=READ_WITHIN)
    assert faults(viewer) == []
    viewer.emulate_media(color_scheme="dark")
    expect(viewer.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert faults(viewer) == []
    viewer.keyboard.press("Escape")
    viewer.get_by_role("button", name="Run OCR again on this page").click()
    assert faults(viewer) == []
