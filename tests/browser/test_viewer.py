"""Reading and looking: keyboard, vertical books, doubtful lines, phones, languages, themes, accessibility."""

from __future__ import annotations

import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.support import synthetic_pages
from tests.support.browser import POEMS, READ_WITHIN, SIXTY, entry, faults
from tests.support.stack import PASSWORD, USER, wait_for


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible(window, open_browser, library, scheme):
    stranger = open_browser(color_scheme=scheme).new_page()
    stranger.goto("/accounts/login/")
    assert faults(stranger) == []
    page = window(color_scheme=scheme)
    for address in ("/", "/accounts/password/change/", "/no/such/page/", library["唐詩"]):
        page.goto(address)
        for details in page.locator("details").all():
            details.evaluate("(details) => { details.open = true; }")
        assert faults(page) == [], address
    page.get_by_role("button", name="Whole window").click()
    expect(page.locator(".zoom polygon")).to_have_count(len(POEMS[0]))
    assert faults(page) == []


def test_warnings_are_accessible(window, tmp_path):
    synthetic_pages.horizontal([POEMS[0][0]] * 3, size=9).save(tmp_path / "小字.png")
    page = window()
    page.goto("/")
    page.locator("#files").set_input_files(tmp_path / "小字.png")
    expect(entry(page, "小字")).to_have_attribute("data-state", "done", timeout=READ_WITHIN)
    entry(page, "小字").get_by_role("link").click()
    expect(page.locator(".page-warnings li")).to_contain_text("too small")
    assert faults(page) == []


def test_sixty_lines_can_be_read_with_the_keyboard_alone(window, library):
    page = window()
    page.goto(library["六十行"])
    expect(page.locator("#lines .line")).to_have_count(len(SIXTY))
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.line')"):
            break
    for number in range(1, len(SIXTY) + 1):
        expect(page.locator(":focus")).to_have_attribute("data-line", str(number))
        expect(page.locator(":focus")).to_be_in_viewport()
        expect(page.locator("polygon.is-marked")).to_have_attribute("data-line", str(number))
        page.keyboard.press("ArrowDown")
    expect(page).to_have_url(re.compile("line=60$"))
    page.keyboard.press("f")
    expect(page.locator("#zoom-line")).to_contain_text("第60行")
    page.keyboard.press("Escape")
    expect(page.locator(":focus")).to_have_attribute("data-line", "60")


def test_the_keys_work_without_looking_for_the_list_first_and_go_on_after_a_turn(window, library):
    page = window()
    page.goto(library["唐詩"])
    expect(page.locator(".line")).not_to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(page.locator(".line").first).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#page")).to_have_attribute("data-number", "2")
    expect(page.locator(".line").first).to_be_focused()
    page.reload()
    page.keyboard.press("f")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_sixty_lines_are_proof_read_and_edited_with_the_keyboard_alone(window, library):
    page = window()
    page.goto(library["六十行"])
    expect(page.locator("#lines .line")).to_have_count(len(SIXTY))
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.line')"):
            break
    field, changed = page.get_by_label("Text of the line"), {7, 30, 60}
    page.keyboard.press("Enter")
    for number in range(1, len(SIXTY) + 1):
        expect(page.locator(".line[aria-current]")).to_have_attribute("data-line", str(number))
        expect(field).to_be_focused()
        expect(field).to_be_in_viewport()
        expect(page.locator(".editor-strip")).to_be_in_viewport()
        if number in changed:
            page.keyboard.press("End")
            page.keyboard.type("，校")
        page.keyboard.press("Enter")
    expect(page.locator(".editor")).to_have_count(0)  # after the last line there is no other
    expect(page.locator(".line").last).to_be_focused()
    for number in sorted(changed, reverse=True):
        line = page.locator(".line").nth(number - 1)
        expect(line).to_contain_text("，校")
        page.keyboard.press("Control+z")
        expect(line).not_to_contain_text("，校")


