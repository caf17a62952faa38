"""What several browser tests do with a page."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import APIRequestContext, FloatRect, Locator, Page, expect

from tests.support.stack import PASSWORD, USER, Platform

READ_WITHIN = 120_000
"""Milliseconds for a few pages to be read, the model's loading included, on a busy machine."""

MANUAL = [
    ["使用手冊", "第一章 開始使用", "本系統可將影像與掃描文件轉換為文字。", "Traditional Chinese first."],
    ["第二章 閱讀與校對", "左側為頁面影像，右側為逐行文字。"],
]
SIXTY = [f"第{number}行 共六十行的頁面" for number in range(1, 61)]
POEMS = [["春眠不覺曉處處聞啼鳥", "夜來風雨聲花落知多少"], ["床前明月光疑是地上霜", "舉頭望明月低頭思故鄉"]]
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
AT_REST = """
async () => {
  const moving = () => document.getAnimations().filter((animation) =>
    animation.playState === "running" && Number.isFinite(animation.effect?.getComputedTiming().endTime));
  for (let now = moving(); now.length; now = moving())
    await Promise.allSettled(now.map((animation) => animation.finished));
}
"""
"""Waits for everything that fades or moves, and comes to an end: contrast is that of the page at rest."""
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


APART = 50
"""Milliseconds between two keys of quick hands."""


def press(page: Page, *keys: str) -> None:
    """Presses keys one after the other, whatever has been answered."""
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(APART)


def no_conflict(page: Page) -> None:
    """Nobody is said to have changed what this person alone has changed, and nothing was refused."""
    for notice in "#overtaken", "#overtaken-page", "#not-saved", "#contested-elsewhere", ".contested":
        expect(page.locator(f"{notice}:visible")).to_have_count(0)


def look_again(page: Page) -> None:
    """Somebody comes back to ``page``, which asks then whether it may still show what it shows."""
    page.wait_for_timeout(1_100)  # sooner, it would have been asked just now
    page.evaluate("dispatchEvent(new Event('focus'))")


def log_in(page: Page) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill(USER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_title("My documents · ocrsite")


def confirm_password(page: Page, password: str = PASSWORD) -> None:
    """What changes who gets in asks for the password, but not of somebody who gave it minutes ago. Give it now."""
    page.goto("/accounts/reauthenticate/")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_label("Password")).to_be_hidden()


def place_of(shape: Locator) -> FloatRect:
    """Where something is on the screen, once it has come to rest there."""
    handle = shape.element_handle()
    handle.wait_for_element_state("stable")
    box = handle.bounding_box()
    assert box is not None
    return box


def wait_until_saved(page: Page) -> None:
    """Changes show before the server has them."""
    expect(page.locator("#saving:visible")).to_have_count(0)


def entry(page: Page, title: str) -> Locator:
    """The document's entry in the history."""
    return page.locator(".document").filter(has_text=title)


def faults(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA on the page as it is now."""
    page.evaluate(AT_REST)
    page.evaluate(AXE.read_text() + "; undefined")
    found = page.evaluate("(tags) => axe.run(document, { runOnly: tags })", WCAG)
    return [
        f"{fault['id']}: {node['target']} {node['failureSummary']}"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]


def upload(request: APIRequestContext, site: Platform, path: Path) -> str:
    """Uploads a file as a script does; the address of its document."""
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', request.get("/").text())
    assert token is not None
    answer = request.post(
        "/documents/",
        headers={"Accept": "application/json", "Referer": f"{site.url}/"},
        multipart={
            "csrfmiddlewaretoken": token[1],
            "file": {"name": path.name, "mimeType": "application/pdf", "buffer": path.read_bytes()},
        },
    )
    assert answer.status == 201, answer.text()
    return str(answer.json()["files"][0]["url"])
