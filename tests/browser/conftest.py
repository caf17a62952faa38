"""A running platform with real weights, a real browser, and a person who is logged in."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.support import synthetic_pages
from tests.support.browser import MANUAL, POEMS, READ_WITHIN, SIXTY, entry, log_in
from tests.support.slow_server import slow
from tests.support.stack import Platform, platform

PATIENCE = 60_000
"""Milliseconds for anything to appear on a busy machine. What comes sooner costs nothing."""

expect.set_options(timeout=PATIENCE)


# Package scope throughout: while Playwright runs, Django refuses to touch the database, so it ends with these tests.
@pytest.fixture(scope="package")
def site(weights_folder: Path, prepared: Path) -> Iterator[Platform]:
    with platform(weights_folder, prepared=prepared) as running:
        yield running


@pytest.fixture(scope="package")
def far_away(site: Platform) -> Iterator[str]:
    """The address of the platform for somebody who is far from it."""
    with slow(site.port) as address:
        yield address


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        options = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
        yield playwright.chromium.launch(
            executable_path=shutil.which("chromium"), chromium_sandbox=False, args=[*options, "--disable-sync"]
        )


@pytest.fixture(scope="package")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What the person has on disk, by title."""
    folder = tmp_path_factory.mktemp("files")
    synthetic_pages.scanned_pdf(folder / "使用手冊.pdf", [synthetic_pages.horizontal(page) for page in MANUAL])
    synthetic_pages.horizontal(["收據", "咖啡豆 640 元", "合計 725 元"]).save(folder / "收據.png")
    synthetic_pages.scanned_pdf(folder / "唐詩.pdf", [synthetic_pages.vertical(page, 48) for page in POEMS])
    synthetic_pages.horizontal(SIXTY).save(folder / "六十行.png")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing of the kind")
    return {path.stem: path for path in folder.iterdir()}


@pytest.fixture(scope="package")
def cookies(site: Platform, browser: Browser) -> list[dict[str, object]]:
    """The session of a person who has logged in."""
    context = browser.new_context(base_url=site.url, locale="en")
    page = context.new_page()
    log_in(page)
    found = context.cookies()
    context.close()
    return found  # type: ignore[return-value]


@pytest.fixture
def open_browser(site: Platform, browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Opens windows, each without memory of the others. Anything the browser complains about fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # What the server refuses, or the network loses, is no complaint about the page.
        losses = ("Failed to load resource", "htmx:sendError", "htmx:timeout", "htmx:afterRequest", "Error Code")
        lost = any(words in message.text for words in losses)
        if message.type in {"error", "warning"} and not lost:
            complaints.append(message.text)

    def new_window(**options: object) -> BrowserContext:
        context = browser.new_context(**{"base_url": site.url, "locale": "en"} | options)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        context.on("console", note)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        contexts.append(context)
        return context

    yield new_window
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def window(open_browser: Callable[..., BrowserContext], cookies: list) -> Callable[..., Page]:
    """A page of a person who is logged in; takes what Playwright's ``new_context`` takes."""

    def new_page(**options: object) -> Page:
        context = open_browser(**options)
        context.add_cookies(cookies)
        return context.new_page()

    return new_page


@pytest.fixture(scope="package")
def library(site: Platform, browser: Browser, cookies: list, files: dict[str, Path]) -> dict[str, str]:
    """Documents that have been read: address by title."""
    context = browser.new_context(base_url=site.url, locale="en")
    context.add_cookies(cookies)
    page = context.new_page()
    titles = ["六十行", "唐詩"]
    page.goto("/")
    page.locator("#files").set_input_files([files[title] for title in titles])
    for title in titles:
        expect(entry(page, title)).to_have_attribute("data-state", "done", timeout=READ_WITHIN)
    found = {title: str(entry(page, title).get_by_role("link").get_attribute("href")) for title in titles}
    context.close()
    return found
