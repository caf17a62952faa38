"""Uploading where the connection is poor, and where the person sits at another machine."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pikepdf
import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.support import synthetic_pages
from tests.support.browser import READ_WITHIN, entry, log_in

PIECE = 8 * 2**20


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A page with so much beside it that it goes in two pieces."""
    path = synthetic_pages.scanned_pdf(tmp_path / "厚書.pdf", [synthetic_pages.horizontal(["厚重的一頁"])])
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.Root.Ballast = pdf.make_stream(os.urandom(PIECE + 2**20))
        pdf.save(path)
    return path


def offsets(page: Page) -> list[str]:
    """Where the pieces that the page sends begin, as they are sent."""
    seen: list[str] = []

    def note(request: Request) -> None:
        if request.method == "PATCH":
            seen.append(request.headers["upload-offset"])

    page.on("request", note)
    return seen


def lose(page: Page, times: int, start: int) -> None:
    """Loses the connection ``times`` times while the piece that begins at byte ``start`` is sent."""
    lost: list[str] = []

    def route(route: Route) -> None:
        if len(lost) < times and route.request.headers.get("upload-offset") == str(start):
            lost.append(route.request.url)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/parts/*/", route)


def test_after_a_lost_connection_a_file_goes_on_from_where_it_was(window, large):
    page = window()
    page.goto("/")
    sent = offsets(page)
    lose(page, times=3, start=PIECE)  # the third time it waits for seconds, so that what it says then can be seen
    page.locator("#files").set_input_files(large)
    transfer = page.locator(".transfer")
    expect(transfer).to_contain_text("resumes by itself")
    expect(transfer).to_contain_text("Uploaded", timeout=READ_WITHIN)
    assert sent == ["0", *[str(PIECE)] * 4]
    expect(entry(page, "厚書")).to_have_attribute("data-state", "done", timeout=READ_WITHIN)


def test_after_a_reload_the_same_file_goes_on_from_where_it_was(window, large):
    page = window()
    page.goto("/")
    lose(page, times=100, start=PIECE)
    page.locator("#files").set_input_files(large)
    transfer = page.locator(".transfer")
    expect(transfer).to_contain_text("resumes by itself", timeout=READ_WITHIN)
    page.on("dialog", lambda dialog: dialog.accept())  # leave although something is on its way
    page.reload()
    page.unroute_all()  # not before: the page left behind would send the rest
    sent = offsets(page)
    page.locator("#files").set_input_files(large)
    expect(transfer).to_contain_text("Uploaded", timeout=READ_WITHIN)
    assert sent == [str(PIECE)]


def test_an_upload_that_is_stopped_can_be_begun_again(window, large):
    page = window()
    page.goto("/")
    lose(page, times=100, start=PIECE)
    page.locator("#files").set_input_files(large)
    transfer = page.locator(".transfer")
    expect(transfer).to_contain_text("resumes by itself", timeout=READ_WITHIN)
    transfer.get_by_role("button", name="Stop").click()
    expect(transfer).to_contain_text("Stopped")
    page.unroute_all()
    sent = offsets(page)
    transfer.get_by_role("button", name="Try again").click()
    expect(transfer).to_contain_text("Uploaded", timeout=READ_WITHIN)
    assert sent == ["0", str(PIECE)]


def test_after_the_session_has_ended_a_file_waits_for_a_login_in_another_tab(open_browser, files):
    page = open_browser().new_page()
    log_in(page)
    page.context.clear_cookies(name="sessionid")
    page.locator("#files").set_input_files(files["收據"])
    transfer = page.locator(".transfer")
    expect(transfer).to_contain_text("You have been logged out. Log in in another tab")
    page.evaluate("htmx.trigger('#history', 'refresh')")  # as by itself, while something is being read
    expect(page.locator("#logged-out")).to_be_visible()
    log_in(page.context.new_page())
    transfer.get_by_role("button", name="Try again").click()
    expect(transfer).to_have_class(re.compile("is-(taken|known)"))


def test_a_picture_is_pasted_from_the_clipboard(window, tmp_path):
    synthetic_pages.horizontal(["剪貼簿"]).save(tmp_path / "image.png")
    page = window()
    page.goto("/")
    page.evaluate(
        """(bytes) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], "image.png", { type: "image/png" }));
            dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer }));
        }""",
        list((tmp_path / "image.png").read_bytes()),
    )
    expect(page.locator(".transfer.is-taken")).to_contain_text("Pasted picture")


def test_a_phone_offers_its_camera(window):
    page = window(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.goto("/")
    expect(page.get_by_text("Take a photo")).to_be_visible()
    expect(page.locator("#camera")).to_have_attribute("capture", "environment")


def test_options_follow_the_person_to_another_browser(window):
    for expected, chosen in ("auto", "vertical-rl"), ("vertical-rl", "auto"):
        page = window()
        page.goto("/")
        page.get_by_text("OCR options").click()
        expect(page.get_by_label("Direction of writing")).to_have_value(expected)
        with page.expect_response("**/preferences/"):
            page.get_by_label("Direction of writing").select_option(chosen)


def test_a_file_chosen_before_the_scripts_have_come_is_sent(window, files):
    page = window()
    held: list[Route] = []
    page.route("**/js/upload.*.js", lambda route: held.append(route))
    with page.expect_request("**/js/upload.*.js"):
        page.goto("/", wait_until="commit")
    page.locator("#files").set_input_files(files["broken"])
    held[0].continue_()
    expect(page.locator(".transfer.is-refused")).to_contain_text("broken.pdf")
