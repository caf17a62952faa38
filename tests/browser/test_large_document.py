"""500 pages, and 500 lines on one of them, without stutter."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from tests.support.large_document import LINES, PAGES
from tests.support.stack import ROOT, Platform

TENTH = 100
"""Milliseconds up to which an answer seems to come at once."""

STEPS = """async (steps) => {
    for (let step = 0; step < steps; step++) {
        act(step);
        await new Promise(requestAnimationFrame);
    }
}"""


@pytest.fixture
def book(site: Platform, window) -> Page:
    command = [sys.executable, "-m", "tests.support.large_document"]
    environment = os.environ | {"OCRSITE_DATA": str(site.data)}
    seeded = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    page = window(viewport={"width": 1280, "height": 800})
    page.goto(seeded.stdout)
    return page


def typical(page: Page, act: str, steps: int = 40) -> float:
    """Milliseconds that the page computes for a step, until it is drawn; whatever else the machine does meanwhile."""
    browser = page.context.new_cdp_session(page)
    browser.send("Performance.enable", {"timeDomain": "threadTicks"})

    def computed() -> float:
        metrics = browser.send("Performance.getMetrics")["metrics"]
        return next(1000 * each["value"] for each in metrics if each["name"] == "TaskDuration")

    before = computed()
    page.evaluate(STEPS.replace("act(step)", act), steps)
    return (computed() - before) / steps


def test_a_large_document_is_looked_through_without_stutter(book):
    expect(book.locator(".thumb")).to_have_count(PAGES)
    expect(book.locator("#lines .line")).to_have_count(LINES)
    expect(book.locator(".overlay polygon")).to_have_count(LINES)
    book.locator(".line").first.focus()
    arrow = "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }))"
    assert typical(book, arrow) < TENTH
    expect(book.locator(".line").nth(40)).to_be_focused()
    hover = "document.querySelectorAll('.line')[step].dispatchEvent(new PointerEvent('pointerover', { bubbles: true }))"
    assert typical(book, hover) < TENTH
    slide = """{
        const slider = document.getElementById('doubt');
        slider.value = 60 + step;
        slider.dispatchEvent(new Event('input', { bubbles: true }));
    }"""
    assert typical(book, slide) < TENTH

    book.get_by_label("Page number", exact=True).fill("377")
    book.keyboard.press("Enter")
    expect(book.locator("#page")).to_have_attribute("data-number", "377")
    expect(book.locator('.thumb[data-number="377"]')).to_be_in_viewport()
    book.keyboard.press("Escape")
    book.get_by_role("link", name="Next page").click()
    expect(book.locator("#page")).to_have_attribute("data-number", "378")
