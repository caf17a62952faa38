"""Sharing, choosing many, the same file again and the trash, as people do them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from tests.support import synthetic_pages
from tests.support.browser import READ_WITHIN, entry, faults, look_again, place_of
from tests.support.browser import upload as send
from tests.support.stack import ROOT, Platform, wait_for

READER, READER_PASSWORD = "mei-ling", "paper-and-seal"


@pytest.fixture(scope="package")
def reader(site: Platform) -> None:
    """Somebody else who has an account."""
    words = (
        f"from django.contrib.auth.models import User; User.objects.create_user({READER!r}, '', {READER_PASSWORD!r})"
    )
    command = [sys.executable, "manage.py", "shell", "-c", words]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"OCRSITE_DATA": str(site.data)}, check=True)


def log_in_as_reader(page: Page) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill(READER)
    page.get_by_label("Password").fill(READER_PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#history")).to_be_visible()


def upload(page: Page, folder: Path, *titles: str) -> None:
    """Pictures of these titles, which need not be read."""
    for title in titles:
        synthetic_pages.horizontal([title]).save(folder / f"{title}.png")
    page.locator("#files").set_input_files([folder / f"{title}.png" for title in titles])
    for title in titles:
        expect(entry(page, title)).to_be_visible()


def test_what_is_shared_is_seen_until_it_is_taken_back(window, open_browser, reader, library):
    page, theirs = window(), open_browser().new_page()
    page.goto(library["唐詩"])
    page.get_by_role("link", name="Share and organise").click()
    page.get_by_label("Person").fill(READER)
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.locator(".share:not(.link)")).to_contain_text(READER)

    log_in_as_reader(theirs)
    theirs.get_by_role("link", name="Shared with me").click()
    entry(theirs, "唐詩").get_by_role("link").click()
    expect(theirs.locator("#lines .line").first).to_be_visible()
    expect(theirs.get_by_text("you may read it")).to_be_visible()

    page.get_by_role("button", name="Stop sharing").click()
    expect(page.get_by_text("With nobody so far.")).to_be_visible()
    theirs.locator(".thumb").nth(1).click()
    expect(theirs.get_by_text("it belongs to somebody else")).to_be_visible()
    assert theirs.evaluate("(address) => fetch(address).then((answer) => answer.status)", library["唐詩"]) == 404


def share_with_reader(page: Page, document: str, person: str = READER) -> None:
    page.goto(f"{document}manage/")
    page.get_by_label("Person").fill(person)
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.locator(".share:not(.link)")).to_contain_text(person)


def take_back(page: Page, document: str) -> None:
    page.goto(f"{document}manage/")
    page.get_by_role("button", name="Stop sharing").click()
    expect(page.get_by_text("With nobody so far.")).to_be_visible()


def test_what_is_taken_back_goes_from_a_tab_in_which_nobody_does_anything(window, open_browser, reader, library):
    page, viewer, theirs = window(), library["唐詩"], open_browser()
    share_with_reader(page, viewer)
    reading, listed = theirs.new_page(), theirs.new_page()
    for tab in (reading, listed):
        tab.clock.install()
    log_in_as_reader(listed)
    expect(entry(listed, "唐詩")).to_be_visible()
    reading.goto(viewer)
    reading.locator("#enlarge").click()
    expect(reading.locator("#zoom canvas").first).to_be_visible()

    take_back(page, viewer)
    reading.clock.run_for(50_000)
    expect(reading.get_by_text("it belongs to somebody else")).to_be_visible()
    expect(reading.locator("#zoom")).to_have_count(0)
    assert "唐詩" not in reading.content()
    listed.clock.run_for(50_000)
    expect(entry(listed, "唐詩")).to_have_count(0)
    expect(listed.locator("#history .count")).to_have_text("0")


def test_a_tab_is_asked_about_when_somebody_returns_to_it(window, open_browser, reader, library):
    page, viewer, theirs = window(), library["唐詩"], open_browser().new_page()
    share_with_reader(page, viewer)
    log_in_as_reader(theirs)
    theirs.goto(f"{viewer}text/")
    expect(theirs.get_by_text("床前明月光")).to_be_visible()
    take_back(page, viewer)
    look_again(theirs)
    expect(theirs.get_by_text("it belongs to somebody else")).to_be_visible()


def test_many_are_chosen_with_shift_or_the_keyboard_and_tagged_at_once(window, tmp_path):
    page = window()
    page.goto("/")
    upload(page, tmp_path, "選取一", "選取二", "選取三")
    picks = page.locator(".pick")
    picks.nth(0).check()
    picks.nth(2).click(modifiers=["Shift"])
    expect(page.locator("#bulk-count")).to_have_text("3 selected")
    page.keyboard.press("Escape")
    expect(page.locator("#bulk")).to_be_hidden()

    picks.nth(0).focus()
    for key in ("x", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator("#bulk-count")).to_have_text("2 selected")
    page.evaluate("htmx.trigger('#history', 'refresh')")
    expect(page.locator("#bulk-count")).to_have_text("2 selected")
    page.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_placeholder("New tags").fill("成批")
    page.keyboard.press("Enter")
    expect(page.locator(".document").filter(has_text="成批")).to_have_count(2)
    page.goto("/?tag=成批")
    expect(page.locator(".document")).to_have_count(2)


UNDER_THE_BAR = """() => {
  const place = (element) => element.getBoundingClientRect();
  const [it, bar] = [place(document.activeElement), place(document.getElementById("bulk"))];
  return it.bottom > bar.top && it.top < bar.bottom;
}"""


@pytest.mark.parametrize("width", [1280, 390])
def test_what_the_keyboard_reaches_is_not_under_the_bar_of_the_selection(window, tmp_path, width):
    page = window(viewport={"width": width, "height": 500}, reduced_motion="reduce")  # scrolls at once
    page.goto("/")
    upload(page, tmp_path, *(f"下方{width}{number}" for number in "一二三四五"))
    page.locator(".pick").first.check()
    page.get_by_role("button", name="Select none").focus()
    for _ in range(10):  # the bar comes before the list
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('.list-head, .document') !== null")
        assert not page.evaluate(UNDER_THE_BAR)


def redraw(page: Page, part: str = "#history", address: str | None = None) -> None:
    """Has a part of the page come anew, and waits for it."""
    page.evaluate("(part) => document.querySelector(part).setAttribute('data-old', '')", part)
    page.evaluate(
        "([part, address]) => address ? htmx.ajax('GET', address, { target: part, swap: 'outerHTML' })"
        " : htmx.trigger(part, 'refresh')",
        [part, address],
    )
    expect(page.locator(f"{part}[data-old]")).to_have_count(0)
    expect(page.locator(f"{part}.htmx-settling")).to_have_count(0)


@pytest.mark.parametrize(("way", "name"), [("after", "Back"), ("before", "Further")])
def test_the_keyboard_keeps_its_place_in_a_list_that_comes_anew(window, library, way, name):
    page = window(viewport={"width": 390, "height": 400}, reduced_motion="reduce")
    page.goto("/")
    documents = page.locator(".document")
    end = documents.first if way == "after" else documents.last
    place = f"{end.locator('time').get_attribute('datetime')}~{end.get_attribute('data-document')}"
    page.goto(f"/?{urlencode({way: place})}")
    turning = page.get_by_role("link", name=name, exact=True)
    turning.focus()
    redraw(page)
    expect(turning).to_be_focused()

    pick = page.locator(".pick").last
    pick.focus()
    page.evaluate("scrollTo(0, 0)")
    redraw(page)
    expect(pick).to_be_focused()
    assert page.evaluate("scrollY") == 0, "somebody is reading elsewhere on the page"


def test_the_keyboard_stays_at_a_folder_whose_sums_come_later(window):
    page = window()
    page.goto("/")
    page.locator(".new-folder summary").click()
    page.get_by_label("Name of the folder").fill("鍵盤")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Uploads go into the folder")).to_be_visible()
    page.goto("/")
    folder = page.get_by_role("link", name="鍵盤")
    folder.focus()
    redraw(page, "#folders", "/?sums=yes")
    expect(folder).to_be_focused()


def list_on_its_way(page: Page) -> tuple[Route, APIResponse]:
    """Asks for the list once more; the answer, which is held back."""
    expect(page.locator("#history[hx-trigger='refresh']")).to_be_visible(timeout=READ_WITHIN)  # nothing is being read
    held: list[tuple[Route, APIResponse]] = []
    page.route(re.compile(r"/\?$"), lambda route: held.append((route, route.fetch())), times=1)
    page.evaluate("htmx.trigger('#history', 'refresh')")
    wait_for(lambda: page.wait_for_timeout(50) or held)
    return held[0]


def test_what_is_clicked_is_not_replaced_between_press_and_release(window, site, tmp_path):
    page = window()
    page.goto("/")
    upload(page, tmp_path, "按住不放")
    expect(entry(page, "按住不放")).to_have_attribute("data-state", "done", timeout=READ_WITHIN)
    synthetic_pages.horizontal(["後來的一份"]).save(later := tmp_path / "後來的一份.png")
    send(page.context.request, site, later)
    route, answer = list_on_its_way(page)
    pick = entry(page, "按住不放").locator(".pick")
    box = place_of(pick)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    route.fulfill(response=answer)
    expect(page.locator("#history.htmx-request")).to_have_count(0)
    page.mouse.up()
    expect(pick).to_be_checked()
    expect(entry(page, "後來的一份")).to_be_visible()


def test_what_comes_while_the_list_is_on_its_way_is_shown_too(window, site, tmp_path):
    page = window()
    page.goto("/")
    route, older = list_on_its_way(page)
    synthetic_pages.horizontal(["姍姍來遲"]).save(late := tmp_path / "姍姍來遲.png")
    send(page.context.request, site, late)
    page.evaluate("htmx.trigger('#history', 'refresh')")
    route.fulfill(response=older)
    expect(entry(page, "姍姍來遲")).to_be_visible()


def test_the_same_file_is_kept_again_only_when_asked_and_comes_back_from_the_trash(window, tmp_path):
    page = window()
    page.goto("/")
    upload(page, tmp_path, "同一份")
    page.locator("#files").set_input_files(tmp_path / "同一份.png")
    row = page.locator(".transfer.is-known")
    expect(row).to_contain_text("here already")
    expect(entry(page, "同一份")).to_have_count(1)
    row.get_by_role("button", name="Keep it a second time").click()
    expect(entry(page, "同一份")).to_have_count(2)

    for pick in entry(page, "同一份").locator(".pick").all():
        pick.check()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Move to the trash").click()
    expect(page.get_by_text("2 documents moved to the trash.")).to_be_visible()
    expect(entry(page, "同一份")).to_have_count(0)
    page.get_by_role("link", name="To the trash").click()
    entry(page, "同一份").locator(".pick").first.check()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("1 document is back.")).to_be_visible()
    page.goto("/")
    expect(entry(page, "同一份")).to_have_count(1)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_library_is_accessible(window, tmp_path, theme):
    page = window(color_scheme=theme)
    page.goto("/")
    upload(page, tmp_path, f"無障礙 {theme}")
    page.locator(".new-folder summary").click()
    page.get_by_label("Name of the folder").fill(f"信件 {theme}")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Uploads go into the folder")).to_be_visible()
    page.goto("/")
    page.locator(".filters summary").click()
    page.locator(".pick").first.check()
    assert faults(page) == []
    page.get_by_role("button", name="Move").click()
    expect(page.get_by_role("combobox", name="Folder")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("combobox", name="Folder").select_option(label=f"信件 {theme}")
    page.get_by_role("button", name="Move").click()
    page.get_by_role("link", name=f"信件 {theme}").first.click()
    expect(page.locator(".document")).to_have_count(1)
    page.get_by_role("link", name="Share or change this folder").click()
    expect(page.get_by_label("with the folders inside it")).to_be_visible()
    assert faults(page) == []
    page.get_by_label("with the folders inside it").check()
    page.get_by_role("button", name="Delete the folder").click()
    page.goto("/trash/")
    entry(page, f"無障礙 {theme}").locator(".pick").check()
    assert faults(page) == []
    page.get_by_role("button", name="for good").click()
    expect(page.get_by_role("button", name="Delete for good")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("deleted for good.")).to_be_visible()