def test_hovering_marks_a_line_on_both_sides_and_clicking_brings_the_other_into_sight(window, library):
    page = window(viewport={"width": 1280, "height": 700})
    page.goto(library["六十行"])
    page.get_by_role("button", name="Fit the width").click()
    page.locator('polygon[data-line="1"]').hover()
    expect(page.locator(".is-marked")).to_have_count(2)
    expect(page.locator(".line.is-marked")).to_have_attribute("data-line", "1")
    page.locator(".line").nth(1).hover()
    expect(page.locator("polygon.is-marked")).to_have_attribute("data-line", "2")
    page.locator(".line").nth(49).click()
    expect(page.locator('polygon[data-line="50"]')).to_be_in_viewport()
    page.locator('polygon[data-line="55"]').click()
    expect(page.locator(".line").nth(54)).to_be_in_viewport()


def test_a_page_is_enlarged_turned_and_fitted(window, library):
    page = window()
    page.goto(library["唐詩"])
    page.get_by_role("button", name="Whole window").click()
    shape = page.locator('.zoom polygon[data-line="1"]')
    expect(shape).to_be_visible()
    page.locator("#zoom").get_by_role("button", name="Turn", exact=True).click()
    wait_for(lambda: (box := shape.bounding_box())["width"] > 2 * box["height"])  # the column lies
    page.locator("#zoom").get_by_role("button", name="Fit the width").click()
    page.locator("#zoom").get_by_role("button", name="Whole page").click()
    page.keyboard.press("Escape")
    expect(page.locator("#zoom")).to_be_hidden()


