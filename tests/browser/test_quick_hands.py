"""Hands that are quicker than the server: half a second for each change, keys 50 ms apart."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.browser import faults, no_conflict, place_of, press, wait_until_saved


@pytest.fixture
def viewer(far_away: str, window: Callable[..., Page], library: dict[str, str]) -> Page:
    """A page of sixty lines, as somebody has it who is far from the server."""
    page = window(base_url=far_away)
    page.goto(library["六十行"])
    expect(page.locator(".line")).to_have_count(60)
    return page


def saved(page: Page) -> list[str]:
    """The lines as everybody gets them, once all changes have arrived."""
    wait_until_saved(page)
    address = page.url.partition("?")[0]
    return page.request.get(f"{address}export/txt/").text().splitlines()


def texts(page: Page) -> list[str]:
    return page.locator(".line-text").all_text_contents()


def test_corrections_and_their_undoing_and_redoing_show_at_once_and_none_is_lost(viewer: Page) -> None:
    read = texts(viewer)
    viewer.locator(".line").first.focus()
    press(viewer, "Enter")
    for number in range(6):
        viewer.keyboard.type(f"（{number}）")
        press(viewer, "Enter")
    press(viewer, "Escape")
    corrected = [f"{text}（{number}）" for number, text in enumerate(read[:6])]
    assert texts(viewer)[:6] == corrected
    press(viewer, *["Control+z"] * 6)
    assert texts(viewer)[:7] == read[:7]  # though no more than one or two have arrived
    assert saved(viewer) == read
    press(viewer, *["Control+y"] * 6, "Control+z", "Control+z", "Control+Shift+z")
    assert saved(viewer) == [*corrected[:5], *read[5:]]
    no_conflict(viewer)
    press(viewer, *["Control+z"] * 5)
    assert saved(viewer) == read
    no_conflict(viewer)


def test_lines_deleted_and_moved_quickly_are_all_deleted_and_moved(viewer: Page) -> None:
    read = texts(viewer)
    viewer.locator(".line").nth(3).focus()
    press(viewer, "Delete", "Delete", "Delete")
    assert texts(viewer)[3:6] == ["", "", ""]
    press(viewer, "Alt+ArrowUp", "Alt+ArrowUp", "Alt+ArrowUp", "Alt+ArrowUp")
    expected = [*read[:2], read[6], read[2], *read[7:]]
    assert [text for text in texts(viewer) if text] == expected
    assert saved(viewer) == expected
    no_conflict(viewer)
    press(viewer, *["Control+z"] * 7)
    assert saved(viewer) == read
    expect(viewer.locator(".line-gone")).to_have_count(0)
    no_conflict(viewer)


def test_the_same_line_corrected_again_before_the_answer_holds_as_it_was_written_last(viewer: Page) -> None:
    read = texts(viewer)
    viewer.locator(".line").nth(10).focus()
    for text in "甲", "乙", "丙":
        press(viewer, "Enter")
        viewer.get_by_label("Text of the line").fill(text)
        press(viewer, "Enter", "Escape", "ArrowUp")
    assert saved(viewer)[10] == "丙"
    press(viewer, *["Control+z"] * 3)
    assert saved(viewer) == read
    no_conflict(viewer)


def test_somebody_elses_text_stands_and_ones_own_stays_beside_it(
    viewer: Page, window: Callable[..., Page], library: dict[str, str]
) -> None:
    colleague = window()
    colleague.goto(library["六十行"])
    colleague.locator(".line").nth(20).focus()
    press(colleague, "Enter")
    colleague.get_by_label("Text of the line").fill("同事寫的")
    press(colleague, "Enter")
    assert saved(colleague)[20] == "同事寫的"

    read = texts(viewer)
    viewer.locator(".line").nth(20).focus()
    press(viewer, "Enter")
    viewer.get_by_label("Text of the line").fill("我寫的")
    press(viewer, "Enter")
    viewer.keyboard.type("，下一行")
    contested = viewer.locator(".contested")
    expect(contested).to_contain_text("admin has just written: 同事寫的")
    expect(contested).to_contain_text("我寫的")
    expect(viewer.get_by_label("Text of the line")).to_have_value(f"{read[21]}，下一行")  # nothing is in the way
    press(viewer, "Escape", "Escape")
    assert saved(viewer)[20] == "同事寫的"
    contested.get_by_role("button", name="Write mine").click()
    expect(contested).to_have_count(0)
    assert saved(viewer)[20] == "我寫的"
    press(viewer, "Control+z")
    assert saved(viewer)[20] == "同事寫的"


def test_the_keys_go_from_line_to_line_and_on_to_the_next_page(far_away: str, window, library) -> None:
    page = window(base_url=far_away)
    page.goto(library["唐詩"])
    field, number = page.get_by_label("Text of the line"), page.locator("#page")
    expect(page.locator(".line")).not_to_have_count(0)
    read = texts(page)
    press(page, "e")
    expect(field).to_have_value(read[0])
    page.keyboard.type("、")
    press(page, "ArrowDown", "ArrowUp")
    expect(field).to_have_value(f"{read[0]}、")
    press(page, "Backspace", *["Enter"] * len(read))
    expect(number).to_have_attribute("data-number", "2")
    expect(page.locator(".line[aria-current]")).to_have_attribute("data-line", "1")
    expect(field).to_be_focused()
    press(page, "Shift+Enter")
    expect(number).to_have_attribute("data-number", "1")
    expect(field).to_have_value(read[-1])
    press(page, "Escape", "?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert faults(page) == []
    press(page, "Escape")
    assert saved(page)[: len(read)] == read
    no_conflict(page)


def test_the_zoomed_page_follows_the_line_that_is_corrected(viewer: Page) -> None:
    pane, line = viewer.locator("#picture"), viewer.locator("polygon.is-current")
    viewer.locator(".line").nth(30).dblclick()
    field = viewer.get_by_label("Text of the line")
    expect(field).to_be_focused()  # and nothing lies over it
    press(viewer, "Escape", "z")
    expect(pane).to_have_class("picture is-zoomed")
    height = line.bounding_box()["height"]
    press(viewer, "e", *["Enter"] * 20)
    shape, around = line.bounding_box(), pane.bounding_box()
    assert shape["height"] == pytest.approx(height, rel=0.3)
    assert around["y"] <= shape["y"] <= around["y"] + around["height"] - shape["height"]
    press(viewer, "Escape")
    viewer.mouse.move(around["x"] + 100, around["y"] + 100)
    viewer.mouse.down()
    viewer.mouse.move(around["x"] + 140, around["y"] + 180, steps=4)
    viewer.mouse.up()
    moved = line.bounding_box()
    assert (moved["x"] - shape["x"], moved["y"] - shape["y"]) == pytest.approx((40, 80), abs=2)
    expect(viewer.locator(".line[aria-current]")).to_have_attribute("data-line", "51")
    press(viewer, "z")
    expect(pane).to_have_class("picture")
    line.dblclick()
    expect(field).to_be_focused()
    press(viewer, "Escape", "c", "c")  # nothing is checked, as before
    wait_until_saved(viewer)


def test_several_lines_are_moved_at_once_to_a_number_and_by_the_grip_while_the_list_scrolls(viewer: Page) -> None:
    read = texts(viewer)
    press(viewer, "o")
    numbers = viewer.locator(".numbers text")
    expect(numbers).to_have_count(60)
    viewer.locator(".line").nth(4).click()
    viewer.locator(".line").nth(6).click(modifiers=["Shift"])
    expect(viewer.locator(".line.is-picked")).to_have_count(3)
    viewer.locator(".line").nth(4).focus()
    press(viewer, "Alt+ArrowUp", "Alt+ArrowUp", "Alt+ArrowDown")
    moved = [*read[:3], *read[4:7], read[3], *read[7:]]
    assert texts(viewer) == moved
    expect(viewer.locator(".numbers text").nth(3)).to_have_text("4")
    press(viewer, "m")
    expect(viewer.get_by_role("spinbutton", name="Move the selected lines to number")).to_be_focused()
    viewer.keyboard.type("50")
    press(viewer, "Enter")
    moved = [*read[:4], *read[7:52], *read[4:7], *read[52:]]
    expect(viewer.locator(".line-text")).to_have_text(moved)
    assert saved(viewer) == moved

    press(viewer, "Control+z", "Control+z", "Control+z", "Control+z")
    assert saved(viewer) == read
    press(viewer, "Escape")
    viewer.locator(".line").first.scroll_into_view_if_needed()
    item = viewer.locator(".line-item").nth(1)
    item.hover()
    grip, around = place_of(item.locator(".grip")), place_of(viewer.locator(".lines"))
    viewer.mouse.move(grip["x"] + 4, grip["y"] + 8)
    viewer.mouse.down()
    bottom = min(around["y"] + around["height"], viewer.viewport_size["height"])
    viewer.mouse.move(grip["x"] + 4, bottom - 4, steps=4)
    expect(viewer.locator(".line-item").nth(59)).to_have_class("line-item is-dragged")  # it scrolls by itself
    viewer.mouse.up()
    moved = [read[0], *read[2:], read[1]]
    assert texts(viewer) == moved
    assert saved(viewer) == moved
    press(viewer, "Control+z")
    assert saved(viewer) == read
    no_conflict(viewer)


def test_no_tool_moves_under_the_finger_while_a_change_is_on_its_way(
    far_away: str, window: Callable[..., Page], library: dict[str, str]
) -> None:
    page = window(base_url=far_away, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.goto(library["六十行"])
    held: list[Route] = []
    page.route("**/check/**", lambda route: held.append(route))
    tools = page.locator(".page-tools button:visible")
    before = [tool.bounding_box() for tool in tools.all()]
    press(page, "c")
    expect(page.locator("#saving")).to_be_visible()
    assert [tool.bounding_box() for tool in tools.all()] == before
    held[0].abort()


def test_lines_that_are_read_as_they_stand_are_checked_at_the_speed_of_the_keys(viewer: Page) -> None:
    checked = viewer.locator(".line[data-checked]")
    corrected = checked.count()  # by hand, in another test
    sent: list[Route] = []

    def send(route: Route) -> None:
        sent.append(route)
        if len(sent) > 1:
            route.continue_()

    viewer.route("**/check/**", send)  # the first one is on its way as long as keys are pressed
    viewer.locator(".line").first.focus()
    press(viewer, "Enter", *["Enter"] * 8)
    sent[0].continue_()
    for place in range(8):
        expect(viewer.locator(".line").nth(place)).to_have_attribute("data-checked", "")
    press(viewer, "Escape", "n")
    expect(viewer.locator(".line[aria-current=true]:not([data-checked])")).to_have_count(1)
    no_conflict(viewer)
    wait_until_saved(viewer)
    assert len(sent) == 2  # what waited was sent together
    viewer.reload()
    expect(checked).to_have_count(corrected + 8)
    press(viewer, "c", "c")
    wait_until_saved(viewer)
    expect(checked).to_have_count(corrected)
