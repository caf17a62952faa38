"""Work on whole documents, far from the server and with quick hands: what is pressed twice is done once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.support import synthetic_pages
from tests.support.browser import READ_WITHIN, faults, no_conflict, place_of, press, upload, wait_until_saved
from tests.support.stack import Platform

LINES = ["第一行的文字", "第二行的文字", "第三行的文字"]


@pytest.fixture
def viewer(
    site: Platform,
    far_away: str,
    open_browser: Callable[..., BrowserContext],
    window: Callable[..., Page],
    cookies: list,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Page:
    """A page that has just been read, as somebody has it who is far from the server."""
    near = open_browser()
    near.add_cookies(cookies)
    comment = PngInfo()
    comment.add_text("Comment", request.node.name)  # no two of them are the same file
    picture = tmp_path / "far.png"
    synthetic_pages.horizontal(LINES).save(picture, pnginfo=comment)
    address = upload(near.request, site, picture)
    page = window(base_url=far_away)
    page.goto(address)
    expect(page.locator(".line-text")).to_have_text(LINES, timeout=READ_WITHIN)
    return page


def exported(page: Page, address: str, suffix: str = "txt") -> str:
    wait_until_saved(page)
    return page.request.get(f"{address}export/{suffix}/").text()


def test_a_part_that_is_drawn_adds_a_line_which_is_corrected_moved_and_deleted_before_the_server_has_it(
    viewer: Page,
) -> None:
    address = viewer.url.partition("?")[0]
    viewer.locator(".line").nth(1).click()
    press(viewer, "r")
    box = place_of(viewer.locator("polygon[data-line='2']"))
    viewer.mouse.move(box["x"] - 2, box["y"] - 2)
    viewer.mouse.down()
    viewer.mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] + 2, steps=3)
    viewer.mouse.up()
    field = viewer.get_by_label("Line 1", exact=True)
    expect(field).to_be_focused(timeout=READ_WITHIN)
    field.fill("畫的")
    press(viewer, "Enter", "Enter")
    viewer.keyboard.type("，改過")
    press(viewer, "Enter", "Escape", "ArrowUp", "Alt+ArrowUp")
    shown = viewer.locator(".line-text").all_text_contents()
    assert sorted(shown) == sorted([*LINES, "畫的，改過"])  # the whole line is as it was
    assert exported(viewer, address).splitlines() == shown
    no_conflict(viewer)
    drawn = viewer.locator("a.line", has_text="畫的，改過")
    expect(drawn).to_be_focused()
    press(viewer, *["Control+z"] * 3, "Control+y", "Control+y")
    wait_until_saved(viewer)
    expect(drawn).to_be_focused()  # whatever the answers have put into another place
    press(viewer, *["Control+z"] * 2, "Control+y", "Control+y", "Delete")
    assert exported(viewer, address).splitlines() == LINES
    no_conflict(viewer)
    viewer.reload()
    press(viewer, *["Control+z"] * 3)
    assert exported(viewer, address).splitlines() == LINES


def test_a_page_that_comes_anew_leaves_the_keyboard_where_it_is(viewer: Page) -> None:
    """Its answer is late, and meanwhile somebody has gone on to another line."""
    address = viewer.url.partition("?")[0]

    def late(route: Route) -> None:
        viewer.wait_for_timeout(500)
        route.continue_()

    viewer.route("**/pages/1/?run=*", late)
    lines = viewer.locator("a.line")
    lines.last.click()
    for _ in range(2):
        viewer.evaluate("document.querySelector('#page').dataset.known = ''; htmx.trigger('#page', 'refresh')")
        press(viewer, "ArrowUp")
        expect(viewer.locator("#page[data-known]")).to_have_count(0)
    expect(lines.first).to_be_focused()
    press(viewer, "ArrowDown")
    viewer.evaluate("document.querySelector('#page').dataset.known = ''; htmx.trigger('#page', 'refresh')")
    expect(viewer.locator("#page[data-known]")).to_have_count(0)
    expect(lines.nth(1)).to_be_focused()
    press(viewer, "Delete")
    assert exported(viewer, address).splitlines() == [LINES[0], LINES[2]]


def test_a_new_run_keeps_what_people_did_and_texts_come_in_and_are_taken_over(viewer: Page) -> None:
    address = viewer.url.partition("?")[0]
    viewer.locator(".line").last.focus()
    press(viewer, "Alt+ArrowUp", "e")
    viewer.keyboard.type("，改過")
    press(viewer, "Enter", "Escape")
    edited = [LINES[0], f"{LINES[2]}，改過", LINES[1]]
    expect(viewer.locator(".line-text")).to_have_text(edited)
    wait_until_saved(viewer)
    viewer.get_by_text("Run OCR again with other options").click()
    viewer.locator("#runs").get_by_role("button", name="Run OCR again", exact=True).dblclick()
    expect(viewer.locator(".run")).to_have_count(2, timeout=READ_WITHIN)
    expect(viewer.locator(".run").first.locator("[data-state=current]")).to_be_visible(timeout=READ_WITHIN)
    expect(viewer.locator(".line-text")).to_have_text(edited)
    assert exported(viewer, address).splitlines() == edited

    elsewhere = exported(viewer, address, "alto").replace(LINES[1], "別處的第二行")
    viewer.get_by_text("Bring in a text from another program").click()
    viewer.locator("#transcription").set_input_files(
        {"name": "alto.xml", "mimeType": "application/xml", "buffer": elsewhere.encode()}
    )
    viewer.get_by_role("button", name="Bring it in").dblclick()
    expect(viewer.locator(".run")).to_have_count(3)
    viewer.goto(address)
    viewer.get_by_role("link", name="Compare with the one shown").first.click()
    expect(viewer.get_by_role("button", name="Take this")).to_have_count(1)
    assert faults(viewer) == []
    viewer.get_by_role("button", name="Take this").dblclick()
    expect(viewer.get_by_text("The two runs are the same.")).to_be_visible()
    assert exported(viewer, address).splitlines() == [*edited[:2], "別處的第二行"]


def test_texts_are_replaced_and_a_link_is_made_once_however_often_it_is_pressed(viewer: Page) -> None:
    address = viewer.url.partition("?")[0]
    press(viewer, "Control+h")
    expect(viewer.get_by_role("heading", name="Find and replace")).to_be_visible()
    viewer.locator("#id_find").fill("行的")
    viewer.get_by_label("Replace with").fill("列之")
    press(viewer, "Enter", "Enter")
    viewer.get_by_role("button", name="Replace the selected places").dblclick()
    expect(viewer.get_by_text("Replaced in 3 lines.")).to_be_visible(timeout=READ_WITHIN)
    assert exported(viewer, address).splitlines() == [line.replace("行的", "列之") for line in LINES]
    viewer.get_by_role("button", name="Undo all of it").dblclick()
    expect(viewer.get_by_text("Undone in 3 lines.")).to_be_visible(timeout=READ_WITHIN)
    assert exported(viewer, address).splitlines() == LINES

    viewer.goto(f"{address}manage/")
    viewer.get_by_label("Person").fill("nobody of that name")
    press(viewer, "Enter", "Enter")
    expect(viewer.locator(".field-error")).to_be_visible()
    viewer.get_by_role("button", name="Make a link").focus()
    press(viewer, "Enter", "Enter")
    expect(viewer.locator(".link-address")).to_have_count(1)
