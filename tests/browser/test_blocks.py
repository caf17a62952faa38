"""The blocks of a page in the viewer: a table corrected with keys, blocks reordered, a frame read as a table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support import synthetic_pages
from tests.support.browser import READ_WITHIN, faults, no_conflict, place_of, press, upload, wait_until_saved
from tests.support.stack import Platform

ABOVE = ["本店自即日起調整各項飲品之價格", "敬請各位顧客見諒並多多支持"]
ROWS = [["品名", "單價", "備註"], ["咖啡", "一百元", "熱飲"], ["紅茶", "八十元", ""], ["果汁", "九十元", "限定"]]


@pytest.fixture
def address(site: Platform, browser: Browser, cookies: list, tmp_path: Path) -> str:
    """A page with two lines and a table that has just been read."""
    book = synthetic_pages.scanned_pdf(tmp_path / "價目表.pdf", [synthetic_pages.ruled_table(ROWS, ABOVE)])
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
    page = window(viewport={"width": 1280, "height": 900})
    page.goto(address)
    page.get_by_role("button", name="Show the blocks of the page (L)").click()
    expect(page.locator("table.grid tr")).to_have_count(len(ROWS))
    return page


def cell(page: Page, row: int, column: int) -> Locator:
    return page.locator("table.grid tr").nth(row).locator("td").nth(column)


def grid(page: Page) -> list[list[str]]:
    """The table as the page shows it."""
    rows = page.locator("table.grid tr").all()
    return [
        [" ".join(each.locator(".line-text").all_inner_texts()).strip() for each in row.locator("td").all()]
        for row in rows
    ]


def kinds(page: Page) -> list[str]:
    return [str(head.get_attribute("data-kind")) for head in page.locator(".block-bar").all()]


def exported(page: Page, address: str) -> list[str]:
    wait_until_saved(page)
    return page.request.get(f"{address}export/txt/").text().splitlines()


def test_a_table_is_corrected_with_the_keyboard(viewer: Page, address: str) -> None:
    assert grid(viewer) == ROWS
    cell(viewer, 0, 0).locator("a.line").focus()
    viewer.keyboard.press("ArrowDown")
    expect(cell(viewer, 1, 0).locator("a.line")).to_be_focused()
    expect(viewer.locator("rect.cell-mark")).to_have_count(1)
    viewer.keyboard.press("Enter")
    viewer.locator("#correction").fill("冰咖啡")
    viewer.keyboard.press("Tab")
    expect(cell(viewer, 1, 1).locator("#correction")).to_be_focused()
    viewer.locator("#correction").fill("一百二十元")
    viewer.keyboard.press("Enter")
    expect(cell(viewer, 2, 1).locator("#correction")).to_be_focused()
    viewer.keyboard.press("Tab")
    expect(cell(viewer, 2, 2).locator("#cell-text")).to_be_focused()
    viewer.keyboard.type("無糖")
    viewer.keyboard.press("ArrowDown")
    viewer.locator("#correction").fill("不要的字")
    viewer.keyboard.press("Escape")
    viewer.keyboard.press("Escape")  # thrown away
    expect(cell(viewer, 3, 2).locator("a.line")).to_be_focused()
    corrected = ["冰咖啡\t一百二十元\t熱飲", "紅茶\t八十元\t無糖", "果汁\t九十元\t限定"]
    assert exported(viewer, address)[-3:] == corrected
    assert faults(viewer) == []
    viewer.reload()
    assert grid(viewer)[1:] == [row.split("\t") for row in corrected]


def test_blocks_are_moved_and_changed_and_rows_come_and_go(viewer: Page, address: str) -> None:
    before = kinds(viewer)
    assert before[-1] == "table"
    number = viewer.locator("input.block-number").last
    number.click()
    viewer.keyboard.type("1")
    viewer.keyboard.press("Enter")
    expect(viewer.locator(".block-bar").first).to_have_attribute("data-kind", "table")
    assert exported(viewer, address)[0] == "品名\t單價\t備註"
    viewer.keyboard.press("Control+z")
    expect(viewer.locator(".block-bar").last).to_have_attribute("data-kind", "table")
    assert kinds(viewer) == before

    wait_until_saved(viewer)
    grip, above = place_of(viewer.locator(".block-grip").last), place_of(viewer.locator(".block-bar").first)
    viewer.mouse.move(grip["x"] + 4, grip["y"] + 6)
    viewer.mouse.down()
    viewer.mouse.move(grip["x"] + 4, above["y"] - 2, steps=8)
    viewer.mouse.up()
    expect(viewer.locator(".block-bar").first).to_have_attribute("data-kind", "table")

    viewer.get_by_label("Kind of block 2", exact=True).focus()
    viewer.get_by_label("Kind of block 2", exact=True).select_option("caption")
    expect(viewer.locator(".block-bar").nth(1)).to_have_attribute("data-kind", "caption")

    cell(viewer, 1, 0).locator("a.line").click()
    changes = viewer.get_by_label("Rows and columns")
    changes.focus()
    changes.select_option("add-row after")
    expect(viewer.locator("table.grid tr")).to_have_count(len(ROWS) + 1)
    cell(viewer, 2, 0).get_by_role("button", name="Empty cell").click()
    viewer.keyboard.type("綠茶")
    viewer.keyboard.press("Enter")
    assert exported(viewer, address)[2:4] == ["綠茶\t\t", "紅茶\t八十元\t"]
    viewer.reload()
    assert grid(viewer)[2] == ["綠茶", "", ""]


def test_blocks_and_cells_are_changed_quicker_than_the_server_answers(
    window: Callable[..., Page], far_away: str, address: str
) -> None:
    page = window(viewport={"width": 1280, "height": 900}, base_url=far_away)
    page.goto(address)
    press(page, "l")
    expect(page.locator("table.grid tr")).to_have_count(len(ROWS))
    before, read = kinds(page), exported(page, address)
    page.locator("input.block-number").last.click()
    press(page, "1", "Enter")
    assert kinds(page) == ["table", *before[:-1]]  # at once
    choice = page.get_by_label("Kind of block 2", exact=True)
    choice.focus()
    choice.select_option("caption")
    assert kinds(page)[:2] == ["table", "caption"]
    cell(page, 1, 0).locator("a.line").click()
    changes = page.get_by_label("Rows and columns")
    changes.focus()
    changes.select_option("add-row after")
    assert len(grid(page)) == len(ROWS) + 1
    cell(page, 2, 0).get_by_role("button", name="Empty cell").click()
    page.keyboard.type("綠茶")
    press(page, "Tab")
    page.keyboard.type("七十元")
    press(page, "Enter", "Escape", "Escape")
    assert grid(page)[2] == ["綠茶", "七十元", ""]
    assert exported(page, address)[2:4] == ["綠茶\t七十元\t", "紅茶\t八十元\t"]
    no_conflict(page)
    assert grid(page)[2] == ["綠茶", "七十元", ""]
    press(page, *["Control+z"] * 5)
    assert kinds(page) == before
    assert exported(page, address) == read
    no_conflict(page)
    assert grid(page) == ROWS


def test_a_frame_is_read_as_a_table(viewer: Page, address: str) -> None:
    kind = viewer.locator(".block-bar[data-kind=table] .block-kind")
    kind.focus()
    kind.select_option("text")
    expect(viewer.locator("table.grid")).to_have_count(0)
    viewer.get_by_role("button", name="Run OCR on a region (R)").click()
    viewer.get_by_label("It is a table").check()
    wait_until_saved(viewer)  # its answer says what has become of the frame
    shape = place_of(viewer.locator(".blocks g[data-kind=text] rect").last)
    viewer.mouse.move(shape["x"] - 6, shape["y"] - 6)
    viewer.mouse.down()
    viewer.mouse.move(shape["x"] + shape["width"] / 2, shape["y"] + 20, steps=3)
    viewer.mouse.move(shape["x"] + shape["width"] + 6, shape["y"] + shape["height"] + 6, steps=3)
    viewer.mouse.up()
    fields = viewer.locator(".mark-table input")
    expect(fields).to_have_count(sum(bool(text) for row in ROWS for text in row), timeout=READ_WITHIN)
    fields.first.fill("商品")
    fields.first.press("Enter")
    expect(viewer.locator("table.grid tr")).to_have_count(len(ROWS))
    assert grid(viewer) == [["商品", *ROWS[0][1:]], *ROWS[1:]]
    assert exported(viewer, address)[-4] == "商品\t單價\t備註"