def test_a_column_is_proof_read_on_a_phone(window, library):
    page = window(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.goto(library["唐詩"])
    line = page.locator(".line").first
    line.tap()
    line.tap()
    strips = page.locator(".editor-strip")
    expect(strips).to_have_count(2)  # the column is cut into pieces beside each other, from right to left
    right, left = (strips.nth(n).bounding_box() for n in (0, 1))
    assert right["x"] > left["x"]
    for part in strips.first, strips.last, page.get_by_label("Text of the line"):
        expect(part).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_an_address_leads_to_its_page_and_line(window, library):
    page = window()
    page.goto(f"{library['唐詩']}?page=2&line=2")
    expect(page.locator("#page")).to_have_attribute("data-number", "2")
    expect(page.locator(".line[aria-current]")).to_have_attribute("data-line", "2")
    expect(page.locator("polygon.is-current")).to_have_attribute("data-line", "2")


def test_a_book_in_vertical_writing_is_turned_to_the_left(window, library):
    page = window()
    page.goto(library["唐詩"])
    expect(page.locator("#lines .line")).to_have_count(len(POEMS[0]))
    following, previous = (
        page.get_by_role("link", name=name).bounding_box() for name in ("Next page", "Previous page")
    )
    assert following["x"] < previous["x"]
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#page")).to_have_attribute("data-number", "2")
    page.go_back()
    expect(page.locator("#page")).to_have_attribute("data-number", "1")


def test_the_slider_leaves_only_doubtful_lines_on_both_sides(window, library):
    page = window()
    page.goto(library["六十行"])
    percents = [int(line.get_attribute("data-percent")) for line in page.locator(".line").all()]
    limit = max(percents)
    expected = sum(percent < limit for percent in percents)
    page.get_by_label("Only lines below").fill(str(limit))
    expect(page.locator(".line:visible")).to_have_count(expected)
    expect(page.locator("polygon:not(.is-hidden)")).to_have_count(expected)
    expect(page.locator("#doubt-value")).to_contain_text(f"{expected} / {len(percents)}")


def test_the_annotated_page_is_saved_as_a_picture(window, library):
    page = window()
    page.goto(library["唐詩"])
    width, height = (float(value) for value in page.locator(".sheet").get_attribute("viewBox").split()[2:])
    with page.expect_download() as coming:
        page.get_by_role("button", name="Save the page with its boxes").click()
    assert coming.value.suggested_filename == "唐詩-1.png"
    with Image.open(coming.value.path()) as picture:
        assert picture.size == (2 * width, height)
        left, right = (picture.crop((part * width, 0, (part + 1) * width, height)).convert("L") for part in (0, 1))
        assert left.getextrema()[0] < 60
        assert right.getextrema()[0] < 60


def test_lines_are_joined_to_paragraphs_without_spaces_between_han(window, library):
    page = window()
    page.goto(library["唐詩"])
    page.locator("#text").scroll_into_view_if_needed()
    expect(page.locator(".text-lines").first).to_have_text("\n".join(POEMS[0]))
    page.get_by_label("Join the lines").check()
    expect(page.locator(".text-lines").first).to_have_text("".join(POEMS[0]))
    page.get_by_label("Join the lines").uncheck()
    expect(page.locator(".text-lines").first).to_have_text("\n".join(POEMS[0]))


def test_special_characters_are_left_out_on_demand(window, library):
    page = window()
    page.goto(library["唐詩"])
    page.locator("#text").scroll_into_view_if_needed()
    text = page.locator(".text-lines").first
    expect(text).to_have_text("\n".join(POEMS[0]))
    text.evaluate(
        """(text) => {
            const other = text.cloneNode();
            other.textContent = 'a~b（臺）＝<c> 5% "d"，e';
            text.replaceWith(other);
        }"""
    )
    page.get_by_label("Leave out special characters").check()
    expect(text).to_have_text("ab臺c 5 d，e")


def test_a_phone_shows_every_page_without_scrolling_sideways_and_turns_by_swiping(window, library):
    page = window(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    for address in ("/", "/accounts/password/change/", library["六十行"], library["唐詩"]):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
    box = page.locator("#picture").bounding_box()
    start, end = ({"clientX": box["x"] + box["width"] * part, "clientY": box["y"] + 100} for part in (0.2, 0.8))
    page.evaluate(
        """([start, end]) => {
            const target = document.querySelector("#picture");
            const finger = (at) => new Touch({ identifier: 1, target, ...at });
            const fire = (type, touches, changed) =>
                target.dispatchEvent(new TouchEvent(type, { bubbles: true, touches, changedTouches: changed }));
            fire("touchstart", [finger(start)], [finger(start)]);
            fire("touchend", [], [finger(end)]);
        }""",
        [start, end],
    )
    expect(page.locator("#page")).to_have_attribute("data-number", "2")


@pytest.mark.parametrize("width", [768, 1024])
def test_the_tools_of_the_viewer_fit_a_tablet(window, library, width):
    page = window(viewport={"width": width, "height": 1024})
    page.goto(library["六十行"])
    expect(page.locator(".line")).to_have_count(len(SIXTY))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".lines").evaluate("(box) => box.scrollWidth - box.clientWidth") <= 1


def test_a_session_that_has_ended_leads_to_the_login_and_back(window, library):
    page = window()
    page.goto(library["唐詩"])
    page.context.clear_cookies()
    page.get_by_role("link", name="Next page").click()
    expect(page).to_have_title("Log in · ocrsite")
    page.get_by_label("Username").fill(USER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_title("唐詩 · ocrsite")


def test_a_server_that_does_not_answer_is_told_until_it_does(window, library):
    page = window()
    page.goto(library["唐詩"])
    page.context.set_offline(True)
    page.get_by_role("link", name="Next page").click()
    expect(page.get_by_role("alert")).to_contain_text("does not answer")
    page.context.set_offline(False)
    page.get_by_role("link", name="Next page").click()
    expect(page.locator("#page")).to_have_attribute("data-number", "2")
    expect(page.get_by_role("alert")).to_be_hidden()


def test_language_and_theme_are_chosen_and_remembered(window):
    page = window(color_scheme="light")
    page.goto("/")
    page.get_by_role("button", name="Language").click()
    page.get_by_role("button", name="繁體中文").click()
    expect(page.get_by_role("heading", name="我的文件").last).to_be_visible()
    page.wait_for_load_state()  # the menu opens by a script
    page.get_by_role("button", name="淺色或深色").click()
    page.get_by_role("button", name="深色", exact=True).click()
    page.goto("/accounts/password/change/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page.locator("html")).to_have_attribute("lang", "zh-hant")
    expect(page).to_have_title("修改密碼 · ocrsite")
