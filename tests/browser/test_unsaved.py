"""What somebody has typed is not lost: by going elsewhere, by a slip of a finger, or when the session has ended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Dialog, Locator, Page, expect

from tests.support import synthetic_pages
from tests.support.browser import READ_WITHIN, log_in, look_again, upload, wait_until_saved
from tests.support.stack import USER, Platform

LINES = ["第一行的文字", "第二行的文字", "第三行的文字"]
TYPED = "第一行，改過"


@pytest.fixture
def context(open_browser: Callable[..., BrowserContext]) -> BrowserContext:
    """The browser of a person with a session of their own, which may end without harm to other tests."""
    context = open_browser()
    page = context.new_page()
    log_in(page)
    page.close()
    return context


@pytest.fixture
def viewer(site: Platform, context: BrowserContext, tmp_path: Path) -> Page:
    """A book of two pages that has just been read."""
    book = synthetic_pages.scanned_pdf(
        tmp_path / "book.pdf", [synthetic_pages.horizontal(LINES), synthetic_pages.horizontal(["第二頁"])]
    )
    page = context.new_page()
    page.goto(upload(context.request, site, book))
    expect(page.locator(".progress-line")).to_have_attribute("data-finished", "yes", timeout=READ_WITHIN)
    expect(page.locator(".line")).to_have_count(len(LINES))
    return page


def write(page: Page, text: str = TYPED, line: int = 0) -> Locator:
    """Opens the editor of a line, and types a text without saving it."""
    page.locator(".line").nth(line).focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("Text of the line")
    field.fill(text)
    return field


def stored(page: Page) -> list[str]:
    """The lines of the first page as everybody gets them."""
    wait_until_saved(page)
    address = page.url.partition("?")[0]
    return page.request.get(f"{address}export/txt/").text().split("\n\n")[0].splitlines()


def log_out(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name=USER).click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_label("Password")).to_be_visible()


def test_a_click_on_another_line_saves_what_is_typed_and_goes_there(viewer: Page) -> None:
    write(viewer)
    viewer.locator(".line").nth(1).click()
    expect(viewer.locator(".editor")).to_have_count(0)
    expect(viewer.locator(".line-text").first).to_have_text(TYPED)
    expect(viewer.locator(".line[aria-current]")).to_have_attribute("data-line", "2")
    assert stored(viewer) == [TYPED, *LINES[1:]]

    write(viewer, "第二行，改過", line=1)
    viewer.locator("#page polygon[data-line='3']").click()
    expect(viewer.locator(".line[aria-current]")).to_have_attribute("data-line", "3")
    expect(viewer.locator(".editor")).to_have_count(0)
    assert stored(viewer) == [TYPED, "第二行，改過", LINES[2]]


def test_a_page_turn_saves_what_is_typed_as_soon_as_there_is_a_connection(viewer: Page) -> None:
    write(viewer)
    viewer.context.set_offline(True)
    viewer.get_by_role("link", name="Next page").click()
    expect(viewer.locator("#no-connection")).to_be_visible()
    expect(viewer.locator("#saving")).to_have_text("Saving 1 …")
    expect(viewer.locator(".line.is-unsaved .line-text")).to_have_text(TYPED)
    viewer.context.set_offline(False)
    expect(viewer.locator("#no-connection")).to_be_hidden()
    assert stored(viewer) == [TYPED, *LINES[1:]]
    expect(viewer.locator(".is-unsaved")).to_have_count(0)


def test_nobody_is_written_over_by_going_elsewhere(viewer: Page) -> None:
    colleague = viewer.context.new_page()
    colleague.goto(viewer.url)
    write(viewer)
    write(colleague, "第一行，另一種寫法")
    colleague.keyboard.press("Enter")
    stored(colleague)
    viewer.get_by_role("link", name="Next page").click()
    expect(viewer.locator("#page")).to_have_attribute("data-number", "2")
    notice = viewer.locator("#contested-elsewhere")
    expect(notice).to_contain_text("page 1")
    notice.get_by_role("button", name="Show").click()
    contested = viewer.locator(".contested")
    expect(contested).to_contain_text("admin has just written: 第一行，另一種寫法")
    expect(contested).to_contain_text(TYPED)
    assert stored(viewer)[0] == "第一行，另一種寫法"
    contested.get_by_role("button", name="Discard mine").click()
    expect(contested).to_have_count(0)
    expect(notice).to_be_hidden()
    assert stored(viewer)[0] == "第一行，另一種寫法"


def test_what_is_typed_goes_behind_the_text(viewer: Page) -> None:
    viewer.locator(".line").first.focus()
    viewer.keyboard.press("Enter")
    viewer.keyboard.type("！")
    expect(viewer.get_by_label("Text of the line")).to_have_value(f"{LINES[0]}！")


def test_escape_asks_once_before_it_throws_a_text_away(viewer: Page) -> None:
    viewer.set_viewport_size({"width": 390, "height": 500})
    field = write(viewer)
    viewer.keyboard.press("Escape")
    expect(viewer.locator(".editor-note")).to_contain_text("Unsaved text")
    expect(viewer.locator(".editor-note")).to_be_in_viewport(ratio=0.95)
    expect(field).to_have_value(TYPED)
    viewer.keyboard.type("！")
    viewer.keyboard.press("Escape")  # there is something new to lose
    expect(field).to_have_value(f"{TYPED}！")
    viewer.keyboard.press("Escape")
    expect(viewer.locator(".editor")).to_have_count(0)
    assert stored(viewer) == LINES


def test_the_browser_asks_before_the_page_is_left(viewer: Page) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    viewer.on("dialog", stay)
    field = write(viewer)
    with viewer.expect_event("dialog"):
        viewer.get_by_role("link", name="My documents").click(no_wait_after=True)
    expect(field).to_have_value(TYPED)
    assert asked == ["beforeunload"]
    field.press("Enter")
    expect(field).to_have_value(LINES[1])
    wait_until_saved(viewer)
    viewer.get_by_role("link", name="My documents").click()
    expect(viewer).to_have_title("My documents · ocrsite")
    assert asked == ["beforeunload"]


def test_a_text_outlives_the_session_and_is_saved_after_a_login_in_another_tab(viewer: Page) -> None:
    field = write(viewer)
    other = viewer.context.new_page()
    log_out(other)
    look_again(viewer)
    expect(viewer.locator("#logged-out")).to_be_visible()
    field.press("Enter")
    expect(field).to_have_value(LINES[1])
    expect(viewer.locator("#logged-out")).to_be_visible()
    expect(viewer.locator(".line.is-unsaved .line-text")).to_have_text(TYPED)
    look_again(viewer)
    expect(viewer.locator(".line.is-unsaved .line-text")).to_have_text(TYPED)  # the page waits for it too

    log_in(other)
    expect(viewer.locator(".is-unsaved")).to_have_count(0)
    expect(viewer.locator("#logged-out")).to_be_hidden()
    expect(viewer.locator(".line-text").first).to_have_text(TYPED)
    assert stored(viewer) == [TYPED, *LINES[1:]]


def test_without_a_session_changes_are_marked_until_somebody_has_logged_in(viewer: Page) -> None:
    viewer.context.clear_cookies(name="sessionid")
    for key in "Delete", "Alt+ArrowDown":
        viewer.locator(".line").first.focus()
        viewer.keyboard.press(key)
    expect(viewer.locator("#logged-out")).to_be_visible()
    expect(viewer.locator("#saving")).to_have_text("Saving 2 …")
    expect(viewer.locator(".line.is-unsaved")).to_have_attribute("data-line", "1")
    log_in(viewer.context.new_page())
    expect(viewer.locator("#saving")).to_be_hidden()
    assert stored(viewer) == [LINES[1], LINES[2]]


def test_of_a_document_that_has_gone_only_what_was_typed_stays(viewer: Page) -> None:
    write(viewer)
    other = viewer.context.new_page()
    other.goto(viewer.url)
    other.get_by_role("link", name="Share and organise").click()
    other.get_by_role("button", name="Move to the trash").click()
    expect(other).to_have_title("My documents · ocrsite")
    look_again(viewer)
    expect(viewer.get_by_role("alert")).to_contain_text(TYPED)
    expect(viewer.locator("#main")).to_be_empty()


def test_what_is_typed_over_a_marked_part_is_thrown_away_only_on_purpose(viewer: Page) -> None:
    viewer.locator(".line").first.click()
    viewer.keyboard.press("r")
    viewer.keyboard.press("Enter")
    field = viewer.get_by_label("Line 1")
    expect(field).to_have_value(LINES[0], timeout=READ_WITHIN)
    field.fill(TYPED)
    viewer.get_by_role("link", name="Next page").click()
    expect(viewer.locator(".mark-state")).to_contain_text("Unsaved text")
    expect(viewer.locator("#page")).to_have_attribute("data-number", "1")
    field.fill(f"{TYPED}！")
    for _ in range(2):
        expect(field).to_have_value(f"{TYPED}！")
        field.press("Escape")
    expect(viewer.locator(".mark-panel")).to_have_count(0)
    assert stored(viewer) == LINES
